/** The one line that all own streams share, and what each encoding may take of it. */

import { RateController } from "../congestion.js";
import type { FromWorker, VideoSource } from "../messages.js";
import { type Claim, Shedding } from "../shedding.js";
import { Effort } from "./effort.js";
import type { Lane } from "./lane.js";

/** Below this part of the nominal bitrates others see it. */
const SQUEEZED_SHARE = 0.5;
/** All renditions: more than any source has. */
const ALL = 8;

/** A source of pictures, as far as the line is concerned. */
export interface Load {
  /** The renditions that are asked for. */
  claims(): readonly Claim[];
}

/** Judges the line before each picture; one per client. */
export class Uplink {
  readonly effort = new Effort();
  readonly #loads: Load[] = [];
  readonly #rate = new RateController();
  readonly #shedding = new Shedding();
  #share = 1;

  constructor(
    readonly video: Lane,
    readonly audio: Lane,
    readonly tell: (message: FromWorker) => void,
  ) {}

  /** A source joins in, for the worker's whole life. */
  add(load: Load): void {
    this.#loads.push(load);
  }

  /** Part of the nominal bitrates to encode at. */
  get share(): number {
    return this.#share;
  }

  /** Whether others get clearly less of the source than was to be sent. */
  squeezed(source: VideoSource): boolean {
    const left = this.#shedding.most(source) !== undefined;
    return left || this.#rate.paused || this.#share < SQUEEZED_SHARE;
  }

  /** Whether to leave the upper temporal layer out. */
  get dropUpper(): boolean {
    return this.#rate.dropUpper;
  }

  /** Whether a picture may be encoded now. */
  admits(now: number): boolean {
    if (!this.video.ready) return false;
    const claims = this.#loads.flatMap((load) => load.claims());
    const nominal = claims.reduce((sum, claim) => sum + claim.nominal, 0);
    const { flight } = this.video;
    const voice = this.audio.flight;
    this.#rate.update(
      {
        // Both lanes share the line: a late voice means too much picture.
        queueMs: Math.max(flight.queueMs(now), voice.queueMs(now)),
        arrivedLateMs: Math.max(flight.arrivedLateMs(now), voice.arrivedLateMs(now)),
        deliveredBps: flight.deliveredBps(),
        sentBps: flight.sentBps(now),
        inFlight: flight.inFlight,
        baseMs: flight.baseMs,
      },
      this.#shedding.useful(claims),
      now,
    );
    const { target } = this.#rate;
    const overloaded = this.effort.overloaded(now);
    const changed = this.#shedding.update(claims, target, overloaded, now);
    if (changed) {
      const renditions = this.#shedding.most(changed) ?? ALL;
      this.tell({ type: "bearable", source: changed, renditions });
    }
    this.#share = Math.min(1, target / Math.max(1, nominal));
    return !this.#rate.paused;
  }

  /** The source was turned off. */
  forget(source: VideoSource): void {
    this.#shedding.forget(source);
  }
}
