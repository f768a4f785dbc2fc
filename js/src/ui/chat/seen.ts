/**
 * What somebody has read of a chat, and where the "New" line stands.
 *
 * Messages count as read while their end of the chat is before somebody's eyes. The line marks
 * where they had stopped when they come back to it, and stays until they write or until something
 * newer comes while they are away. The browser remembers the place for the next time.
 */

import { effect } from "@preact/signals";
import type { Session } from "../../session/index.js";
import { remembered } from "../remember.js";
import { newestOffset, type RoomView, unreadCount, type ViewState } from "../view.js";
import { readingOf } from "./reading.js";

/** Offsets mean something within one log, and to one user only. */
function logOf(session: Session): string {
  return `${session.roomInfo.peek()?.epoch ?? ""} ${session.you.peek()?.user.name ?? ""}`;
}

/**
 * Takes up where this user stopped reading, once the room is live; whoever was never here has
 * nothing unread: what was said before they came is history, not news.
 */
export function takeUpReading(session: Session, state: ViewState): void {
  if (state.seen.peek() !== null) return;
  const kept = remembered<string>(`seen:${session.room}`, "");
  const [, log = "", offset = ""] = /^(.*) (\d+)$/.exec(kept.peek()) ?? [];
  const newest = newestOffset(session.messages.peek());
  state.seen.value = log === logOf(session) ? Math.min(Number(offset), newest) : newest;
  effect(() => {
    const seen = state.seen.value;
    if (seen !== null) kept.value = `${logOf(session)} ${seen}`;
  });
}

/** Watches one view of the chat. */
export class Reader {
  #watching = false;
  readonly #view: RoomView;

  constructor(view: RoomView) {
    this.#view = view;
  }

  /** After which offset the "New" line stands; null: nowhere. */
  get newAfter(): number | null {
    const { session, state } = this.#view;
    const latched = readingOf(session).newAfter.value;
    const seen = state.seen.value;
    return !this.#watching && unreadCount(session.messages.value, seen) > 0 ? seen : latched;
  }

  /** Says whether the newest messages are before somebody's eyes; they are read then. */
  look(watching: boolean): void {
    const { session, state } = this.#view;
    const before = this.#watching;
    this.#watching = watching;
    if (!watching || state.seen.peek() === null) return;
    const seen = state.seen.peek() ?? 0;
    const messages = session.messages.peek();
    if (!before && unreadCount(messages, seen) > 0) readingOf(session).newAfter.value = seen;
    const newest = newestOffset(messages);
    if (newest > seen) state.seen.value = newest;
  }

  /** This person has answered: nothing is new any more. */
  answered(): void {
    readingOf(this.#view.session).newAfter.value = null;
  }
}
