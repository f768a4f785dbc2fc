/** Notices that somebody speaks who is muted; a cough or a key stroke is not speech. */

import { type ReadonlySignal, signal } from "@preact/signals-core";

/** As loud as a speaker's ring wants (speech.ts), 0 to 1. */
const SPEAKS_FROM = 0.35;
/** So much loudness has to come together, ms … */
const ENOUGH_MS = 700;
/** … without a pause longer than this, ms: words have gaps. */
const GAP_MS = 500;
/** The most one report stands for, ms: levels come every 100 ms, late when the page is busy. */
const STEP_MS = 200;
/** The hint stays this long after the last word, ms. */
const SHOWN_MS = 4000;

/** Follows one microphone's loudness while it is muted. */
export class MutedSpeech {
  readonly #speaks = signal(false);
  #before = 0;
  #loudAt = Number.NEGATIVE_INFINITY;
  #loudMs = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  get speaks(): ReadonlySignal<boolean> {
    return this.#speaks;
  }

  /** Takes the loudness (0 to 1) at `now`, ms. */
  take(level: number, now: number): void {
    const step = Math.min(STEP_MS, now - this.#before);
    this.#before = now;
    if (level < SPEAKS_FROM) return;
    this.#loudMs = now - this.#loudAt > GAP_MS ? step : this.#loudMs + step;
    this.#loudAt = now;
    if (this.#loudMs < ENOUGH_MS) return;
    this.#speaks.value = true;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.reset(), SHOWN_MS);
  }

  /** Unmuted, or closed. */
  reset(): void {
    clearTimeout(this.#timer);
    this.#speaks.value = false;
    this.#loudMs = 0;
    this.#loudAt = Number.NEGATIVE_INFINITY;
  }
}
