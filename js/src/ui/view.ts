/**
 * What a view of a room remembers, besides what session and engine know.
 *
 * Kept with the session, not with the component: a re-run cell disposes its view, and a
 * half-written message must survive that.
 */

import { type Signal, signal } from "@preact/signals";
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { MediaEngine } from "../media/index.js";
import type { ChatMessage, Session } from "../session/index.js";
import type { Floating } from "./float.js";
import { remembered } from "./remember.js";
import { Seating } from "./seating.js";
import { Signs } from "./signs.js";
import { Turns } from "./turns.js";

export type Tab = "chat" | "people";
export type StageLayout = "grid" | "spotlight";

export interface ViewState {
  readonly tab: Signal<Tab>;
  readonly panelOpen: Signal<boolean>;
  readonly settingsOpen: Signal<boolean>;
  readonly layout: Signal<StageLayout>;
  /** Key of the tile this person wants large, whatever the layout; null for none. */
  readonly pinned: Signal<string | null>;
  /** Streams of shared screens that this person has turned away from. */
  readonly dismissed: Signal<ReadonlySet<string>>;
  /** Who has the stage when nothing is pinned or shared: a participant. */
  readonly speaker: Signal<string | null>;
  readonly turns: Turns;
  readonly seating: Seating;
  /** The page of the stage, from 0. */
  readonly page: Signal<number>;
  /** Whether one's own camera is left out; remembered by the browser. */
  readonly hideSelf: Signal<boolean>;
  /** How each stream arrives. */
  readonly signs: Signs;
  /** The small window that shows the stage instead of the notebook; null: none. */
  readonly floating: Signal<Floating | null>;
  /** What is being typed. */
  readonly draft: Signal<string>;
  /** Key of the message being answered or edited. */
  readonly replyTo: Signal<ChatMessage | null>;
  readonly editing: Signal<ChatMessage | null>;
  /** Offset of the newest message somebody has had before their eyes; null before the first. */
  readonly seen: Signal<number | null>;
  /** When this person came into the room, `Date.now()`; a reconnect does not start it anew. */
  readonly since: Signal<number | null>;
}

const SLOT = "view";

/** The state of the views of `session`, made on first use. */
export function viewStateOf(session: Session): ViewState {
  const found = session.slots.get(SLOT) as ViewState | undefined;
  if (found) return found;
  const made: ViewState = {
    tab: signal<Tab>("chat"),
    panelOpen: signal(true),
    settingsOpen: signal(false),
    layout: signal<StageLayout>("grid"),
    pinned: signal<string | null>(null),
    dismissed: signal<ReadonlySet<string>>(new Set()),
    speaker: signal<string | null>(null),
    turns: new Turns(),
    seating: new Seating(),
    page: signal(0),
    hideSelf: remembered("hide-self", false),
    signs: new Signs(),
    floating: signal<Floating | null>(null),
    draft: signal(""),
    replyTo: signal<ChatMessage | null>(null),
    editing: signal<ChatMessage | null>(null),
    seen: signal<number | null>(null),
    since: signal<number | null>(null),
  };
  session.slots.set(SLOT, made);
  return made;
}

/** Puts a message of one's own into the composer, to be changed. */
export function startEditing(state: ViewState, message: ChatMessage): void {
  state.replyTo.value = null;
  state.editing.value = message;
  state.draft.value = message.body;
}

/** Answers a message with what is written next. */
export function startReply(state: ViewState, message: ChatMessage): void {
  if (state.editing.value) state.draft.value = "";
  state.editing.value = null;
  state.replyTo.value = message;
}

/** How others get in, as the host knows it. */
export interface Invitation {
  /** The line to run in a notebook. */
  readonly command: string;
  /** An address that opens this notebook or room, without secrets; null if there is none. */
  readonly link: string | null;
}

/** What every component of a room may use. */
export interface RoomView {
  readonly session: Session;
  /** Null where media cannot work at all; the room is then for reading and writing. */
  readonly engine: MediaEngine | null;
  readonly state: ViewState;
  readonly invitation: Invitation;
  /** Whether this tab has been in the room before: the page was reloaded. */
  readonly returning: boolean;
}

export const RoomContext = createContext<RoomView | null>(null);

export function useRoom(): RoomView {
  const view = useContext(RoomContext);
  if (!view) throw new Error("useRoom outside of a room");
  return view;
}

/** Messages of others that came after what has been seen. */
export function unreadCount(messages: readonly ChatMessage[], seen: number | null): number {
  if (seen === null) return 0;
  let count = 0;
  for (const message of messages) {
    if (message.own || message.deleted || message.offset === null) continue;
    if (message.offset > seen) count += 1;
  }
  return count;
}

/** The newest offset among `messages`; 0 when there is none. */
export function newestOffset(messages: readonly ChatMessage[]): number {
  return messages.reduce((newest, message) => Math.max(newest, message.offset ?? 0), 0);
}
