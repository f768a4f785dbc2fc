/** Whether this machine keeps up with encoding; if not, fewer pictures, then fewer renditions. */

/** Judged over this time. */
const WINDOW_MS = 2_000;
/** So many pictures at least, to judge at all. */
const PICTURES_LEAST = 10;
/** More skipped than this part, since the encoder was busy: too much work. */
const SKIPPED_MOST = 0.25;
/** Slower pictures did not help for this long: less has to be encoded. */
const OVERLOADED_MS = 6_000;
/** Faster again after this long without skipping; doubles each time it does not last. */
const EASY_FIRST_MS = 6_000;
const EASY_MOST_MS = 60_000;

/** Counts pictures that found the encoder busy. */
export class Effort {
  #taken = 0;
  #skipped = 0;
  #since = 0;
  #slowSince: number | null = null;
  #easySince: number | null = null;
  #easyMs = EASY_FIRST_MS;
  #busy = false;

  /** Whether larger renditions shall take every second picture only. */
  get slow(): boolean {
    return this.#slowSince !== null;
  }

  /** Whether fewer pictures were not enough. */
  overloaded(now: number): boolean {
    return this.#busy && this.#slowSince !== null && now - this.#slowSince > OVERLOADED_MS;
  }

  /** A picture was due; `skipped` since the encoder had not done the ones before. */
  picture(skipped: boolean, now: number): void {
    this.#taken++;
    if (skipped) this.#skipped++;
    if (now - this.#since < WINDOW_MS) return;
    if (this.#taken >= PICTURES_LEAST) this.#judge(this.#skipped / this.#taken, now);
    this.#taken = this.#skipped = 0;
    this.#since = now;
  }

  #judge(part: number, now: number): void {
    this.#busy = part > SKIPPED_MOST;
    if (this.#busy) {
      const relapse = this.#slowSince === null && this.#easySince !== null;
      if (relapse) this.#easyMs = Math.min(EASY_MOST_MS, this.#easyMs * 2);
      this.#slowSince ??= now;
      this.#easySince = null;
      return;
    }
    if (this.#slowSince === null || part > 0) return;
    this.#easySince ??= now;
    if (now - this.#easySince >= this.#easyMs) this.#slowSince = null;
  }
}
