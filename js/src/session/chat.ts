/** The chat: the folded log, own sends on their way, and the way back through history. */

import { computed, type ReadonlySignal, signal } from "@preact/signals-core";
import type { Ack, By, ChatSend, LoggedEvent } from "../wire/control.js";
import { type ChatLog, ChatView, EMPTY_LOG, fold } from "./chat-log.js";
import { MeetingError } from "./failure.js";
import type { Outbox } from "./outbox.js";
import type { ChatMessage, Delivery, HistoryState } from "./types.js";

interface Send {
  readonly message: ChatSend;
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
  readonly #log = signal<ChatLog>(EMPTY_LOG);
  readonly #me = signal<By | null>(null);
  readonly #sends = signal<readonly Send[]>([]);
  readonly #more = signal<HistoryState>({ more: false, loading: false, error: null });
  readonly #view = new ChatView();
  /** By message id: the key an own message was rendered by while it had no id. */
  readonly #keys = new Map<string, string>();

  readonly messages: ReadonlySignal<readonly ChatMessage[]> = computed(() => {
    const me = this.#me.value;
    const logged = this.#view.messages(this.#log.value, me, (id) => this.#keys.get(id));
    const sends = this.#sends.value
      .filter((send) => !looksLogged(send, logged))
      .map((send) => this.#showSend(send, me));
    return sends.length === 0 ? logged : [...logged, ...sends];
  });

  constructor(readonly outbox: Outbox) {}

  get history(): ReadonlySignal<HistoryState> {
    return this.#more;
  }

  /** Greatest offset seen; 0 for none. */
  get offset(): number {
    return this.#log.peek().highest ?? 0;
  }

  /** Sends that are not in the log yet, failed ones included. */
  get unsent(): readonly ChatSend[] {
    return this.#sends.peek().map((send) => send.message);
  }

  /** A new connection: `events` continue the log, or with `anew` replace it. */
  welcome(me: By, events: readonly LoggedEvent[], anew: boolean): void {
    this.#me.value = me;
    if (anew) this.#log.value = EMPTY_LOG;
    this.take(events);
    if (anew) {
      const { lowest } = this.#log.peek();
      this.#more.value = { more: lowest !== null && lowest > 1, loading: false, error: null };
    }
  }

  /** Takes events, in any order. */
  take(events: readonly LoggedEvent[]): void {
    for (const { cid, event } of events) {
      if (cid !== undefined && event.kind === "message") this.#arrived(cid, event.id);
    }
    this.#log.value = fold(this.#log.peek(), events);
  }

  /** Sends a message, or sends it again. */
  send(message: ChatSend): void {
    const others = this.#sends.peek().filter((send) => send.message.cid !== message.cid);
    const at = Date.now();
    this.#sends.value = [
      ...others,
      { message, at, delivery: { kind: "pending" }, ack: null, since: this.offset },
    ];
    this.outbox.add(message).then(
      (ack) => this.#acknowledged(ack),
      (error: MeetingError) =>
        this.#update(message.cid, { delivery: { kind: "failed", reason: error.message } }),
    );
  }

  retry(cid: string): void {
    const send = this.#sends.peek().find((one) => one.message.cid === cid);
    if (send?.delivery.kind === "failed") this.send(send.message);
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
    const state = this.#more.peek();
    const before = this.#log.peek().lowest;
    if (state.loading || !state.more || before === null) return;
    this.#more.value = { ...state, loading: true, error: null };
    try {
      const { events, more } = await load(before);
      // A snapshot may have replaced the log meanwhile; then this page belongs to nothing.
      if (this.#log.peek().lowest === before) {
        this.take(events);
        this.#more.value = { more: more && events.length > 0, loading: false, error: null };
      } else {
        this.#more.value = { ...this.#more.peek(), loading: false };
      }
    } catch (error) {
      const text = error instanceof MeetingError ? error.message : String(error);
      this.#more.value = { more: true, loading: false, error: text };
    }
  }

  #acknowledged(ack: Ack): void {
    if (ack.id !== undefined && this.#log.peek().entries.get(ack.id)?.said) {
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

  #showSend({ message, at, delivery, ack }: Send, me: By | null): ChatMessage {
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
      editedAt: null,
      deleted: false,
      reactions: [],
      delivery,
    };
  }
}

/** The author of a message written before the first welcome. */
const NOT_YET_KNOWN: By = {
  id: "",
  kind: "person",
  user: { name: "", display_name: "You", initials: "", color: "" },
};
