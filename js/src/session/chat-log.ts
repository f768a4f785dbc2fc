/**
 * Folds the room's log into what a chat shows, as `meetwidget/wire/fold.py` does.
 *
 * It is independent of order: after a resume events come twice, and paging back brings a message
 * after its edits. Each field keeps the event with the greatest offset, so any order and any
 * repetition of the same events gives the same state. What one event costs does not grow with the
 * log, save for the copy of a list.
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
interface Entry {
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

const NOTHING_KNOWN: Entry = {
  said: null,
  edit: null,
  deleted: false,
  reacted: new Map(),
  votes: new Map(),
  closed: null,
  pin: null,
};

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

function byOffset(a: ChatMessage, b: ChatMessage): number {
  return (a.offset ?? 0) - (b.offset ?? 0);
}

/** The room's log as far as it is known, and the messages it leaves. */
export class ChatLog {
  readonly #entries = new Map<string, Entry>();
  /** What is to be read, by id. A message about which nothing new is known stays the same object. */
  readonly #shown = new Map<string, ChatMessage>();
  /** The same, oldest first. */
  #order: ChatMessage[] = [];
  #cleared = 0;
  #me: By | null = null;

  constructor(readonly keyOf: KeyOf = () => undefined) {}

  /** Offset of the last `clear`; messages before it are not shown. */
  get cleared(): number {
    return this.#cleared;
  }

  /** Who reads: which messages, reactions and votes are theirs. True if that is somebody else. */
  readBy(me: By): boolean {
    const before = this.#me;
    this.#me = me;
    if (before !== null && sameUser(before, me)) return false;
    this.#order = this.#order.map((message) => this.#show(message.id ?? "") ?? message);
    return true;
  }

  /** Takes events in, in whatever order they come; false if they say nothing new. */
  take(events: readonly LoggedEvent[]): boolean {
    const changed = new Set<string>();
    const cleared = this.#cleared;
    for (const logged of events) {
      const { event, offset } = logged;
      if (event.kind === "clear") {
        this.#cleared = Math.max(this.#cleared, offset);
        continue;
      }
      const known = this.#entries.get(event.id);
      const entry = foldEntry(known ?? NOTHING_KNOWN, logged);
      if (entry === known) continue;
      this.#entries.set(event.id, entry);
      changed.add(event.id);
    }
    if (this.#cleared > cleared) this.#clear();
    this.#place(changed);
    return changed.size > 0 || this.#cleared > cleared;
  }

  /** Whether the message itself is known, and not only what happened to it. */
  knows(id: string): boolean {
    return Boolean(this.#entries.get(id)?.said);
  }

  /** One message; undefined where the log has none, or no longer. */
  message(id: string): ChatMessage | undefined {
    return this.#shown.get(id);
  }

  /** The known messages in a range of offsets, both included, oldest first. */
  messages(from = 0, to = Number.POSITIVE_INFINITY): readonly ChatMessage[] {
    return this.#order.slice(this.#index(from), this.#index(to + 1));
  }

  pinned(): readonly ChatMessage[] {
    return this.#order.filter((message) => message.pinned);
  }

  /** Where a message of this offset is, or would be. */
  #index(offset: number): number {
    let low = 0;
    let high = this.#order.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#order[middle]?.offset ?? 0) < offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #show(id: string): ChatMessage | undefined {
    const entry = this.#entries.get(id);
    const said = entry?.said;
    if (!entry || !said || said.offset <= this.#cleared) return undefined;
    const message = show(entry, said, this.keyOf(id) ?? id, this.#me);
    this.#shown.set(id, message);
    return message;
  }

  #clear(): void {
    const gone = this.#order.splice(0, this.#index(this.#cleared + 1));
    for (const { id } of gone) this.#shown.delete(id ?? "");
  }

  /** Shows what is known of these messages now. */
  #place(ids: ReadonlySet<string>): void {
    const added: ChatMessage[] = [];
    for (const id of ids) {
      const before = this.#shown.get(id);
      const message = this.#show(id);
      if (!message) continue;
      const place = before ? this.#index(before.offset ?? 0) : -1;
      if (before?.offset === message.offset) this.#order[place] = message;
      else {
        if (before) this.#order.splice(place, 1);
        added.push(message);
      }
    }
    if (added.length === 0) return;
    added.sort(byOffset);
    const last = this.#order.at(-1);
    const later = !last || byOffset(last, added[0] as ChatMessage) < 0;
    if (later) for (const message of added) this.#order.push(message);
    else this.#order = [...this.#order, ...added].sort(byOffset);
  }
}
