/**
 * From capture to the ear: how long after it was said a word is heard, and what pictures do.
 *
 * Sound plays when its jitter buffer says so. A picture is drawn when it comes, and held only
 * while it would be seen long before its sound is heard; sound never waits for a picture.
 */

import type { PlaybackReport } from "../worklet/names.js";

/** People notice sound that is later than its picture by 125 ms (ITU-R BT.1359); stay below. */
const LEAD_MOST_MS = 80;
/** No picture waits longer: it is news as well. */
const HOLD_MOST_MS = 200;
/** Reports, one every 200 ms, are averaged over about four. */
const SMOOTHING = 0.25;
/** A jump beyond this is believed at once: the buffer was cut, or a stall ended. */
const JUMP_MS = 100;
/** A voice that has not played for this long says nothing about its pictures. */
const FORGET_MS = 3_000;

/** The sound that belongs to some pictures: one person's voice, or one screen's sound. */
export class EarDelay {
  #delayMs: number | null = null;
  #at = 0;

  constructor(
    readonly relayNowUs: () => number,
    /** Between the playback worklet and the ear. */
    readonly outputMs: () => number,
  ) {}

  /** Takes the worklet's word on what plays now; returns the delay, or null if nothing does. */
  played({ playingUs, at }: PlaybackReport): number | null {
    if (playingUs === null) return null;
    const waited = Math.max(0, Date.now() - at);
    const delayMs = (this.relayNowUs() - playingUs) / 1000 - waited + this.outputMs();
    const before = this.delayMs;
    const smooth = before !== null && Math.abs(delayMs - before) < JUMP_MS;
    this.#delayMs = smooth ? before + (delayMs - before) * SMOOTHING : delayMs;
    this.#at = performance.now();
    return delayMs;
  }

  /** Capture to ear, ms; null while nothing is heard. */
  get delayMs(): number | null {
    return performance.now() - this.#at < FORGET_MS ? this.#delayMs : null;
  }

  /** How long a picture that is `delayMs` old should wait before it is drawn, ms. */
  holdMs(delayMs: number): number {
    const ear = this.delayMs;
    if (ear === null) return 0;
    return Math.min(HOLD_MOST_MS, Math.max(0, ear - delayMs - LEAD_MOST_MS));
  }
}
