/**
 * How much video to send, so that a voice is never late because of a picture.
 *
 * One controller governs all video of a client, since camera, screen and voice share one line.
 * Steps, in this order: leave out the upper temporal layer, lower the bitrate, stop encoding
 * until the line has drained. Sound is not governed here: it goes on.
 */

/** From here the upper layer (about 40 % of the bytes) stays out, */
export const DROP_UPPER_MS = 120;
/** and below this it goes again. */
const CLEAR_MS = 30;
/** From this delay of what still arrives the bitrate falls, */
export const SLOW_DOWN_MS = 180;
/** if it lasts so long: a lost packet holds others up for a moment, and is no narrow line, */
const LATE_MS = 280;
/** or at once, if it is as much as this. */
const VERY_LATE_MS = 700;
/** From here nothing is encoded until the queue is below `DROP_UPPER_MS`. */
export const PAUSE_MS = 400;

/** The effect of a decrease is not to be seen any sooner. */
const SETTLE_MS = 400;
/** A decrease goes to this part of what the line delivers while it has a queue, */
const DELIVERED_SHARE = 0.85;
/** and at most to this part of the rate at once: a measurement may be wrong. */
const DECREASE_MOST = 0.25;
/** Without a measurement, or when the measured rate seems enough and the queue stays. */
const DECREASE = 0.8;
/** A key frame makes a queue on a line that bears the rate: it has this long to drain, */
const BURST_MS = 800;
/** and without the upper layer this long: half the pictures is no lasting answer. */
const DROPPING_MS = 2_000;

/** How often the rate grows while the line is clear, */
const GROW_EVERY_MS = 250;
/** by what factor (8 % a second left half of a line unused, measured), */
const GROWTH = 1.12;
/** and by what at the rate where the line clogged before: feeling the way. */
const GROWTH_PROBING = 1.05;
/** How close it goes to that rate, */
const NEAR = 0.9;
/** for how long it stays below, at first, and at most when the line clogs there again and again. */
const HOLD_FIRST_MS = 3_000;
const HOLD_MOST_MS = 8_000;
/** Nothing is learned from a line that is hardly used: below this part of the rate it stays. */
const USED_SHARE = 0.5;

/** Most lines bear two small pictures; the rest is found out in a second or two. */
export const START_BPS = 500_000;
/** More than what flies in this time besides the line's own delay is a queue, seen or not, ms. */
const WINDOW_MS = 250;
/** A key frame fits into any window. */
const WINDOW_LEAST_BYTES = 24_000;
/** A picture of a kind at all. */
export const LEAST_BPS = 40_000;

/** What the line looks like now. */
export interface LineState {
  /** How long bytes wait in queues on the way, ms; `Flight.queueMs`. */
  readonly queueMs: number;
  /** How long those had waited that have arrived, ms; `Flight.arrivedLateMs`. */
  readonly arrivedLateMs: number;
  /** What the line delivers, bits a second; null when it cannot be told. */
  readonly deliveredBps: number | null;
  /** What was sent lately, bits a second. */
  readonly sentBps: number;
  /** Bytes sent and not acknowledged. */
  readonly inFlight: number;
  /** The line's own delay, there and back, ms. */
  readonly baseMs: number;
}

/** Governs all video of one client. */
export class RateController {
  #target = START_BPS;
  #paused = false;
  #dropUpper = false;
  #droppingSince: number | null = null;
  #lateSince: number | null = null;
  #grownAt = Number.NEGATIVE_INFINITY;
  #decreasedAt = Number.NEGATIVE_INFINITY;
  /** What the line delivered when it last clogged; it is gone beyond after a while. */
  #limit = Number.POSITIVE_INFINITY;
  #holdMs = HOLD_FIRST_MS;
  #full = false;

  /** Bits a second for all video together. */
  get target(): number {
    return this.#target;
  }

  /** Whether to leave the upper temporal layer out. */
  get dropUpper(): boolean {
    return this.#dropUpper;
  }

  /** Whether to encode nothing for now. */
  get paused(): boolean {
    return this.#paused || this.#full;
  }

  /** Judges the line anew, often; `useful` is the rate above which there is nothing to send. */
  update(line: LineState, useful: number, now: number): void {
    const { queueMs, arrivedLateMs, inFlight, baseMs } = line;
    const window = (this.#target * (baseMs + WINDOW_MS)) / 8000;
    this.#full = inFlight > Math.max(WINDOW_LEAST_BYTES, window);
    if (queueMs > PAUSE_MS) this.#paused = true;
    else if (queueMs < DROP_UPPER_MS) this.#paused = false;
    this.#dropUpper = queueMs > (this.#dropUpper ? CLEAR_MS : DROP_UPPER_MS);
    if (!this.#dropUpper) this.#droppingSince = null;
    else this.#droppingSince ??= now;
    if (arrivedLateMs <= SLOW_DOWN_MS) this.#lateSince = null;
    else this.#lateSince ??= now;
    const dropping = this.#droppingSince !== null && now - this.#droppingSince > DROPPING_MS;
    const late = this.#lateSince !== null && now - this.#lateSince >= LATE_MS;
    if (late || arrivedLateMs > VERY_LATE_MS || dropping) this.#decrease(line, dropping, now);
    if (queueMs < CLEAR_MS) this.#grow(line, useful, now);
  }

  #decrease({ deliveredBps }: LineState, dropping: boolean, now: number): void {
    if (now - this.#decreasedAt < SETTLE_MS) return;
    let next = this.#target * DECREASE;
    if (deliveredBps !== null) {
      const bearable = deliveredBps * DELIVERED_SHARE;
      const lasting = dropping || now - (this.#lateSince ?? now) > BURST_MS;
      if (bearable >= this.#target && !lasting) return;
      // The same limit again, after going beyond: it is the line's, so stay longer below.
      const again = now - this.#decreasedAt > this.#holdMs && deliveredBps < this.#limit * 1.2;
      if (again) this.#holdMs = Math.min(HOLD_MOST_MS, this.#holdMs * 2);
      this.#limit = deliveredBps;
      if (bearable < this.#target) next = Math.max(bearable, this.#target * DECREASE_MOST);
    }
    this.#decreasedAt = now;
    this.#droppingSince = null;
    this.#target = Math.max(LEAST_BPS, next);
  }

  #grow({ sentBps }: LineState, useful: number, now: number): void {
    if (now - this.#grownAt < GROW_EVERY_MS || now - this.#decreasedAt < SETTLE_MS) return;
    this.#grownAt = now;
    if (this.#target >= useful || sentBps < this.#target * USED_SHARE) return;
    let most = useful;
    let factor = GROWTH;
    if (this.#target > this.#limit * 1.3) {
      // Far beyond: the line is another one now.
      this.#limit = Number.POSITIVE_INFINITY;
      this.#holdMs = HOLD_FIRST_MS;
    } else if (now - this.#decreasedAt < this.#holdMs) {
      most = Math.min(useful, this.#limit * NEAR);
    } else if (this.#target > this.#limit * NEAR) {
      factor = GROWTH_PROBING;
    }
    this.#target = Math.max(this.#target, Math.min(most, this.#target * factor));
  }
}
