/**
 * Where somebody reads in the chat: what is looked for, what is new since they last looked.
 *
 * Kept with the session like the rest of the view: a re-run cell must not lose the place. Other
 * parts lead to a message by `showMessage` and need not know whether it is loaded.
 */

import { type Signal, signal } from "@preact/signals";
import type { Session } from "../../session/index.js";
import type { RoomView } from "../view.js";

export interface Reading {
  /** Id of a message that is to be shown; null once it is. */
  readonly goal: Signal<string | null>;
  /** Whether the search pane is open. */
  readonly searching: Signal<boolean>;
  /** Words that stand out in messages, in lower case. */
  readonly words: Signal<readonly string[]>;
  /** The "New" line stands after this offset; null: there is none. */
  readonly newAfter: Signal<number | null>;
}

const SLOT = "reading";

/** The place in the chat of `session`, made on first use. */
export function readingOf(session: Session): Reading {
  const found = session.slots.get(SLOT) as Reading | undefined;
  if (found) return found;
  const made: Reading = {
    goal: signal<string | null>(null),
    searching: signal(false),
    words: signal<readonly string[]>([]),
    newAfter: signal<number | null>(null),
  };
  session.slots.set(SLOT, made);
  return made;
}

/** Opens the chat at the message `id`, however old it is; says so if there is none. */
export function showMessage({ session, state }: RoomView, id: string): void {
  state.panelOpen.value = true;
  state.tab.value = "chat";
  readingOf(session).goal.value = id;
}
