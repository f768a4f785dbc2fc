/**
 * What is under way on one media socket, judged by acknowledgements alone.
 *
 * `bufferedAmount` sees only this process's buffer; 350 kB and more hide in kernels and
 * proxies behind it (measured), so only the other end can say what has arrived. Its word comes
 * back over a line that other people's pictures fill; by the relay's clock in it, the queue on the
 * way there is told from the one on the way back.
 */

import { Lateness } from "./lateness.js";

/** The relay acknowledges at most this often. */
const ACK_INTERVAL_MS = 100;
/** A byte may wait this long for its acknowledgement on an idle line: the interval and a frame's. */
const ACK_SLACK_MS = 2 * ACK_INTERVAL_MS;
/** How long the smallest acknowledgement delay counts as the line's own; routes change. */
const BASE_WINDOW_MS = 30_000;
/** Rates are measured over this time: long enough for five acknowledgements. */
const RATE_WINDOW_MS = 600;

interface Mark {
  /** Bytes sent (or acknowledged) so far, this one included. */
  readonly total: number;
  /** When, ms. */
  readonly at: number;
}

/** Bytes in flight and how long they have been; one per socket. */
export class Flight {
  #sent = 0;
  #acked = 0;
  #ackedAt = 0;
  #pending: Mark[] = [];
  #sends: Mark[] = [];
  #acks: Mark[] = [];
  #delays: { delay: number; at: number }[] = [];
  /**
   * Age of the oldest byte that the last acknowledgement did not cover, ms. The age of the newest
   * one it did cover would also measure how long the relay waited with its word.
   */
  #uncovered = 0;
  #arrivedLate = 0;
  readonly #wayThere = new Lateness();
  /** How long the last acknowledgement itself waited on its way, ms. */
  #back = 0;

  /** Counts a frame handed to the socket. */
  send(bytes: number, now: number): void {
    this.#sent += bytes;
    const mark = { total: this.#sent, at: now };
    this.#pending.push(mark);
    this.#sends.push(mark);
    while ((this.#sends[0] as Mark).at < now - RATE_WINDOW_MS) this.#sends.shift();
  }

  /** Takes an acknowledgement of `total` bytes since the socket opened; `clockMs`: the relay's. */
  acknowledge(total: number, now: number, clockMs?: number): void {
    if (total <= this.#acked || total > this.#sent) return;
    this.#acked = total;
    this.#ackedAt = now;
    let delay: number | null = null;
    while (this.#pending[0] && this.#pending[0].total <= total) {
      delay = now - (this.#pending.shift() as Mark).at;
    }
    if (delay !== null) {
      this.#uncovered = this.oldestMs(now);
      while (this.#delays.length && (this.#delays.at(-1)?.delay ?? 0) >= delay) this.#delays.pop();
      this.#delays.push({ delay, at: now });
      while ((this.#delays[0]?.at ?? now) < now - BASE_WINDOW_MS) this.#delays.shift();
      const late = delay - this.baseMs;
      const there = clockMs === undefined ? late : this.#wayThere.lag(now - delay, clockMs);
      this.#arrivedLate = Math.min(late, there);
      this.#back = late - this.#arrivedLate;
    }
    // When it was said: words that wait come all at once.
    const at = Math.max(this.#acks.at(-1)?.at ?? 0, now - this.#back);
    this.#acks.push({ total, at });
    while (this.#acks.length > 2 && (this.#acks[0] as Mark).at < at - RATE_WINDOW_MS) {
      this.#acks.shift();
    }
  }

  /** Bytes sent and not acknowledged. */
  get inFlight(): number {
    return this.#sent - this.#acked;
  }

  /** Bytes sent so far. */
  get sent(): number {
    return this.#sent;
  }

  /** The line's own delay, there and back, without queues: the smallest seen lately, ms. */
  get baseMs(): number {
    return this.#delays[0]?.delay ?? 0;
  }

  /** Age of the oldest byte not acknowledged, ms; 0 when all has arrived. */
  oldestMs(now: number): number {
    const oldest = this.#pending[0];
    return oldest ? now - oldest.at : 0;
  }

  /**
   * How long bytes wait in queues between here and the relay, ms: as the last acknowledgement
   * tells, or more, when the next one is overdue.
   */
  queueMs(now: number): number {
    if (this.inFlight === 0) return 0;
    const overdue = this.oldestMs(now) - ACK_SLACK_MS;
    return Math.max(0, Math.max(this.#uncovered, overdue) - this.baseMs - this.#back);
  }

  /**
   * How long the newest bytes that have arrived had waited in queues, ms. Unlike `queueMs` it does
   * not grow while a lost packet holds all others up: then nothing arrives, and after it all at once.
   */
  arrivedLateMs(now: number): number {
    return now - this.#ackedAt > RATE_WINDOW_MS ? 0 : this.#arrivedLate;
  }

  /** What the line has delivered lately, bits a second; null until it can be told. */
  deliveredBps(): number | null {
    const first = this.#acks[0];
    const last = this.#acks.at(-1);
    if (!first || !last || last.at - first.at < 2 * ACK_INTERVAL_MS) return null;
    return ((last.total - first.total) * 8000) / (last.at - first.at);
  }

  /** What was sent lately, bits a second. */
  sentBps(now: number): number {
    const first = this.#sends.find(({ at }) => at >= now - RATE_WINDOW_MS);
    return first ? ((this.#sent - first.total) * 8000) / RATE_WINDOW_MS : 0;
  }
}
