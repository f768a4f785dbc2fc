/**
 * What was said and not yet acknowledged.
 *
 * A send stays here, under one `cid`, until the relay acknowledges or refuses it, over any number
 * of connections; the `cid` lets the relay recognise a repeat, so sending again is always safe.
 */

import type { Ack, FromClient, Error as Refusal } from "../wire/control.js";
import { MeetingError } from "./failure.js";

/** Messages the relay answers with `ack` or an `error` of the same `cid`. */
export type Reliable = Extract<FromClient, { readonly cid: string }>;

/** Sends awaiting an answer at once; far below the relay's burst. */
const WINDOW = 16;
/** Wait after `too-fast` without `retry_after`, s. */
const TOO_FAST_DEFAULT = 1;

interface Item {
  readonly message: Reliable;
  readonly resolve: (ack: Ack) => void;
  readonly reject: (error: MeetingError) => void;
  sent: boolean;
}

export class Outbox {
  #items = new Map<string, Item>();
  #open = false;
  #held: ReturnType<typeof setTimeout> | null = null;
  /** 1 after `too-fast`, until all is sent: of several in flight a later one could get through first. */
  #window = WINDOW;

  /** `transmit` writes one message to the connection. */
  constructor(readonly transmit: (message: Reliable) => void) {}

  /** Sends `message` now or when connected; settles with the relay's answer. */
  add(message: Reliable): Promise<Ack> {
    const answer = new Promise<Ack>((resolve, reject) => {
      this.#items.set(message.cid, { message, resolve, reject, sent: false });
    });
    answer.catch(() => {}); // a caller that does not look is no unhandled rejection
    this.#pump();
    return answer;
  }

  /** The connection is live: everything unanswered is sent (again), in order. */
  connected(): void {
    for (const item of this.#items.values()) item.sent = false;
    this.#open = true;
    this.#pump();
  }

  disconnected(): void {
    this.#open = false;
    this.#release();
  }

  /** Takes an answer; false if nothing here waits for it. */
  answered(answer: Ack | Refusal): boolean {
    const item = answer.cid === undefined ? undefined : this.#items.get(answer.cid);
    if (!item) return false;
    if (answer.type === "error" && answer.code === "too-fast") {
      item.sent = false;
      this.#window = 1;
      this.#hold((answer.retry_after ?? TOO_FAST_DEFAULT) * 1000);
      return true;
    }
    this.#items.delete(item.message.cid);
    if (answer.type === "ack") item.resolve(answer);
    else item.reject(new MeetingError(answer.code, answer.message, answer.retry_after ?? null));
    this.#pump();
    return true;
  }

  /** Gives up on everything, with one reason. */
  abandon(error: MeetingError): void {
    const items = [...this.#items.values()];
    this.#items.clear();
    this.#release();
    for (const item of items) item.reject(error);
  }

  /** What is not answered yet, in order. */
  get waiting(): readonly Reliable[] {
    return [...this.#items.values()].map((item) => item.message);
  }

  #pump(): void {
    if (!this.#open || this.#held !== null) return;
    if (this.#items.size === 0) this.#window = WINDOW;
    let flying = 0;
    for (const item of this.#items.values()) {
      if (flying === this.#window) return;
      flying += 1;
      if (item.sent) continue;
      item.sent = true;
      this.transmit(item.message);
    }
  }

  #hold(ms: number): void {
    if (this.#held !== null) return;
    this.#held = setTimeout(() => {
      this.#held = null;
      this.#pump();
    }, ms);
  }

  #release(): void {
    if (this.#held !== null) clearTimeout(this.#held);
    this.#held = null;
  }
}
