/**
 * Tells a person of messages that are meant for them (they are mentioned, or written to in
 * private) while they look elsewhere: in the page's title, by the system's notifications and by a
 * sound, if they want that.
 */

import { effect, type Signal } from "@preact/signals";
import type { ChatMessage, Session } from "../session/index.js";
import { preview } from "./chat/preview.js";
import { showMessage } from "./chat/reading.js";
import { plainName } from "./people.js";
import { remembered } from "./remember.js";
import { strings } from "./strings.js";
import { newestOffset, type RoomView } from "./view.js";

/** Wishes of this person, for all rooms; the browser keeps them. */
export const wishes = {
  /** Notifications by the system: not asked yet, wanted, not wanted. */
  notify: remembered<string>("mention-notify", "ask") as Signal<"ask" | "on" | "off">,
  sound: remembered<boolean>("mention-sound", false),
};

/** Whether a message is meant for this person above all. */
export function isForMe(message: ChatMessage): boolean {
  return !message.own && !message.deleted && (message.mentionsMe || message.to !== null);
}

/** Messages for this person that came after what they have seen. */
export function mentionCount(messages: readonly ChatMessage[], seen: number | null): number {
  if (seen === null) return 0;
  return messages.filter((message) => (message.offset ?? 0) > seen && isForMe(message)).length;
}

/** Whether the system can tell people of something; only secure pages may ask for it. */
export function canNotify(): boolean {
  return typeof Notification === "function" && isSecureContext;
}

/** Asks to be allowed to notify; call on a click. False: the browser does not allow it. */
export async function allowNotifying(): Promise<boolean> {
  const allowed = canNotify() && (await Notification.requestPermission()) === "granted";
  wishes.notify.value = allowed ? "on" : "off";
  return allowed;
}

const SLOT = "attention";

interface Watch {
  views: number;
  stop: () => void;
}

/** Watches the room of `view` until the returned function is called; once for all its views. */
export function attend(view: RoomView): () => void {
  const { slots } = view.session;
  const running = slots.get(SLOT) as Watch | undefined;
  const watch = running ?? { views: 0, stop: watchRoom(view) };
  slots.set(SLOT, watch);
  watch.views += 1;
  return () => {
    watch.views -= 1;
    if (watch.views > 0) return;
    watch.stop();
    slots.delete(SLOT);
  };
}

function watchRoom(view: RoomView): () => void {
  const { session, state } = view;
  /** The newest message heard of; null while not in the room. */
  let newest: number | null = null;
  const stopNews = effect(() => {
    const messages = session.messages.value;
    const { kind } = session.phase.value;
    if (kind !== "live" && kind !== "reconnecting") newest = null;
    if (kind !== "live") return;
    const last = newest;
    newest = newestOffset(messages);
    if (last === null) return;
    const news = messages.filter((message) => (message.offset ?? 0) > last && isForMe(message));
    for (const message of news) tell(view, message);
  });
  const recount = (): void => {
    counts.set(session, mentionCount(session.messages.peek(), state.seen.peek()));
    retitle();
  };
  const stopCount = effect(() => {
    void session.messages.value;
    void state.seen.value;
    recount();
  });
  document.addEventListener("visibilitychange", retitle);
  // JupyterLab names its page anew now and then. Only what has no mark gets one: each widget has a
  // module of its own, and two of them must not overwrite each other for ever.
  const named = new MutationObserver(() => MARK.test(document.title) || retitle());
  named.observe(document.head, { subtree: true, childList: true, characterData: true });
  return () => {
    stopNews();
    stopCount();
    counts.delete(session);
    retitle();
    document.removeEventListener("visibilitychange", retitle);
    named.disconnect();
  };
}

function tell(view: RoomView, message: ChatMessage): void {
  const elsewhere = document.visibilityState === "hidden" || !document.hasFocus();
  const { tab, panelOpen } = view.state;
  if (wishes.sound.peek() && (elsewhere || !panelOpen.peek() || tab.peek() !== "chat")) chime();
  if (elsewhere && wishes.notify.peek() === "on") notify(view, message);
}

function notify(view: RoomView, message: ChatMessage): void {
  if (!canNotify() || Notification.permission !== "granted") return;
  const { session } = view;
  const who = plainName(message.by);
  const room = session.roomInfo.peek()?.title || session.room;
  const title = message.mentionsMe ? strings.mentioned(who, room) : strings.wroteYou(who, room);
  const id = message.id ?? message.key;
  try {
    // The tag makes one of all those that several tabs show.
    const shown = new Notification(title, { body: preview(message), tag: `meetwidget ${id}` });
    shown.onclick = () => {
      window.focus();
      showMessage(view, id);
      shown.close();
    };
  } catch {
    // Phones notify through service workers only: title and mark tell of it there.
  }
}

/** Two soft notes, Hz and seconds. */
const NOTES = [660, 880] as const;
const NOTE_S = 0.12;
const LOUDNESS = 0.08;
/** Longer than all of them together, ms. */
const CHIME_MS = 1500;

function chime(): void {
  const context = new AudioContext();
  NOTES.forEach((frequency, place) => {
    const start = context.currentTime + place * NOTE_S;
    const gain = new GainNode(context, { gain: 0 });
    gain.gain.setTargetAtTime(LOUDNESS, start, 0.01);
    gain.gain.setTargetAtTime(0, start + NOTE_S / 2, 0.05);
    const note = new OscillatorNode(context, { frequency });
    note.connect(gain).connect(context.destination);
    note.start(start);
    note.stop(start + 4 * NOTE_S);
  });
  // Not when the notes end: a page that may not sound yet never plays them.
  setTimeout(() => void context.close(), CHIME_MS);
}

/** Messages for this person, by room, that nobody has seen yet. */
const counts = new Map<Session, number>();
const MARK = /^\(\d+\) /;
/** What stands before the page's own title. */
let prefix = "";

function retitle(): void {
  const count = [...counts.values()].reduce((sum, one) => sum + one, 0);
  const wanted = count > 0 && document.visibilityState === "hidden" ? `(${count}) ` : "";
  const { title } = document;
  const bare = prefix !== "" && title.startsWith(prefix) ? title.slice(prefix.length) : title;
  prefix = wanted;
  if (document.title !== wanted + bare) document.title = wanted + bare;
}
