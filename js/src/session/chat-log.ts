/**
 * Folds the room's log into what a chat shows.
 *
 * Pure, and independent of order: after a resume events come twice, and paging back brings a
 * message after its edits. Each field keeps the event with the greatest offset, so any order and
 * any repetition of the same events gives the same state.
 */

import type { By, LoggedEvent, MessageEvent } from "../wire/control.js";
import type { ChatMessage, MessageReaction } from "./types.js";

interface Vote {
  readonly offset: number;
  readonly on: boolean;
  readonly emoji: string;
  readonly by: By;
}

interface Said {
  readonly offset: number;
  readonly at: number;
  readonly by: By;
  readonly cid: string | null;
  readonly event: MessageEvent;
}

/** Everything known about one message id; `said` is null while only later events are known. */
export interface Entry {
  readonly said: Said | null;
  readonly edit: { readonly offset: number; readonly at: number; readonly body: string } | null;
  readonly deleted: boolean;
  /** By emoji and user: the latest word of each. */
  readonly votes: ReadonlyMap<string, Vote>;
}

export interface ChatLog {
  readonly entries: ReadonlyMap<string, Entry>;
  /** Offset of the last `clear`; messages before it are not shown. */
  readonly cleared: number;
  /** Least and greatest offset seen; null for none. */
  readonly lowest: number | null;
  readonly highest: number | null;
}

const NOTHING_KNOWN: Entry = { said: null, edit: null, deleted: false, votes: new Map() };

export const EMPTY_LOG: ChatLog = {
  entries: new Map(),
  cleared: 0,
  lowest: null,
  highest: null,
};

/** The same person or kernel, from whichever device. */
export function sameUser(a: By, b: By): boolean {
  return a.user.name === b.user.name && a.kind === b.kind;
}

function foldEntry(entry: Entry, logged: LoggedEvent): Entry {
  const { event, offset, at, by } = logged;
  switch (event.kind) {
    case "message":
      if (entry.said !== null) {
        if (entry.said.offset > offset) return entry;
        // The same event again: live it carries the cid, from history it does not.
        if (entry.said.offset === offset && (entry.said.cid || !logged.cid)) return entry;
      }
      return { ...entry, said: { offset, at, by, cid: logged.cid ?? null, event } };
    case "edit":
      if (entry.edit !== null && entry.edit.offset >= offset) return entry;
      return { ...entry, edit: { offset, at, body: event.body } };
    case "delete":
      return entry.deleted ? entry : { ...entry, deleted: true };
    case "reaction": {
      const key = `${event.emoji} ${by.kind} ${by.user.name}`;
      const known = entry.votes.get(key);
      if (known && known.offset >= offset) return entry;
      const vote: Vote = { offset, on: event.on, emoji: event.emoji, by };
      return { ...entry, votes: new Map(entry.votes).set(key, vote) };
    }
    case "clear":
      return entry;
  }
}

/** `log` with `events` taken in, in whatever order they come. */
export function fold(log: ChatLog, events: readonly LoggedEvent[]): ChatLog {
  if (events.length === 0) return log;
  const entries = new Map(log.entries);
  let { cleared, lowest, highest } = log;
  for (const logged of events) {
    const { event, offset } = logged;
    lowest = lowest === null ? offset : Math.min(lowest, offset);
    highest = highest === null ? offset : Math.max(highest, offset);
    if (event.kind === "clear") {
      cleared = Math.max(cleared, offset);
    } else {
      entries.set(event.id, foldEntry(entries.get(event.id) ?? NOTHING_KNOWN, logged));
    }
  }
  return { entries, cleared, lowest, highest };
}

function reactions(entry: Entry, me: By | null): readonly MessageReaction[] {
  const byEmoji = new Map<string, By[]>();
  const votes = [...entry.votes.values()].filter((vote) => vote.on);
  for (const { emoji, by } of votes.sort((a, b) => a.offset - b.offset)) {
    const voters = byEmoji.get(emoji);
    if (voters) voters.push(by);
    else byEmoji.set(emoji, [by]);
  }
  return [...byEmoji].map(([emoji, by]) => ({
    emoji,
    by,
    mine: me !== null && by.some((voter) => sameUser(voter, me)),
  }));
}

function show(entry: Entry, said: Said, key: string, me: By | null): ChatMessage {
  const { event } = said;
  return {
    key,
    id: event.id,
    cid: said.cid,
    offset: said.offset,
    at: said.at,
    by: said.by,
    own: me !== null && sameUser(said.by, me),
    body: entry.deleted ? "" : (entry.edit?.body ?? event.body),
    data: entry.deleted ? null : (event.data ?? null),
    replyTo: event.reply_to ?? null,
    to: event.to ?? null,
    editedAt: entry.deleted ? null : (entry.edit?.at ?? null),
    deleted: entry.deleted,
    reactions: entry.deleted ? [] : reactions(entry, me),
    delivery: { kind: "sent" },
  };
}

/**
 * Shows a log as messages, oldest first. A message whose entry did not change stays the same
 * object, so that a view re-renders only what is new.
 */
export class ChatView {
  #shown = new WeakMap<Entry, ChatMessage>();
  #me: By | null = null;

  /** `keyOf` gives the rendering key of an own message that was shown before it had an id. */
  messages(
    log: ChatLog,
    me: By | null,
    keyOf: (id: string) => string | undefined,
  ): readonly ChatMessage[] {
    if (me?.user.name !== this.#me?.user.name || me?.kind !== this.#me?.kind) {
      this.#shown = new WeakMap();
      this.#me = me;
    }
    const visible: ChatMessage[] = [];
    for (const [id, entry] of log.entries) {
      if (entry.said === null || entry.said.offset <= log.cleared) continue;
      let message = this.#shown.get(entry);
      if (!message) {
        message = show(entry, entry.said, keyOf(id) ?? id, me);
        this.#shown.set(entry, message);
      }
      visible.push(message);
    }
    return visible.sort((a, b) => (a.offset ?? 0) - (b.offset ?? 0));
  }
}
