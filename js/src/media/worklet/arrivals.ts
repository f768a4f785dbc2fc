/** How long sound has to wait so that most of it is in time: found from when packets arrived. */

import { MS, PACKET_SAMPLES } from "./format.js";

/** Bounds of the wait, a packet's own length included. */
const LEAST = 20 * MS;
const MOST = 200 * MS;
/** Beyond the measured jitter: the sound card takes its samples in bursts. */
const MARGIN = 10 * MS;
/** Packets looked at: 4 s. */
const WINDOW = 200;
/** The wait is found anew with every this many packets: sorting takes time of the audio thread. */
const JUDGE_EVERY = 10;
/** The share of packets that shall be in time. */
const IN_TIME = 0.97;
/** A quarter of the packets take less than the usual time; the very best may be a wrong clock's. */
const USUAL = 0.25;
/** Before anything is known. */
const FIRST = 40 * MS;

/** Follows one voice's arrivals; all in samples of the audio clock. */
export class Arrivals {
  /** Lateness of the packets of this spurt of talk, against a clock that ticks once a packet. */
  #spurt: number[] = [];
  /** Of those before it, each against the best of its own spurt. */
  #before: number[] = [];
  /** From capture to arrival, with an unknown but steady difference of the two clocks. */
  #transits: number[] = [];
  #usual: number | null = null;
  #expected = 0;
  #packets = 0;
  #target = FIRST;

  /** Sound that should wait, the packet that just arrived included. */
  get target(): number {
    return this.#target;
  }

  /** How long to wait with the first packet of a spurt, captured then and arrived `now`. */
  wait(captured: number, now: number): number {
    const late = this.#usual === null ? 0 : Math.max(0, now - captured - this.#usual);
    return Math.max(0, this.#target - PACKET_SAMPLES - late);
  }

  /** A packet arrived at `now`, `skipped` packets after the one before. */
  next(skipped: number, captured: number, now: number): void {
    this.#transits.push(now - captured);
    if (this.#transits.length > WINDOW) this.#transits.shift();
    this.#expected += (skipped + 1) * PACKET_SAMPLES;
    if (!this.#spurt.length) this.#expected = now;
    this.#spurt.push(now - this.#expected);
    if (this.#spurt.length > WINDOW) this.#spurt.shift();
    if (this.#before.length + this.#spurt.length > WINDOW) this.#before.shift();
    if (++this.#packets % JUDGE_EVERY === 0) this.#judge();
  }

  /** The sender was silent: what comes next starts a spurt, and is not late. */
  pause(): void {
    const best = Math.min(...this.#spurt);
    this.#before.push(...this.#spurt.map((lateness) => lateness - best));
    this.#before = this.#before.slice(-WINDOW);
    this.#spurt = [];
  }

  #judge(): void {
    const best = Math.min(...this.#spurt);
    const all = [...this.#before, ...this.#spurt.map((lateness) => lateness - best)];
    all.sort((a, b) => a - b);
    const jitter = all[Math.ceil(IN_TIME * all.length) - 1]!;
    const transits = [...this.#transits].sort((a, b) => a - b);
    this.#usual = transits[Math.floor(USUAL * transits.length)] ?? null;
    this.#target = Math.min(MOST, Math.max(LEAST, PACKET_SAMPLES + jitter + MARGIN));
  }
}
