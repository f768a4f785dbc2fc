/**
 * A notebook and a cell in it, as a chip: on shared cards, on messages, on the next message, in
 * the list of people. Where the notebook around us can go there it is a button, else plain text.
 */

import type { JSX } from "preact";
import type { Location } from "../session/index.js";
import type { NotebookHost } from "./host.js";
import { Icon } from "./icons.js";
import { strings } from "./strings.js";
import { useCellNumber, useHost } from "./use-host.js";
import { type RoomView, useRoom } from "./view.js";

/** "analysis.ipynb", without its folders. */
export function fileName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** "analysis.ipynb, cell 3"; without the cell where that is not known. */
export function usePlaceLabel(place: Location | null): string {
  const number = useCellNumber(useHost(), place);
  const name = fileName(place?.path ?? "");
  return number === null ? name : strings.placeCell(name, number);
}

/** Goes to a place, and tells people in the room's own way when that does not work. */
export async function visitPlace(
  { session }: RoomView,
  host: NotebookHost,
  place: Location,
  keep?: Element | null,
  focus = true,
): Promise<void> {
  try {
    const { cellFound } = await host.open(place, { focus, ...(keep ? { keep } : {}) });
    if (!cellFound) session.notify("info", "no-cell", strings.noSuchCell(fileName(place.path)));
  } catch (error) {
    session.notify("error", "no-place", (error as Error).message);
  }
}

/** The chip; `verb` says what the place is to the reader ("from", "look at"), before the name. */
export function PlaceChip({ place, verb }: { place: Location; verb?: string }): JSX.Element {
  const view = useRoom();
  const host = useHost();
  const label = usePlaceLabel(place);
  const content = (
    <>
      <Icon name="place" size={14} />
      {verb && <span class="mw-muted">{verb}</span>} <span class="mw-ellipsis">{label}</span>
    </>
  );
  if (!host) {
    return (
      <span class="mw-place" title={place.path} data-testid="mw-place">
        {content}
      </span>
    );
  }
  return (
    <button
      type="button"
      class="mw-place"
      title={strings.goTo(place.path)}
      aria-label={verb ? undefined : strings.goTo(label)}
      data-testid="mw-place"
      onClick={(event) =>
        void visitPlace(view, host, place, event.currentTarget.closest(".mw-room"))
      }
    >
      {content}
    </button>
  );
}
