/**
 * How much video to send, so that a voice is never late because of a picture.
 *
 * Steps, in this order: leave out the upper temporal layer, lower the bitrate, stop
 * encoding until the line has drained. Audio is not governed here: it goes on.
 */

/** From here the upper layer (about 40 % of the bytes) stays out. */
export const DROP_UPPER_MS = 100;
/** From here the bitrate falls. */
export const SLOW_DOWN_MS = 200;
/** Also after this long without the upper layer: half the pictures is no lasting answer. */
const DROPPING_MS = 2_000;
/** From here nothing is encoded until the queue is below `DROP_UPPER_MS`. */
export const PAUSE_MS = 400;
/** Below this, for `GROW_AFTER_MS`, the bitrate grows. */
const CLEAR_MS = 30;
const GROW_AFTER_MS = 500;
/** The effect of a decrease is not to be seen any sooner. */
const SETTLE_MS = 500;
/** A decrease goes to this part of what the line was seen to deliver. */
const DELIVERED_SHARE = 0.85;
const DECREASE = 0.7;
/** Each half second; +8 % a second left half of a line unused (measured). */
const GROWTH = 1.15;
/** Careful near the rate at which the line last clogged, for a while. */
const GROWTH_NEAR_LIMIT = 1.04;
const NEAR = 0.1;
const LIMIT_MEMORY_MS = 15_000;

/** Less than this part of the nominal bitrate is no picture any more. */
const MIN_SHARE = 0.2;

/** What the line looks like now. */
export interface LineState {
  /** `Flight.queueMs`, ms. */
  readonly queueMs: number;
  /** `Flight.deliveredBps` as a part of the nominal bitrate; null when it cannot be told. */
  readonly deliveredShare: number | null;
}

/** Governs the video of one socket, as a share of what its renditions nominally take. */
export class RateController {
  #share = 1;
  #paused = false;
  #dropUpper = false;
  #droppingSince: number | null = null;
  #clearSince: number | null = null;
  #decreasedAt = Number.NEGATIVE_INFINITY;
  /** The share at which the line last clogged. */
  #limit = Number.POSITIVE_INFINITY;

  /** Part of the nominal bitrates to encode at; starts at 1, as most lines bear two small renditions. */
  get share(): number {
    return this.#share;
  }

  /** Whether to leave the upper temporal layer out. */
  get dropUpper(): boolean {
    return this.#dropUpper;
  }

  /** Whether to encode nothing for now. */
  get paused(): boolean {
    return this.#paused;
  }

  /** Judges the line anew; call it before each picture. */
  update(line: LineState, now: number): void {
    const { queueMs } = line;
    if (queueMs > PAUSE_MS) this.#paused = true;
    else if (queueMs < DROP_UPPER_MS) this.#paused = false;
    this.#dropUpper = queueMs > (this.#dropUpper ? CLEAR_MS : DROP_UPPER_MS);
    if (!this.#dropUpper) this.#droppingSince = null;
    else this.#droppingSince ??= now;
    const lasting = this.#droppingSince !== null && now - this.#droppingSince > DROPPING_MS;
    if (queueMs > SLOW_DOWN_MS || lasting) this.#decrease(line, now);
    if (queueMs < CLEAR_MS) this.#grow(now);
    else this.#clearSince = null;
  }

  #decrease({ deliveredShare }: LineState, now: number): void {
    if (now - this.#decreasedAt < SETTLE_MS) return;
    this.#decreasedAt = now;
    this.#droppingSince = null;
    const delivered = deliveredShare ?? Number.POSITIVE_INFINITY;
    this.#limit = Math.min(this.#share, delivered);
    const next = Math.min(this.#share * DECREASE, delivered * DELIVERED_SHARE);
    this.#share = Math.max(MIN_SHARE, next);
  }

  #grow(now: number): void {
    this.#clearSince ??= now;
    if (now - this.#clearSince < GROW_AFTER_MS) return;
    this.#clearSince = now;
    if (now - this.#decreasedAt > LIMIT_MEMORY_MS) this.#limit = Number.POSITIVE_INFINITY;
    const near = Math.abs(this.#share / this.#limit - 1) < NEAR;
    const factor = near ? GROWTH_NEAR_LIMIT : GROWTH;
    this.#share = Math.min(1, this.#share * factor);
  }
}
