/** The one clock of page and worker, and its relation to the relay's. */

/** Exchanges remembered; with one ping every 10 s, the last 5 minutes. */
const WINDOW = 32;

/**
 * Microseconds since 1970 on a monotonic clock. Page and workers agree, since both add their
 * time origin; unlike `Date.now()` it does not jump.
 */
export function nowUs(): number {
  return Math.round((performance.timeOrigin + performance.now()) * 1000);
}

interface Exchange {
  readonly roundTrip: number;
  readonly offset: number;
}

/**
 * Relates this clock to the relay's. The error of one exchange is at most half its round trip,
 * so the one with the least round trip of the last few is believed, and none is averaged in.
 */
export class ClockFilter {
  #exchanges: Exchange[] = [];

  /** Takes one ping and pong: sent and received on this clock, answered on the relay's; µs. */
  add(sent: number, answered: number, received: number): void {
    if (received < sent) return;
    this.#exchanges.push({
      roundTrip: received - sent,
      offset: Math.round(answered - (sent + received) / 2),
    });
    if (this.#exchanges.length > WINDOW) this.#exchanges.shift();
  }

  /** The exchange believed; null before the first. */
  get best(): Exchange | null {
    return this.#exchanges.reduce<Exchange | null>(
      (best, next) => (best === null || next.roundTrip <= best.roundTrip ? next : best),
      null,
    );
  }

  /** Another relay process may have another clock. */
  reset(): void {
    this.#exchanges = [];
  }
}
