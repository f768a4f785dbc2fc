/**
 * A voice's jitter buffer: as short as the line allows, and short again after a stall.
 *
 * The wait follows the arrival times. What is above it is played 2 % faster, or cut out by whole
 * pitch periods; a buffer that only ever grows makes people talk over each other. A sender that is
 * silent sends nothing, so running dry is only a fault when the next packet says so.
 */

import { Arrivals } from "./arrivals.js";
import { Concealment, HISTORY, period } from "./conceal.js";
import { MS, PACKET_SAMPLES } from "./format.js";

/** Samples kept, played and waiting: 1.4 s. */
const RING = 2 ** 16;
const MASK = RING - 1;
/** Above target by this: play faster. */
const FAST_ABOVE = 15 * MS;
/** Above target by this: cut. */
const CUT_ABOVE = 40 * MS;
/** Above target by this (a stall ended): jump. */
const JUMP_ABOVE = 120 * MS;
/** Between two cuts: speech stays speech. */
const CUT_EVERY = 60 * MS;
const FASTER = 1.02;
const SLOWER = 0.98;
/** Over this many samples a cut or gap is blended with what follows: 5 ms. */
const BLEND = 5 * MS;
/** Missing packets that are filled in; beyond, time is left out. */
const FILL_MOST = 5;
/** A gap between capture times from here on is silence at the sender's, µs. */
const PAUSE_US = 60_000;
/** A gap below this is noise of the sender's clock, µs. */
const NOISE_US = 10_000;
/** Below this peak nobody speaks (-40 dBFS). */
const SILENT_PEAK = 0.01;
/** The level is followed within this time. */
const SMOOTH = 250 * MS;

/** From this sample on the sound was captured at that time. */
interface Mark {
  readonly at: number;
  readonly captureUs: number;
}

/** One participant's sound on its way to the sound card; its clock is the samples it was asked for. */
export class JitterBuffer {
  readonly #ring = new Float32Array(RING);
  readonly #arrivals = new Arrivals();
  /** Positions since the beginning, in samples; `#read` has a fraction while the speed is not 1. */
  #read = HISTORY;
  #write = HISTORY;
  #marks: Mark[] = [];
  #lastCaptureUs: number | null = null;
  #clock = 0;
  #smoothed = 0;
  #playing = false;
  #startAt = 0;
  /** Since when nothing plays though it should, as far as one knows; null else. */
  #dryAt: number | null = null;
  #cutAt = 0;
  #concealment: Concealment | null = null;
  /** Samples still to be blended with the concealment after a gap. */
  #blending = 0;
  #underruns = 0;
  #missing = 0;

  /** Sound waiting, ms. */
  get bufferedMs(): number {
    return this.#buffered / MS;
  }

  /** Sound that should wait, ms. */
  get targetMs(): number {
    return this.#arrivals.target / MS;
  }

  /** How often the sound ran out while it should have gone on. */
  get underruns(): number {
    return this.#underruns;
  }

  /** Sound that was not there in time, ms; silence that the sender did not send is not counted. */
  get missingMs(): number {
    return this.#missing / MS;
  }

  /** When the sound that plays now was captured, µs; null while none plays. */
  get playingUs(): number | null {
    const mark = this.#marks.findLast(({ at }) => at <= this.#read);
    if (!this.#playing || !mark) return null;
    return mark.captureUs + ((this.#read - mark.at) / MS) * 1000;
  }

  get #buffered(): number {
    return this.#write - this.#read;
  }

  /** Takes a decoded packet captured at `captureUs`, after `lost` packets that never came. */
  push(samples: Float32Array, captureUs: number, lost = 0): void {
    const last = this.#lastCaptureUs;
    const gapUs = last === null ? 0 : captureUs - last - (PACKET_SAMPLES / MS) * 1000;
    this.#lastCaptureUs = captureUs;
    const gap = lost === 0 && gapUs > PAUSE_US;
    const silent = lost === 0 && this.#endsSilent();
    // Who falls silent in the middle of a word did not mean to: the sender's machine stood still.
    // And nobody misses silence, so that after a comfort packet every word begins anew.
    const pause = this.#playing ? gap && silent : gap || silent;
    if (gap || (pause && gapUs > NOISE_US)) this.#arrivals.pause();
    const captured = (captureUs * MS) / 1000;
    const wait = pause ? this.#arrivals.wait(captured, this.#clock) : null;
    this.#arrivals.next(lost, captured, this.#clock);
    let filler: Concealment | null = null;
    if (this.#playing && pause) this.#append((gapUs * MS) / 1000, null);
    else if (this.#playing && lost > 0) filler = this.#fill(lost);
    else if (pause) this.#dryAt = null;
    if (!this.#playing && this.#write <= this.#read) {
      // The first word after a pause has the delay of the last one before it.
      this.#startAt = this.#clock + (wait ?? this.#arrivals.target - samples.length);
    }
    this.#marks.push({ at: this.#write, captureUs });
    this.#write += this.#put(samples, filler);
    if (this.#buffered > this.#arrivals.target + JUMP_ABOVE) {
      this.#skip(Math.floor(this.#buffered - this.#arrivals.target));
    }
    while (this.#marks[1] && this.#marks[1].at <= this.#read) this.#marks.shift();
  }

  /** Fills `out` with the next samples; silence where there are none. */
  pull(out: Float32Array): void {
    const waited = this.#clock >= this.#startAt || this.#buffered >= this.#arrivals.target;
    if (!this.#playing && this.#buffered > 0 && waited) this.#start();
    this.#clock += out.length;
    this.#smoothed += (this.#buffered - this.#smoothed) * Math.min(1, out.length / SMOOTH);
    const speed = this.#playing ? this.#speed() : 1;
    for (let i = 0; i < out.length; i++) {
      if (this.#playing && this.#write - this.#read < speed) this.#runDry(out.length - i);
      out[i] = this.#playing ? this.#next(speed) : (this.#concealment?.next() ?? 0);
    }
  }

  #next(speed: number): number {
    const at = Math.floor(this.#read);
    const rest = this.#read - at;
    const here = this.#ring[at & MASK]!;
    // At full speed no sample is made up.
    const sample = rest === 0 ? here : here + (this.#ring[(at + 1) & MASK]! - here) * rest;
    this.#read += speed;
    if (this.#blending === 0) return sample;
    const share = this.#blending-- / BLEND;
    return sample * (1 - share) + (this.#concealment?.next() ?? 0) * share;
  }

  #start(): void {
    this.#playing = true;
    if (this.#dryAt !== null) {
      this.#underruns++;
      this.#missing += this.#clock - this.#dryAt;
      this.#dryAt = null;
    }
    const excess = Math.floor(this.#buffered - this.#arrivals.target);
    if (excess > PACKET_SAMPLES) this.#read += excess;
    this.#smoothed = this.#buffered;
    this.#blending = BLEND;
  }

  /** Nothing is left: goes on as the sound did, until more comes or it is faded. */
  #runDry(ahead: number): void {
    this.#playing = false;
    this.#read = this.#write;
    this.#dryAt = this.#clock - ahead;
    this.#concealment = new Concealment(this.#past(this.#write));
    this.#blending = 0;
  }

  /** Puts something in the place of packets that will not come, so that time goes on. */
  #fill(lost: number): Concealment {
    this.#missing += lost * PACKET_SAMPLES;
    const filler = new Concealment(this.#past(this.#write));
    this.#append(Math.min(lost, FILL_MOST) * PACKET_SAMPLES, filler);
    return filler;
  }

  #append(count: number, source: Concealment | null): void {
    const most = Math.min(Math.floor(count), RING / 4);
    for (let i = 0; i < most; i++) this.#ring[this.#write++ & MASK] = source?.next() ?? 0;
  }

  /** Writes a packet, blended with what filled the gap before it. */
  #put(samples: Float32Array, filler: Concealment | null): number {
    for (let i = 0; i < samples.length; i++) {
      const share = filler && i < BLEND ? (i + 1) / (BLEND + 1) : 1;
      const other = share < 1 ? (filler?.next() ?? 0) * (1 - share) : 0;
      this.#ring[(this.#write + i) & MASK] = samples[i]! * share + other;
    }
    return samples.length;
  }

  #speed(): number {
    const excess = this.#smoothed - this.#arrivals.target;
    if (excess > CUT_ABOVE && this.#clock - this.#cutAt > CUT_EVERY && this.#buffered > HISTORY) {
      this.#cutAt = this.#clock;
      const from = Math.floor(this.#read);
      this.#skip(period(this.#past(from + HISTORY), 10 * MS));
    }
    if (excess > FAST_ABOVE) return FASTER;
    if (excess < -this.#arrivals.target / 2) return SLOWER;
    this.#read = Math.floor(this.#read);
    return 1;
  }

  /** Leaves `count` samples out and blends over the cut. */
  #skip(count: number): void {
    const from = Math.floor(this.#read);
    if (this.#playing) {
      for (let i = 0; i < BLEND; i++) {
        const share = (i + 1) / (BLEND + 1);
        const at = (from + count + i) & MASK;
        this.#ring[at] = this.#ring[at]! * share + this.#ring[(from + i) & MASK]! * (1 - share);
      }
    }
    this.#read = from + count;
    this.#smoothed -= count;
  }

  /** The HISTORY samples before `end`. */
  #past(end: number): Float32Array {
    const past = new Float32Array(HISTORY);
    for (let i = 0; i < HISTORY; i++) past[i] = this.#ring[(end - HISTORY + i) & MASK]!;
    return past;
  }

  #endsSilent(): boolean {
    for (let i = this.#write - PACKET_SAMPLES; i < this.#write; i++) {
      if (Math.abs(this.#ring[i & MASK]!) > SILENT_PEAK) return false;
    }
    return true;
  }
}
