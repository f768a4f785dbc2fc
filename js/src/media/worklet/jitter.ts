/**
 * A voice's jitter buffer: as short as the line allows, and short again after a stall.
 *
 * The target follows the arrival times. What is above it is played 2 % faster, or left
 * out where it is silent; a buffer that only ever grows makes people talk over each other.
 */

/** Everything on the wire is 48 kHz mono. */
export const SAMPLE_RATE = 48_000;
/** 20 ms, the length of an Opus packet. */
export const PACKET_SAMPLES = 960;

const MS = SAMPLE_RATE / 1000;
/** Bounds of the target. */
const MIN_TARGET = 40 * MS;
const MAX_TARGET = 200 * MS;
/** A packet in hand beyond the measured jitter. */
const MARGIN = 20 * MS;
/** Arrival times looked at: 4 s. */
const WINDOW_PACKETS = 200;
/** The target is found anew with every this many packets: sorting takes time of the audio thread. */
const JUDGE_EVERY = 10;
/** The share of packets that shall be in time. */
const IN_TIME = 0.97;
/** Above target by this: play faster. */
const FAST_ABOVE = 20 * MS;
/** Above target by this (a stall ended): jump. */
const JUMP_ABOVE = 120 * MS;
const FASTER = 1.02;
const SLOWER = 0.98;
/** A packet below this peak may be left out (-46 dBFS). */
const SILENT_PEAK = 0.005;
/** Over this many samples a cut is blended: 2.5 ms. */
const BLEND = 120;
/** A pause in sending, not a stall: start measuring anew, s. */
const PAUSE_S = 0.6;

/** One participant's sound on its way to the sound card; times in seconds of the audio clock. */
export class JitterBuffer {
  #queue: Float32Array[] = [];
  #position = 0;
  #buffered = 0;
  #smoothed = 0;
  #playing = false;
  /** The last samples played, backwards: what a gap or cut is blended with. */
  #tail = new Float32Array(PACKET_SAMPLES);
  #concealed = 0;
  #expected = 0;
  #lastArrival = Number.NEGATIVE_INFINITY;
  #offsets: number[] = [];
  #packets = 0;
  #target = MIN_TARGET;
  #underruns = 0;

  /** Sound waiting, ms. */
  get bufferedMs(): number {
    return this.#buffered / MS;
  }

  /** Sound that should wait, ms. */
  get targetMs(): number {
    return this.#target / MS;
  }

  /** How often the sound ran out while it should have gone on. */
  get underruns(): number {
    return this.#underruns;
  }

  /** Takes a decoded packet that arrived at `now`, after `lost` packets that never came. */
  push(samples: Float32Array, lost: number, now: number): void {
    this.#measure(lost, now);
    if (lost > 0 && this.#queue.length) this.#blend(samples, mirrored(this.#queue.at(-1)!));
    this.#queue.push(samples);
    this.#buffered += samples.length;
    if (this.#buffered > this.#target + JUMP_ABOVE) this.#jump();
  }

  /** Fills `out` with the next samples; silence where there are none. */
  pull(out: Float32Array): void {
    this.#smoothed += (this.#buffered - this.#smoothed) * (out.length / (250 * MS));
    if (!this.#playing && this.#buffered >= this.#target) this.#start();
    if (!this.#playing) {
      this.#conceal(out, 0);
      return;
    }
    const speed = this.#speed();
    const written = speed === 1 ? this.#copy(out) : this.#resample(out, speed);
    this.#remember(out, written);
    if (written === out.length) return;
    this.#playing = false;
    this.#underruns++;
    this.#concealed = 0;
    this.#conceal(out, written);
  }

  #measure(lost: number, now: number): void {
    if (now - this.#lastArrival > PAUSE_S) {
      this.#offsets = [];
      this.#expected = now;
    } else {
      this.#expected += ((lost + 1) * PACKET_SAMPLES) / SAMPLE_RATE;
    }
    this.#lastArrival = now;
    this.#offsets.push(now - this.#expected);
    if (this.#offsets.length > WINDOW_PACKETS) this.#offsets.shift();
    if (this.#packets++ % JUDGE_EVERY === 0) this.#judge();
  }

  #judge(): void {
    const sorted = [...this.#offsets].sort((a, b) => a - b);
    const late = sorted[Math.ceil(IN_TIME * sorted.length) - 1] as number;
    const jitter = (late - (sorted[0] as number)) * SAMPLE_RATE;
    this.#target = Math.min(MAX_TARGET, Math.max(MIN_TARGET, jitter + MARGIN));
  }

  #start(): void {
    this.#playing = true;
    while (this.#queue.length > 1 && this.#buffered > this.#target + PACKET_SAMPLES) this.#skip();
    this.#smoothed = this.#buffered;
    this.#blend(this.#queue[0]!, new Float32Array(BLEND), this.#position);
  }

  /** Cuts back to the target at once. */
  #jump(): void {
    while (this.#queue.length > 1 && this.#buffered > this.#target + PACKET_SAMPLES) this.#skip();
    this.#smoothed = this.#buffered;
    this.#blend(this.#queue[0]!, this.#playing ? this.#tail : new Float32Array(BLEND));
  }

  #skip(): void {
    const head = this.#queue.shift()!;
    this.#buffered -= head.length - Math.floor(this.#position);
    this.#position = 0;
  }

  #speed(): number {
    const excess = this.#smoothed - this.#target;
    if (excess < -this.#target / 2) return SLOWER;
    if (excess < FAST_ABOVE) {
      this.#position = Math.floor(this.#position);
      return 1;
    }
    const [head, next] = this.#queue;
    if (this.#position === 0 && head && next && peak(head) < SILENT_PEAK) {
      this.#skip();
      this.#smoothed -= head.length;
    }
    return FASTER;
  }

  #copy(out: Float32Array): number {
    let written = 0;
    while (written < out.length && this.#queue.length) {
      const head = this.#queue[0]!;
      const count = Math.min(out.length - written, head.length - this.#position);
      out.set(head.subarray(this.#position, this.#position + count), written);
      written += count;
      this.#advance(count);
    }
    return written;
  }

  #resample(out: Float32Array, speed: number): number {
    for (let i = 0; i < out.length; i++) {
      const head = this.#queue[0];
      if (!head) return i;
      const at = Math.floor(this.#position);
      const rest = this.#position - at;
      const here = head[at] ?? 0;
      const after = head[at + 1] ?? this.#queue[1]?.[0] ?? here;
      out[i] = here + (after - here) * rest;
      this.#advance(speed);
    }
    return out.length;
  }

  #advance(by: number): void {
    const before = Math.floor(this.#position);
    this.#position += by;
    this.#buffered -= Math.floor(this.#position) - before;
    const head = this.#queue[0]!;
    if (this.#position < head.length) return;
    this.#position -= head.length;
    this.#queue.shift();
    if (!this.#queue.length) {
      this.#position = 0;
      this.#buffered = 0;
    }
  }

  /** Plays the last packet backwards while it fades: no click, and a short gap is hardly heard. */
  #conceal(out: Float32Array, from: number): void {
    for (let i = from; i < out.length; i++) {
      const gain = 1 - this.#concealed / PACKET_SAMPLES;
      out[i] = gain > 0 ? this.#tail[this.#concealed]! * gain : 0;
      if (gain > 0) this.#concealed++;
    }
  }

  #remember(out: Float32Array, count: number): void {
    if (!count) return;
    this.#tail.copyWithin(count, 0);
    for (let i = 0; i < count; i++) this.#tail[count - 1 - i] = out[i]!;
  }

  /** Blends the samples of `into` from `at` on with what came before, so that a cut does not click. */
  #blend(into: Float32Array, before: Float32Array, at = 0): void {
    const start = Math.floor(at);
    for (let i = 0; i < BLEND && start + i < into.length; i++) {
      const share = (i + 1) / (BLEND + 1);
      into[start + i] = into[start + i]! * share + (before[i] ?? 0) * (1 - share);
    }
  }
}

function mirrored(samples: Float32Array): Float32Array {
  return samples.slice(-BLEND).reverse();
}

function peak(samples: Float32Array): number {
  let most = 0;
  for (const sample of samples) most = Math.max(most, Math.abs(sample));
  return most;
}
