/**
 * Folds the room's log into what a chat shows.
 *
 * Pure, and independent of order: after a resume events come twice, and paging back brings a
 * message after its edits. Each field keeps the event with the greatest offset, so any order and
 * any repetition of the same events gives the same state.
 */

import type { By, LoggedEvent, MessageEvent } from "../wire/control.js";
import type { ChatMessage, MessageReaction, PollState } from "./types.js";

interface Reacted {
  readonly offset: number;
  readonly on: boolean;
  readonly emoji: string;
  readonly by: By;
}

interface Vote {
  readonly offset: number;
  readonly by: By;
  readonly options: readonly number[];
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
  readonly reacted: ReadonlyMap<string, Reacted>;
  /** By offset: which of them count is known only with the poll's end. */
  readonly votes: ReadonlyMap<number, Vote>;
  /** Offset of the poll's end. */
  readonly closed: number | null;
  readonly pin: { readonly offset: number; readonly on: boolean } | null;
}

export interface ChatLog {
  readonly entries: ReadonlyMap<string, Entry>;
  /** Offset of the last `clear`; messages before it are not shown. */
  readonly cleared: number;
}

const NOTHING_KNOWN: Entry = {
  said: null,
  edit: null,
  deleted: false,
  reacted: new Map(),
  votes: new Map(),
  closed: null,
  pin: null,
};

export const EMPTY_LOG: ChatLog = { entries: new Map(), cleared: 0 };

/** The same person or kernel, from whichever device. */
export function sameUser(a: By, b: By): boolean {
  return a.user.name === b.user.name && a.kind === b.kind;
}

/** The key by which reactions and votes count once. */
function hand(by: By): string {
  return `${by.kind}:${by.user.name}`;
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
      const key = `${event.emoji} ${hand(by)}`;
      const known = entry.reacted.get(key);
      if (known && known.offset >= offset) return entry;
      const word: Reacted = { offset, on: event.on, emoji: event.emoji, by };
      return { ...entry, reacted: new Map(entry.reacted).set(key, word) };
    }
    case "vote": {
      if (entry.votes.has(offset)) return entry;
      const vote: Vote = { offset, by, options: event.options };
      return { ...entry, votes: new Map(entry.votes).set(offset, vote) };
    }
    case "close":
      return entry.closed !== null && entry.closed <= offset ? entry : { ...entry, closed: offset };
    case "pin":
      if (entry.pin !== null && entry.pin.offset >= offset) return entry;
      return { ...entry, pin: { offset, on: event.on } };
    case "clear":
      return entry;
  }
}

/** `log` with `events` taken in, in whatever order they come. */
export function fold(log: ChatLog, events: readonly LoggedEvent[]): ChatLog {
  if (events.length === 0) return log;
  const entries = new Map(log.entries);
  let { cleared } = log;
  for (const logged of events) {
    const { event, offset } = logged;
    if (event.kind === "clear") {
      cleared = Math.max(cleared, offset);
    } else {
      entries.set(event.id, foldEntry(entries.get(event.id) ?? NOTHING_KNOWN, logged));
    }
  }
  return { entries, cleared };
}

function reactions(entry: Entry, me: By | null): readonly MessageReaction[] {
  const byEmoji = new Map<string, By[]>();
  const words = [...entry.reacted.values()].filter((word) => word.on);
  for (const { emoji, by } of words.sort((a, b) => a.offset - b.offset)) {
    const people = byEmoji.get(emoji);
    if (people) people.push(by);
    else byEmoji.set(emoji, [by]);
  }
  return [...byEmoji].map(([emoji, by]) => ({ emoji, by, mine: includes(by, me) }));
}

function includes(people: readonly By[], me: By | null): boolean {
  return me !== null && people.some((one) => sameUser(one, me));
}

/** The votes that count: each user's last one before the poll's end, in the order they came. */
function countedVotes(entry: Entry): readonly Vote[] {
  const last = new Map<string, Vote>();
  for (const vote of [...entry.votes.values()].sort((a, b) => a.offset - b.offset)) {
    if (entry.closed !== null && vote.offset >= entry.closed) break;
    last.delete(hand(vote.by)); // the order is that of the last word
    last.set(hand(vote.by), vote);
  }
  return [...last.values()].filter((vote) => vote.options.length > 0);
}

function pollState(entry: Entry, event: MessageEvent, me: By | null): PollState | null {
  if (event.poll === undefined) return null;
  const votes = countedVotes(entry);
  const options = event.poll.options.map((text, place) => {
    const by = votes.filter((vote) => vote.options.includes(place)).map((vote) => vote.by);
    return { text, by, mine: includes(by, me) };
  });
  const closed = entry.closed !== null;
  return { options, multiple: event.poll.multiple ?? false, closed, voters: votes.length };
}

function show(entry: Entry, said: Said, key: string, me: By | null): ChatMessage {
  const { event } = said;
  const mentions = event.mentions ?? [];
  const message: ChatMessage = {
    key,
    id: event.id,
    cid: said.cid,
    offset: said.offset,
    at: said.at,
    by: said.by,
    own: me !== null && sameUser(said.by, me),
    body: entry.edit?.body ?? event.body,
    data: event.data ?? null,
    replyTo: event.reply_to ?? null,
    to: event.to ?? null,
    readers: event.readers ?? null,
    poll: pollState(entry, event, me),
    files: event.files ?? [],
    mentions,
    mentionsMe: me !== null && mentions.some(({ name }) => name === me.user.name),
    location: event.location ?? null,
    pinned: entry.pin?.on ?? false,
    editedAt: entry.edit?.at ?? null,
    deleted: entry.deleted,
    reactions: reactions(entry, me),
    delivery: { kind: "sent" },
  };
  return entry.deleted ? { ...message, ...DELETED } : message;
}

/** What is left of a deleted message: who, when and to whom. */
const DELETED = {
  body: "",
  data: null,
  poll: null,
  files: [],
  mentions: [],
  mentionsMe: false,
  location: null,
  pinned: false,
  editedAt: null,
  reactions: [],
} satisfies Partial<ChatMessage>;

/** Gives the rendering key of an own message that was shown before it had an id. */
export type KeyOf = (id: string) => string | undefined;

/**
 * Shows a log as messages, oldest first. A message whose entry did not change stays the same
 * object, so that a view re-renders only what is new.
 */
export class ChatView {
  #shown = new WeakMap<Entry, ChatMessage>();
  #me: By | null = null;

  constructor(readonly keyOf: KeyOf = () => undefined) {}

  /** Those of the messages that `wanted` chooses. */
  messages(
    log: ChatLog,
    me: By | null,
    wanted: (entry: Entry, offset: number) => boolean = () => true,
  ): readonly ChatMessage[] {
    const visible: ChatMessage[] = [];
    for (const entry of log.entries.values()) {
      if (entry.said === null || !wanted(entry, entry.said.offset)) continue;
      const message = this.#show(log, entry, me);
      if (message) visible.push(message);
    }
    return visible.sort((a, b) => (a.offset ?? 0) - (b.offset ?? 0));
  }

  /** One message; undefined where the log has none, or no longer. */
  message(log: ChatLog, me: By | null, id: string): ChatMessage | undefined {
    const entry = log.entries.get(id);
    return entry && this.#show(log, entry, me);
  }

  #show(log: ChatLog, entry: Entry, me: By | null): ChatMessage | undefined {
    const { said } = entry;
    if (said === null || said.offset <= log.cleared) return undefined;
    if (me?.user.name !== this.#me?.user.name || me?.kind !== this.#me?.kind) {
      this.#shown = new WeakMap();
      this.#me = me;
    }
    let message = this.#shown.get(entry);
    if (!message) {
      message = show(entry, said, this.keyOf(said.event.id) ?? said.event.id, me);
      this.#shown.set(entry, message);
    }
    return message;
  }
}
