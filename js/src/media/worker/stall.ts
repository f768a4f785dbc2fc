/**
 * Whether a socket that looks open has stopped working.
 *
 * After an outage TCP tries again later and later (3 to 6 s after five), while a new connection
 * would work at once. So a lane that is silent although it should not be is opened anew.
 */

/** Bytes unacknowledged, and nothing heard, for so long beyond the line's own delay, ms. */
const SEND_MS = 1_200;
/** The same while another lane is alive: packets were lost, the line was not. */
const SEND_ALONE_MS = 2_500;
/** Nothing heard for so long where frames flowed until then, and on no other lane either, ms. */
const RECEIVE_MS = 1_500;
/** Frames in the time before that make a flow. */
const FLOW_FRAMES = 20;
const FLOW_MS = 2_000;
/** Not again for this long, as a slow line must not be made worse; doubles while it repeats. */
const AGAIN_FIRST_MS = 5_000;
const AGAIN_MOST_MS = 60_000;
/** A minute without: it begins small again. */
const CALM_MS = 60_000;

/** What a lane knows about itself. */
export interface Signs {
  /** Age of the oldest unacknowledged byte, ms; 0 when all has arrived. */
  readonly oldestMs: number;
  /** The line's own delay, there and back, ms. */
  readonly baseMs: number;
  /** Since anything came on any other lane, ms. */
  readonly othersSilentMs: number;
  /** Whether frames of others are asked for on this lane. */
  readonly expecting: boolean;
}

/** Watches one lane; told of every frame, asked now and then. */
export class Stall {
  #heardAt = Number.NEGATIVE_INFINITY;
  #frames: number[] = [];
  #againMs = AGAIN_FIRST_MS;
  #calledAt = Number.NEGATIVE_INFINITY;

  /** The socket is new. */
  restart(now: number): void {
    this.#heardAt = now;
    this.#frames = [];
  }

  /** Something came; `frame`: not just an acknowledgement. */
  heard(frame: boolean, now: number): void {
    this.#heardAt = now;
    if (!frame) return;
    this.#frames.push(now);
    if (this.#frames.length > FLOW_FRAMES) this.#frames.shift();
  }

  /** Since anything came, ms. */
  silentMs(now: number): number {
    return now - this.#heardAt;
  }

  /** Whether to open the lane anew now; a yes is remembered as done. */
  calls({ oldestMs, baseMs, othersSilentMs, expecting }: Signs, now: number): boolean {
    if (now - this.#calledAt > CALM_MS) this.#againMs = AGAIN_FIRST_MS;
    if (now - this.#calledAt < this.#againMs) return false;
    const silent = this.silentMs(now);
    const patience = baseMs + (othersSilentMs > SEND_MS ? SEND_MS : SEND_ALONE_MS);
    const unsent = oldestMs > patience && silent > patience;
    if (!unsent && !(expecting && this.#flowed() && silent > RECEIVE_MS + baseMs)) return false;
    if (!unsent && othersSilentMs <= RECEIVE_MS) return false;
    if (Number.isFinite(this.#calledAt)) {
      this.#againMs = Math.min(AGAIN_MOST_MS, this.#againMs * 2);
    }
    this.#calledAt = now;
    return true;
  }

  /** Frames came in good number right until the silence. */
  #flowed(): boolean {
    const first = this.#frames[0];
    if (first === undefined || this.#frames.length < FLOW_FRAMES) return false;
    return this.#heardAt - first < FLOW_MS;
  }
}
