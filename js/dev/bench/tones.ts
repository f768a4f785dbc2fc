/**
 * A melody that tells the time, and an ear that reads it.
 *
 * Each eighth of a second has a tone of its own, 32 of them in a row (4 s), far enough apart to be
 * told from each other after coding and slight stretching. What the loudspeaker gets is analysed every
 * 5 ms: which tone, and how loud. Python makes latencies and gaps of it (tests/network/figures.py).
 */

/** The same numbers are in tests/network/figures.py. */
const SLOT_MS = 125;
const TONES = 32;
const LOWEST_HZ = 600;
const STEP = 1.07;
/** Neighbours in time are far apart in pitch; 11 and 32 have no common factor. */
const LEAP = 11;

const SHARED = `
const FREQUENCIES = Array.from({ length: ${TONES} }, (_, k) => ${LOWEST_HZ} * ${STEP} ** ((k * ${LEAP}) % ${TONES}));
`;

const SOURCE = `${SHARED}
registerProcessor("bench-mouth", class extends AudioWorkletProcessor {
  phase = 0;
  process(_, [[out]]) {
    const slot = Math.floor(Date.now() / ${SLOT_MS}) % ${TONES};
    const step = (2 * Math.PI * FREQUENCIES[slot]) / sampleRate;
    for (let i = 0; i < out.length; i++) {
      out[i] = 0.25 * Math.sin(this.phase);
      this.phase = (this.phase + step) % (2 * Math.PI);
    }
    return true;
  }
});`;

/** Window 20 ms, every 5 ms. */
const EAR = `${SHARED}
const WINDOW = Math.round(sampleRate / 50), HOP = Math.round(sampleRate / 200);
const COEFFICIENTS = FREQUENCIES.map((f) => 2 * Math.cos((2 * Math.PI * f) / sampleRate));
registerProcessor("bench-ear", class extends AudioWorkletProcessor {
  ring = new Float32Array(WINDOW);
  at = 0;
  fresh = 0;
  heard = [];
  process([input]) {
    const [left] = input;
    for (let i = 0; i < 128; i++) {
      this.ring[this.at] = left ? left[i] : 0;
      this.at = (this.at + 1) % WINDOW;
      if (++this.fresh >= HOP) { this.fresh = 0; this.look(); }
    }
    return true;
  }
  look() {
    let energy = 0;
    for (let i = 0; i < WINDOW; i++) energy += this.ring[i] ** 2;
    const rms = Math.sqrt(energy / WINDOW);
    let best = -1, most = 0;
    if (rms > 0.005) {
      for (let k = 0; k < ${TONES}; k++) {
        let s1 = 0, s2 = 0;
        const c = COEFFICIENTS[k];
        for (let i = 0, j = this.at; i < WINDOW; i++) {
          const s0 = this.ring[j] + c * s1 - s2;
          s2 = s1; s1 = s0;
          if (++j === WINDOW) j = 0;
        }
        const power = s1 * s1 + s2 * s2 - c * s1 * s2;
        if (power > most) { most = power; best = k; }
      }
    }
    this.heard.push([Date.now(), best, Math.round(rms * 1000) / 1000]);
    if (this.heard.length >= 40) { this.port.postMessage(this.heard); this.heard = []; }
  }
});`;

async function load(context: BaseAudioContext, source: string): Promise<void> {
  const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  await context.audioWorklet.addModule(url);
  URL.revokeObjectURL(url);
}

/** The melody. */
export async function toneSource(context: AudioContext): Promise<AudioWorkletNode> {
  await load(context, SOURCE);
  return new AudioWorkletNode(context, "bench-mouth", {
    numberOfInputs: 0,
    outputChannelCount: [1],
  });
}

/** When (ms since 1970), which tone (-1: silence), how loud (RMS). */
export type Heard = readonly [number, number, number];

const plugged = new WeakMap<BaseAudioContext, Promise<void>>();

/** Listens to `node`; `take` gets what was heard, a few times a second. */
export async function listen(node: AudioNode, take: (heard: Heard[]) => void): Promise<void> {
  const { context } = node;
  let loaded = plugged.get(context);
  if (!loaded) {
    loaded = load(context, EAR);
    plugged.set(context, loaded);
  }
  await loaded;
  const ear = new AudioWorkletNode(context, "bench-ear", { numberOfOutputs: 0 });
  ear.port.onmessage = ({ data }: MessageEvent<Heard[]>) => take(data);
  node.connect(ear);
}
