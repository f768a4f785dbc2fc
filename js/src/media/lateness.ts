/**
 * How far a stream lags behind its own best, without trusting anybody's clock.
 *
 * The smallest (now - capture) seen lately is the line's own delay plus the difference of the
 * two clocks; what comes on top is queues, here or on the way.
 */

/** How long the best delay counts; clocks drift and routes change. */
const WINDOW_MS = 20_000;

/** Follows one stream's delays. */
export class Lateness {
  #best: { delay: number; at: number }[] = [];

  /** Takes a frame; returns its lag behind the best delay, ms. */
  lag(captureMs: number, nowMs: number): number {
    const delay = nowMs - captureMs;
    while ((this.#best.at(-1)?.delay ?? Number.NEGATIVE_INFINITY) >= delay) this.#best.pop();
    this.#best.push({ delay, at: nowMs });
    while ((this.#best[0]?.at ?? nowMs) < nowMs - WINDOW_MS) this.#best.shift();
    return delay - (this.#best[0]?.delay ?? delay);
  }
}
