/** When to ask (again) for a key frame: at once, and then less and less often until a picture comes. */

/** Between the first two requests; the relay coalesces to one per 500 ms. */
const FIRST_MS = 500;
/** Between two while nothing but a key frame helps. */
const MOST_MS = 2_000;
/** Between two when decoders keep failing: a codec that this browser cannot decode. */
const FAILING_MOST_MS = 15_000;
/** A stream that is asked for and sends nothing for this long: a word may have been lost. */
const SILENT_MS = 2_000;
/** Between two of those once there was a picture: a shared screen may just stand still. */
const STILL_MOST_MS = 16_000;

/** One stream's. */
export class KeyRequests {
  #askedAt = Number.NEGATIVE_INFINITY;
  #asked = 0;
  #failures = 0;
  #heardAt: number | null = null;
  #silences = 0;
  #pictured = false;

  constructor(readonly ask: () => void) {}

  /** From now on something should come; null: the stream is not asked for. */
  expect(now: number | null): void {
    this.#heardAt = now;
    this.#silences = 0;
  }

  /** A frame came, of whatever use. */
  heard(now: number): void {
    if (this.#heardAt !== null) this.#heardAt = now;
    this.#silences = 0;
  }

  /** A picture was shown: all is well. */
  shown(): void {
    this.#asked = this.#failures = 0;
    this.#pictured = true;
  }

  /** A decoder failed. */
  failed(): void {
    this.#failures++;
  }

  /** Only a key frame helps. */
  stuck(now: number): void {
    const most = this.#failures > 1 ? FAILING_MOST_MS : MOST_MS;
    const wait = this.#asked ? Math.min(most, FIRST_MS * 2 ** (this.#asked - 1)) : 0;
    if (now - this.#askedAt < wait) return;
    this.#askedAt = now;
    this.#asked++;
    this.ask();
  }

  /** To be called now and then: asks when nothing comes at all. */
  tick(now: number): void {
    if (this.#heardAt === null) return;
    const most = this.#pictured ? STILL_MOST_MS : SILENT_MS;
    if (now - this.#heardAt < Math.min(most, SILENT_MS * 2 ** this.#silences)) return;
    this.#heardAt = now;
    this.#silences++;
    this.ask();
  }
}
