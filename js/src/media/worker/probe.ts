/**
 * Measures once what this machine encodes and decodes in time; a worker of its own, for a few seconds.
 *
 * `isConfigSupported` is no answer: Firefox "supports" VP9 at 150 ms a frame and AV1 at 3.7 times
 * the bitrate asked for (measured).
 */

import type { Ability } from "../ability.js";

/** A codec has this part of a frame's time, for encoding and for decoding: others need the rest. */
const PART = 1 / 3;
/** More than this many times the bits asked for is no rate control. */
const OVERSHOOT_MOST = 2;
/** Frames measured after the first, which also sets things up. */
const FRAMES = 8;
/** A frame that takes so long ends the measurement, ms. */
const HOPELESS_MS = 400;

interface Trial {
  readonly codec: string;
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  readonly bitrate: number;
  /** Text, as on a screen. */
  readonly text?: boolean;
}

interface Result {
  readonly encodes: boolean;
  readonly decodes: boolean;
}

const NEITHER: Result = { encodes: false, decodes: false };
const TILE = { width: 640, height: 360, fps: 24, bitrate: 400_000 };
const STAGE = { width: 1280, height: 720, fps: 30, bitrate: 1_200_000 };
const SCREEN = { width: 1920, height: 1080, fps: 15, bitrate: 1_200_000, text: true };
/** Best first: for scrolled text at 1080p AV1 takes a tenth of VP8's bits, VP9 a third. */
const CANDIDATES = [
  ["av1", "av01.0.08M.08"],
  ["vp9", "vp09.00.40.08"],
] as const;

/** Moving shapes, or lines of text that are scrolled: enough work for an encoder. */
function draw(context: OffscreenCanvasRenderingContext2D, trial: Trial, turn: number): void {
  const { width, height, text } = trial;
  context.fillStyle = text ? "#fff" : "#567";
  context.fillRect(0, 0, width, height);
  if (text) context.font = "15px monospace";
  for (let i = 0; i < 60; i++) {
    const seed = (i * 7919) % 997;
    context.fillStyle = `hsl(${seed % 360} 40% 40%)`;
    if (text)
      context.fillText(`${seed} def f${i}(x): return ${seed * i}`.repeat(3), 9, 20 * i - 12 * turn);
    else context.fillRect((seed * 3 + turn * (i % 9)) % width, (seed * 5) % height, 90, 60 + turn);
  }
}

/** Resolves with the next output, or null: an error, or too late. */
class Outputs<T> {
  #next: ((value: T | null) => void) | null = null;
  failed = false;

  put(value: T): void {
    this.#next?.(value);
  }

  fail(): void {
    this.failed = true;
    this.#next?.(null);
  }

  async after(act: () => void): Promise<T | null> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(null), HOPELESS_MS);
      this.#next = (value) => {
        clearTimeout(timer);
        this.#next = null;
        resolve(value);
      };
      act();
    });
  }
}

async function measure(trial: Trial): Promise<Result> {
  const { codec, width, height, fps, bitrate } = trial;
  const chunks = new Outputs<EncodedVideoChunk>();
  const pictures = new Outputs<VideoFrame>();
  const encoder = new VideoEncoder({
    output: (chunk) => chunks.put(chunk),
    error: () => chunks.fail(),
  });
  const decoder = new VideoDecoder({
    output: (frame) => {
      frame.close();
      pictures.put(frame);
    },
    error: () => pictures.fail(),
  });
  try {
    const config = {
      codec,
      width,
      height,
      bitrate,
      framerate: fps,
      latencyMode: "realtime" as const,
    };
    encoder.configure({
      ...config,
      // As they will be used; VP8 is used in any case, with layers or without.
      ...(codec === "vp8" ? {} : { scalabilityMode: "L1T2" }),
      ...(trial.text ? { contentHint: "detail" } : {}),
    });
    decoder.configure({ codec, optimizeForLatency: true });
    const context = new OffscreenCanvas(width, height).getContext("2d");
    if (!context) return NEITHER;
    const encoding: number[] = [];
    const decoding: number[] = [];
    let bytes = 0;
    for (let i = 0; i <= FRAMES; i++) {
      draw(context, trial, i);
      const frame = new VideoFrame(context.canvas, { timestamp: (i * 1_000_000) / fps });
      const given = performance.now();
      const chunk = await chunks.after(() => encoder.encode(frame, { keyFrame: i === 0 }));
      const encoded = performance.now();
      frame.close();
      if (!chunk) return NEITHER;
      const shown = pictures.failed ? null : await pictures.after(() => decoder.decode(chunk));
      if (!shown) pictures.failed = true;
      if (i === 0) continue;
      bytes += chunk.byteLength;
      encoding.push(encoded - given);
      decoding.push(performance.now() - encoded);
    }
    const most = (1000 / fps) * PART;
    const kept = (bytes * 8) / FRAMES <= (bitrate / fps) * OVERSHOOT_MOST;
    return {
      encodes: kept && median(encoding) < most,
      decodes: !pictures.failed && median(decoding) < most,
    };
  } catch {
    return NEITHER; // the codec's name is enough for some browsers
  } finally {
    for (const coder of [encoder, decoder]) if (coder.state !== "closed") coder.close();
  }
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[values.length >> 1] ?? Number.POSITIVE_INFINITY;
}

async function probe(): Promise<Ability> {
  const stage = await measure({ ...STAGE, codec: "vp8" });
  const decodes = ["vp8", "opus"];
  const screen: string[] = [];
  for (const [family, codec] of CANDIDATES) {
    // The small picture first: where that is hopeless, the large one is not even tried.
    const { encodes, decodes: small } = await measure({ ...TILE, codec });
    if (!small) continue;
    const large = encodes ? await measure({ ...SCREEN, codec }) : NEITHER;
    if (encodes ? large.decodes : small) decodes.push(family);
    if (large.encodes) screen.push(codec);
  }
  const lines = stage.encodes && stage.decodes ? STAGE.height : TILE.height;
  return { encodes: { camera: [], screen }, decodes, lines };
}

void probe().then((ability) => (globalThis as unknown as Worker).postMessage(ability));
