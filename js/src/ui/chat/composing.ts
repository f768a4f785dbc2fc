/**
 * What is put together for the next message, besides its text (`view.ts` has that and what is
 * answered): files, to whom, a poll, a place.
 *
 * Kept with the session, not with the component: a re-run cell disposes its view, and half a poll
 * must survive that.
 */

import { type Signal, signal } from "@preact/signals";
import type { Location, Session, User } from "../../session/index.js";
import { Uploads } from "./uploads.js";

export interface PollDraft {
  readonly options: readonly string[];
  readonly multiple: boolean;
}

export interface Composing {
  readonly uploads: Uploads;
  /** Whom the next message is for, on whichever device; null: everybody. */
  readonly readers: Signal<readonly User[] | null>;
  /** The poll that the next message is; its question is the draft. */
  readonly poll: Signal<PollDraft | null>;
  /** The notebook and cell that the next message points at. */
  readonly place: Signal<Location | null>;
  /** Goes up when the composer shall take the focus. */
  readonly summoned: Signal<number>;
}

const SLOT = "composing";

/** The message that is being put together in `session`, made on first use. */
export function composingOf(session: Session): Composing {
  const found = session.slots.get(SLOT) as Composing | undefined;
  if (found) return found;
  const made: Composing = {
    uploads: new Uploads(session),
    readers: signal<readonly User[] | null>(null),
    poll: signal<PollDraft | null>(null),
    place: signal<Location | null>(null),
    summoned: signal(0),
  };
  session.slots.set(SLOT, made);
  return made;
}

/** Puts the cursor where messages are written. */
export function summon(session: Session): void {
  composingOf(session).summoned.value += 1;
}

/** Lets the next message point at a cell. */
export function pointAt(session: Session, place: Location): void {
  composingOf(session).place.value = place;
  summon(session);
}

/** Lets the next message be for these only. */
export function writeTo(session: Session, readers: readonly User[]): void {
  composingOf(session).readers.value = readers;
  summon(session);
}
