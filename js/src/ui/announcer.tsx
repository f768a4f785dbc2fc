/** Tells screen readers what others see happen: messages, people who come and go, hands. */

import { effect } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { ChatMessage, Participant, Session } from "../session/index.js";
import { preview } from "./chat/preview.js";
import { nameOf, plainName, sayWaiting } from "./people.js";
import { strings } from "./strings.js";
import { newestOffset, useRoom } from "./view.js";

/** What happens within this time is said in one sentence, ms. */
const COLLECT_MS = 700;
/** More messages than this at once are counted; read out are only those that mention one. */
const READ_OUT = 2;

/** Messages of others after `offset`, oldest first. */
function newsOf(list: readonly ChatMessage[], offset: number): readonly ChatMessage[] {
  const news: ChatMessage[] = [];
  // From the newest: of a long chat only what is new is looked at.
  for (let at = list.length - 1; at >= 0; at -= 1) {
    const message = list[at];
    if (!message || (message.offset ?? Number.POSITIVE_INFINITY) <= offset) break;
    if (!message.own && !message.deleted) news.push(message);
  }
  return news.reverse();
}

/** One message as it is read out. */
function announcement(message: ChatMessage): string {
  const who = plainName(message.by);
  if (message.to) return strings.announcePrivate(who, preview(message));
  if (message.mentionsMe) return strings.announceMention(who, preview(message));
  return strings.announceMessage(who, preview(message));
}

/** Calls `say` with one text for everything that happened in a short while. */
function watchRoom(session: Session, say: (text: string) => void): () => void {
  let offset: number | null = null;
  let people: ReadonlyMap<string, Participant> | null = null;
  let parts: string[] = [];
  let messages: string[] = [];
  let calls: string[] = [];
  let known: readonly Participant[] = [];
  let waits = false;
  let before = "";
  let timer: ReturnType<typeof setTimeout> | undefined;
  const flush = (): void => {
    timer = undefined;
    const many = messages.length > READ_OUT;
    const said = many ? [strings.announceMessages(messages.length), ...calls] : messages;
    const text = [...parts, ...said].join(". ");
    // The same words again are only read when the text is another one.
    before = text === before ? `${text}\u00a0` : text;
    say(before);
    parts = [];
    messages = [];
    calls = [];
  };
  const collect = (): void => {
    timer ??= setTimeout(flush, COLLECT_MS);
  };
  const stop = effect(() => {
    const list = session.messages.value;
    const now = session.participants.value;
    const lobby = session.lobby.value;
    const { kind } = session.phase.value;
    if (kind === "waiting" && !waits) {
      const title = session.roomInfo.peek()?.title || session.room;
      parts.push(strings.waitingText(title));
      collect();
    }
    if (kind === "live" && waits) {
      parts.push(strings.letIn);
      collect();
    }
    waits = kind === "waiting";
    if (kind !== "live") return;
    const came = lobby.filter(({ id }) => !known.some((one) => one.id === id));
    known = lobby;
    if (came.length > 0) {
      parts.push(sayWaiting(came));
      collect();
    }
    const own = session.you.value?.id;
    if (offset !== null) {
      const news = newsOf(list, offset);
      messages.push(...news.map(announcement));
      calls.push(...news.filter((message) => message.mentionsMe).map(announcement));
      if (news.length > 0) collect();
    }
    offset = Math.max(offset ?? 0, newestOffset(list));
    if (people !== null && people !== now) {
      for (const [id, who] of now) {
        if (id === own) continue;
        const before = people.get(id);
        if (!before) parts.push(strings.announceJoined(nameOf(who)));
        else if (who.state.hand && !before.state.hand)
          parts.push(strings.announceHand(nameOf(who)));
      }
      for (const [id, who] of people) {
        if (!now.has(id) && id !== own) parts.push(strings.announceLeft(nameOf(who)));
      }
      if (parts.length > 0) collect();
    }
    people = now;
  });
  return () => {
    stop();
    clearTimeout(timer);
  };
}

export function Announcer(): JSX.Element {
  const { session } = useRoom();
  const [text, setText] = useState("");
  useEffect(() => watchRoom(session, setText), [session]);
  return (
    <div class="mw-hidden" aria-live="polite">
      {text}
    </div>
  );
}
