/** What stands at the ends of the list: how to get more messages, or that there are none. */

import type { JSX } from "preact";
import { Icon } from "../icons.js";
import { strings } from "../strings.js";

/** A chat of fewer messages needs no word about where it begins. */
const LONG = 30;

interface Props {
  readonly side: "older" | "newer";
  readonly more: boolean;
  readonly loading: boolean;
  readonly error: string | null;
  /** How many messages there are. */
  readonly count: number;
  readonly onLoad: () => void;
}

export function Edge({ side, more, loading, error, count, onLoad }: Props): JSX.Element | null {
  const older = side === "older";
  if (loading && more) {
    return <p class="mw-older">{older ? strings.loadingOlder : strings.loadingNewer}</p>;
  }
  if (error !== null || more) {
    return (
      <p class="mw-older">
        {error !== null && <>{older ? strings.olderFailed : strings.newerFailed} </>}
        <button type="button" class="mw-link" data-testid={`mw-${side}`} onClick={onLoad}>
          {error !== null ? strings.retry : older ? strings.loadOlder : strings.loadNewer}
        </button>
      </p>
    );
  }
  if (count > 0) return count < LONG ? null : <p class="mw-older">{strings.beginning}</p>;
  return (
    <div class="mw-empty">
      <Icon name="chat" size={28} />
      <b>{strings.noMessages}</b>
      <p>{strings.noMessagesHint}</p>
    </div>
  );
}
