/** The encodings of each source: what sizes, how fast, how many bits. */

import type { RenditionOffer } from "../wire/index.js";
import type { SoundSource, VideoShape, VideoSource } from "./messages.js";

/** Cheap to encode in both browsers and in PyAV (VP9 takes Firefox 150 ms a frame, measured). */
export const VIDEO_CODEC = "vp8";

/** One step of a ladder; `lines` is the shorter side, px. */
interface Step {
  readonly lines: number;
  readonly fps: number;
  /** Bits a second when the line is good. */
  readonly bitrate: number;
}

/** For tiles; for whoever is shown large; for the stage, where machine and camera give it. */
const CAMERA: readonly Step[] = [
  { lines: 180, fps: 15, bitrate: 150_000 },
  { lines: 360, fps: 24, bitrate: 400_000 },
  { lines: 720, fps: 30, bitrate: 1_200_000 },
];
/** Few pictures, since text stands still, but sharp ones. */
const SCREEN: readonly Step[] = [
  { lines: 360, fps: 5, bitrate: 200_000 },
  { lines: 1080, fps: 15, bitrate: 1_200_000 },
];
/** A step this much below the picture's own size is still worth a rendition of its own. */
const WORTH_A_STEP = 0.8;

/** 48 kHz mono, 20 ms packets; what a tab plays may be music. */
export const SOUND: Readonly<Record<SoundSource, RenditionOffer>> = {
  microphone: sound(32_000),
  "screen-audio": sound(64_000),
};

function sound(bitrate: number): RenditionOffer {
  return { codec: "opus", bitrate, config: { sample_rate: 48_000, channels: 1 } };
}

/** The renditions of pictures of this shape, small one first; cameras' of at most `most` lines. */
export function renditionsOf(
  source: VideoSource,
  { width, height, colorSpace }: VideoShape,
  codec: string,
  most = Number.POSITIVE_INFINITY,
): RenditionOffer[] {
  const own = Math.min(width, height);
  return stepsFor(source, own, most).map(({ lines, fps, bitrate }) => {
    // Never enlarge; a portrait picture has its short side scaled.
    const scale = Math.min(1, lines / own);
    return {
      codec,
      width: even(width * scale),
      height: even(height * scale),
      fps,
      bitrate,
      config: { layers: 2, ...(colorSpace ? { color_space: colorSpace } : {}) },
    };
  });
}

function stepsFor(source: VideoSource, own: number, most: number): readonly Step[] {
  // A small window is shown as it is, as often as a large one.
  if (source === "screen") return SCREEN.filter((_, i) => i > 0 || worthAStep(SCREEN[0], own));
  return CAMERA.filter(
    ({ lines }, i) => i === 0 || (lines <= most && worthAStep(CAMERA[i - 1], own)),
  );
}

function worthAStep(below: Step | undefined, own: number): boolean {
  return own * WORTH_A_STEP > (below?.lines ?? 0);
}

/** 4:2:0 wants even sizes. */
function even(size: number): number {
  return Math.max(2, Math.round(size / 2) * 2);
}
