/** The one line that all own streams share, and what each encoding may take of it. */

import { RateController } from "../congestion.js";
import type { Lane } from "./lane.js";

/** What wants to be sent, at its best. */
export interface Load {
  /** Bits a second of everything that is asked for, when the line is good. */
  nominal(): number;
}

/** Judges the line before each picture; one per client. */
export class Uplink {
  readonly loads: Load[] = [];
  readonly #rate = new RateController();

  constructor(
    readonly video: Lane,
    readonly audio: Lane,
  ) {}

  /** Part of the nominal bitrates to encode at. */
  get share(): number {
    return this.#rate.share;
  }

  /** Whether to leave the upper temporal layer out. */
  get dropUpper(): boolean {
    return this.#rate.dropUpper;
  }

  /** Whether a picture may be encoded now. */
  admits(): boolean {
    if (!this.video.ready) return false;
    const now = performance.now();
    const nominal = this.loads.reduce((sum, load) => sum + load.nominal(), 0);
    const delivered = this.video.flight.deliveredBps();
    this.#rate.update(
      {
        // Both lanes share the line: a late voice means too much picture.
        queueMs: Math.max(this.video.flight.queueMs(now), this.audio.flight.queueMs(now)),
        deliveredShare: delivered === null || !nominal ? null : delivered / nominal,
      },
      now,
    );
    return !this.#rate.paused;
  }
}
