/**
 * The chat: the folded log, own sends on their way, and the way back through history.
 *
 * The log is known without holes from `from` on, which is what `messages` shows; of what is before
 * it, single messages and stretches may be known too (pinned ones, passages).
 */

import { computed, type ReadonlySignal, signal } from "@preact/signals-core";
import type { Ack, By, ChatSend, FileRef, LoggedEvent, Poll } from "../wire/control.js";
import { ChatLog } from "./chat-log.js";
import { MeetingError } from "./failure.js";
import type { Outbox } from "./outbox.js";
import type { ChatMessage, Delivery, HistoryState, PollState } from "./types.js";

interface Send {
  readonly message: ChatSend;
  /** What the message's files are; the relay is sent their ids. */
  readonly files: readonly FileRef[];
  readonly at: number;
  readonly delivery: Delivery;
  readonly ack: Ack | null;
  /** Greatest offset in the log when it was sent. */
  readonly since: number;
}

/**
 * After a loss the log may bring a send whose acknowledgement was lost, and without its cid.
 * Until the repeated send is acknowledged, which settles it, it is not shown twice.
 */
function looksLogged(send: Send, logged: readonly ChatMessage[]): boolean {
  if (send.delivery.kind !== "pending") return false;
  for (let index = logged.length - 1; index >= 0; index -= 1) {
    const message = logged[index]!;
    if ((message.offset ?? 0) <= send.since) return false;
    if (message.own && message.cid === null && message.body === send.message.body) return true;
  }
  return false;
}

export class Chat {
  #log = new ChatLog();
  /** Counts the changes of the log, which is no signal itself. */
  readonly #changes = signal(0);
  readonly #me = signal<By | null>(null);
  readonly #sends = signal<readonly Send[]>([]);
  readonly #more = signal<HistoryState>({ more: false, loading: false, error: null });
  /** By message id: the key an own message was rendered by while it had no id. */
  readonly #keys = new Map<string, string>();
  /** From this offset on everything is known. */
  readonly #from = signal(0);
  /** Greatest offset that came by the socket: what lies before it has been told. */
  #newest = 0;
  #generation = 0;

  readonly cleared = computed(() => this.#read().cleared);

  readonly messages: ReadonlySignal<readonly ChatMessage[]> = computed(() => {
    const me = this.#me.value;
    const logged = this.#read().messages(this.#from.value);
    const sends = this.#sends.value
      .filter((send) => !looksLogged(send, logged))
      .map((send) => this.#showSend(send, me));
    return sends.length === 0 ? logged : [...logged, ...sends];
  });

  #pinned: readonly ChatMessage[] = [];
  /** The same list until one of them changes. */
  readonly pinned: ReadonlySignal<readonly ChatMessage[]> = computed(() => {
    const before = this.#pinned;
    const pinned = this.#read().pinned();
    const same = pinned.length === before.length && pinned.every((one, i) => one === before[i]);
    if (!same) this.#pinned = pinned;
    return this.#pinned;
  });

  readonly history: ReadonlySignal<HistoryState> = computed(() => {
    const state = this.#more.value;
    return state.more && this.cleared.value >= this.#from.value ? { ...state, more: false } : state;
  });

  /** `missing` is called with the id of a pinned message that is not known here. */
  constructor(
    readonly outbox: Outbox,
    readonly missing: (id: string) => void,
  ) {}

  /** Where the resume goes on: greatest offset that came by the socket; 0 for none. */
  get offset(): number {
    return this.#newest;
  }

  /** From this offset on the log is known without holes. */
  get from(): number {
    return this.#from.peek();
  }

  /** Changes whenever the log is replaced by another. */
  get generation(): number {
    return this.#generation;
  }

  /** Sends that are not in the log yet, failed ones included. */
  get unsent(): readonly ChatSend[] {
    return this.#sends.peek().map((send) => send.message);
  }

  /** A message that is known, wherever in the log. */
  message(id: string): ChatMessage | undefined {
    const logged = this.#log.message(id);
    if (logged) return logged;
    const send = this.#sends.peek().find((one) => one.ack?.id === id);
    return send && this.#showSend(send, this.#me.peek());
  }

  /** The known messages in a range of offsets, both included; to be read in a computed signal. */
  between(from: number, to: number): readonly ChatMessage[] {
    return this.#read().messages(from, to);
  }

  /**
   * A new connection: `events` continue the log, or with `anew` replace it; `pinned` are events
   * about pinned messages that are older than all of them.
   */
  welcome(
    me: By,
    events: readonly LoggedEvent[],
    anew: boolean,
    pinned: readonly LoggedEvent[] = [],
  ): void {
    this.#me.value = me;
    if (anew) {
      this.#generation += 1;
      this.#newest = 0;
      this.#log = new ChatLog((id) => this.#keys.get(id));
      this.#log.take(pinned);
      const lowest = events.length > 0 ? Math.min(...events.map((event) => event.offset)) : 0;
      this.#from.value = lowest;
      this.#more.value = { more: lowest > 1, loading: false, error: null };
    }
    this.#log.readBy(me);
    this.#changes.value += 1;
    this.take(events);
  }

  /** Takes events that came by the socket, in any order. */
  take(events: readonly LoggedEvent[]): void {
    for (const { cid, event, offset } of events) {
      if (offset > this.#newest) this.#newest = offset;
      if (cid !== undefined && event.kind === "message") this.#arrived(cid, event.id);
    }
    this.learn(events);
    for (const { event } of events) {
      if (event.kind === "pin" && event.on && !this.#log.knows(event.id)) this.missing(event.id);
    }
  }

  /** Takes events that were asked for, from anywhere in the log. */
  learn(events: readonly LoggedEvent[]): void {
    if (this.#log.take(events)) this.#changes.value += 1;
  }

  /** Everything from an earlier offset on is known now; `more`: there is something before it. */
  extend(from: number, more: boolean): void {
    if (from >= this.#from.peek()) return;
    this.#from.value = from;
    this.#more.value = { more, loading: false, error: null };
  }

  /** Sends a message, or sends it again. */
  send(message: ChatSend, files: readonly FileRef[] = []): void {
    const others = this.#sends.peek().filter((send) => send.message.cid !== message.cid);
    const at = Date.now();
    this.#sends.value = [
      ...others,
      { message, files, at, delivery: { kind: "pending" }, ack: null, since: this.offset },
    ];
    this.outbox.add(message).then(
      (ack) => this.#acknowledged(ack),
      (error: MeetingError) =>
        this.#update(message.cid, { delivery: { kind: "failed", reason: error.message } }),
    );
  }

  retry(cid: string): void {
    const send = this.#sends.peek().find((one) => one.message.cid === cid);
    if (send?.delivery.kind === "failed") this.send(send.message, send.files);
  }

  discard(cid: string): void {
    this.#sends.value = this.#sends
      .peek()
      .filter((send) => send.message.cid !== cid || send.delivery.kind !== "failed");
  }

  /** Loads the page before the oldest message with `load`. */
  async loadOlder(
    load: (before: number) => Promise<{ events: readonly LoggedEvent[]; more: boolean }>,
  ): Promise<void> {
    const state = this.history.peek();
    if (state.loading || !state.more) return;
    const before = this.#from.peek();
    const log = this.#generation;
    // A snapshot may replace the log meanwhile; then this page belongs to nothing.
    const changed = () => log !== this.#generation || this.#from.peek() !== before;
    this.#more.value = { ...state, loading: true, error: null };
    try {
      const { events, more } = await load(before);
      if (changed()) return this.#idle();
      this.learn(events);
      this.#from.value = Math.min(before, ...events.map((event) => event.offset));
      this.#more.value = { more: more && events.length > 0, loading: false, error: null };
    } catch (error) {
      if (changed()) return this.#idle();
      const text = error instanceof MeetingError ? error.message : String(error);
      this.#more.value = { more: true, loading: false, error: text };
    }
  }

  /** The log, for a computed signal. */
  #read(): ChatLog {
    this.#changes.value;
    return this.#log;
  }

  #idle(): void {
    this.#more.value = { ...this.#more.peek(), loading: false };
  }

  #acknowledged(ack: Ack): void {
    if (ack.id !== undefined && this.#log.knows(ack.id)) {
      // Already shown under its id (after a resume the event has no cid): the key stays that.
      this.#sends.value = this.#sends.peek().filter((send) => send.message.cid !== ack.cid);
    } else {
      this.#update(ack.cid, { ack, delivery: { kind: "sent" } });
      if (ack.id !== undefined) this.#keys.set(ack.id, ack.cid);
    }
  }

  /** The log has the message: its place there replaces the send. */
  #arrived(cid: string, id: string): void {
    const sends = this.#sends.peek();
    const left = sends.filter((send) => send.message.cid !== cid);
    if (left.length === sends.length) return;
    this.#keys.set(id, cid);
    this.#sends.value = left;
  }

  #update(cid: string, change: Partial<Send>): void {
    this.#sends.value = this.#sends
      .peek()
      .map((send) => (send.message.cid === cid ? { ...send, ...change } : send));
  }

  #showSend({ message, files, at, delivery, ack }: Send, me: By | null): ChatMessage {
    const { poll, mentions = [] } = message;
    return {
      key: message.cid,
      id: ack?.id ?? null,
      cid: message.cid,
      offset: ack?.offset ?? null,
      at: ack?.at ?? at,
      by: me ?? NOT_YET_KNOWN,
      own: true,
      body: message.body,
      data: message.data ?? null,
      replyTo: message.reply_to ?? null,
      to: message.to ?? null,
      readers: null,
      poll: poll ? unanswered(poll) : null,
      files,
      mentions,
      mentionsMe: mentions.some(({ name }) => name === me?.user.name),
      location: message.location ?? null,
      pinned: false,
      editedAt: null,
      deleted: false,
      reactions: [],
      delivery,
    };
  }
}

/** A poll that is on its way. */
function unanswered({ options, multiple = false }: Poll): PollState {
  const texts = options.map((text) => ({ text, by: [], mine: false }));
  return { options: texts, multiple, closed: false, voters: 0 };
}

/** The author of a message written before the first welcome. */
const NOT_YET_KNOWN: By = {
  id: "",
  kind: "person",
  user: { name: "", display_name: "You", initials: "", color: "" },
};
