/**
 * The clock that frames are stamped with.
 *
 * Encoders count from a local, steady start; the wire carries the relay's clock, so that a
 * capture time means the same on every machine (`pong` relates the two).
 */

import { nowUs } from "../../session/clock.js";

/** Timestamps start above 0: sound is stamped with the time of its first sample. */
const HEADROOM_US = 1_000_000;

/** One per worker. */
export class CaptureClock {
  /** Relay clock minus this machine's, µs; 0 until measured. */
  offsetUs = 0;
  readonly #epochUs = nowUs() - HEADROOM_US;

  /** Now, for an encoder, µs. */
  timestamp(): number {
    return nowUs() - this.#epochUs;
  }

  /** An encoder's timestamp as the wire's capture time, µs. */
  captureUs(timestamp: number): number {
    return Math.round(timestamp + this.#epochUs + this.offsetUs);
  }

  /** Now on the relay's clock, µs. */
  relayNowUs(): number {
    return nowUs() + this.offsetUs;
  }
}
