/** Who speaks: loudness with hysteresis, so that a ring does not flicker between words. */

/** -39 dBFS; above the noise of a quiet room after noise suppression. */
const SPEAKS_FROM = 0.35;
const QUIET_BELOW = 0.25;
/** A breath between two words, ms. */
const HOLD_MS = 500;

/** Follows everyone's loudness. */
export class SpeechDetector {
  readonly #loudAt = new Map<string, number>();

  /** Takes everyone's loudness (0 to 1) at `now` (ms); returns who speaks. */
  update(levels: ReadonlyMap<string, number>, now: number): Set<string> {
    for (const [who, level] of levels) {
      if (level >= SPEAKS_FROM || (level >= QUIET_BELOW && this.#loudAt.has(who))) {
        this.#loudAt.set(who, now);
      }
    }
    for (const [who, at] of this.#loudAt) {
      if (now - at > HOLD_MS || !levels.has(who)) this.#loudAt.delete(who);
    }
    return new Set(this.#loudAt.keys());
  }
}
