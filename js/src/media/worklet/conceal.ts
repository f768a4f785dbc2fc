/**
 * What is played where sound is missing: the last pitch period again and again, then a fade.
 *
 * A short gap in speech is hardly heard that way; after 100 ms every guess is wrong, and
 * silence is kinder than a buzz.
 */

import { MS } from "./format.js";

/** Periods looked for: 2.5 to 20 ms, a voice of 400 Hz down to 50 Hz, or two of its periods. */
const SHORTEST = 2.5 * MS;
const LONGEST = 20 * MS;
/** What is compared, at every third sample: enough to tell a period. */
const TEMPLATE = 10 * MS;
const STRIDE = 3;
/** Samples that the finder needs. */
export const HISTORY = LONGEST + TEMPLATE;
/** At full loudness for this long, then down to nothing. */
const HOLD = 30 * MS;
const FADED = 100 * MS;
/** Over this many samples a seam is smoothed: 2.5 ms. */
const SEAM = 2.5 * MS;

/** How many samples back `past` was most like its own end; `past` has HISTORY samples. */
export function period(past: Float32Array, shortest = SHORTEST): number {
  const end = past.length;
  let best = shortest;
  let likeness = Number.NEGATIVE_INFINITY;
  for (let lag = shortest; lag <= LONGEST; lag += STRIDE) {
    let product = 0;
    let energy = 1e-9;
    for (let i = end - TEMPLATE; i < end; i += STRIDE) {
      const before = past[i - lag]!;
      product += past[i]! * before;
      energy += before * before;
    }
    const alike = product / Math.sqrt(energy);
    if (alike > likeness) {
      likeness = alike;
      best = lag;
    }
  }
  return best;
}

/** Goes on from where the sound stopped. */
export class Concealment {
  readonly #period: Float32Array;
  #at = 0;

  /** `past` are the last HISTORY samples before the gap. */
  constructor(past: Float32Array) {
    const length = period(past);
    this.#period = past.slice(-length);
    // Its end must lead into its beginning: the step between the two is spread over the seam.
    const step = past.at(-1)! - past[past.length - length - 1]!;
    for (let i = 0; i < SEAM && i < length; i++) this.#period[i]! += step * (1 - (i + 1) / SEAM);
  }

  /** The next sample. */
  next(): number {
    const gain = Math.min(1, (FADED - this.#at) / (FADED - HOLD));
    if (gain <= 0) return 0;
    return this.#period[this.#at++ % this.#period.length]! * gain;
  }
}
