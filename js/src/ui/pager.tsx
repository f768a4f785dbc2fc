/** Turns the pages of the stage. */

import type { JSX } from "preact";
import type { Rect } from "./grid.js";
import { Icon } from "./icons.js";
import { strings } from "./strings.js";

interface Props {
  /** From 0. */
  readonly page: number;
  readonly pages: number;
  readonly place: Rect;
  readonly onTurn: (by: -1 | 1) => void;
}

export function Pager({ page, pages, place, onTurn }: Props): JSX.Element {
  return (
    <nav
      class="mw-pager"
      aria-label={strings.pages}
      data-testid="mw-pager"
      style={{
        left: `${place.x}px`,
        top: `${place.y}px`,
        width: `${place.width}px`,
        height: `${place.height}px`,
      }}
    >
      <Turn label={strings.pageBefore} icon="left" off={page === 0} onClick={() => onTurn(-1)} />
      <span aria-live="polite">
        <span class="mw-hidden">{strings.pageOf(page + 1, pages)}</span>
        <span aria-hidden="true" data-testid="mw-page">
          {page + 1}/{pages}
        </span>
      </span>
      <Turn
        label={strings.pageNext}
        icon="right"
        off={page === pages - 1}
        onClick={() => onTurn(1)}
      />
    </nav>
  );
}

interface TurnProps {
  readonly label: string;
  readonly icon: "left" | "right";
  /** At the end; it stays reachable, so that the focus is not lost on the last page. */
  readonly off: boolean;
  readonly onClick: () => void;
}

function Turn({ label, icon, off, onClick }: TurnProps): JSX.Element {
  return (
    <button
      type="button"
      class="mw-turn"
      title={label}
      aria-label={label}
      aria-disabled={off}
      onClick={onClick}
    >
      <Icon name={icon} size={16} />
    </button>
  );
}
