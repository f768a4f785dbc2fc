/** The encodings of a camera: what sizes, how fast, how many bits. */

import type { ColorSpace, RenditionOffer } from "../wire/index.js";

/** Cheap to encode in both browsers and in PyAV (FIELD-NOTES: VP9 150 ms a frame in Firefox). */
export const VIDEO_CODEC = "vp8";

/** For tiles. */
const SMALL = { height: 180, fps: 15, bitrate: 150_000 };
/** For whoever is shown large. */
const LARGE = { height: 360, fps: 24, bitrate: 400_000 };

/** Microphone: 48 kHz mono, 20 ms packets. */
export const VOICE: RenditionOffer = {
  codec: "opus",
  bitrate: 32_000,
  config: { sample_rate: 48_000, channels: 1 },
};

/** The renditions of a camera that gives pictures of this size, small one first. */
export function cameraRenditions(
  width: number,
  height: number,
  colorSpace: ColorSpace | null,
): RenditionOffer[] {
  return [SMALL, LARGE].map(({ height: lines, fps, bitrate }) => {
    // Never enlarge; a portrait picture has its short side scaled.
    const scale = Math.min(1, lines / Math.min(width, height));
    return {
      codec: VIDEO_CODEC,
      width: even(width * scale),
      height: even(height * scale),
      fps,
      bitrate,
      config: { layers: 2, ...(colorSpace ? { color_space: colorSpace } : {}) },
    };
  });
}

/** VP8 in 4:2:0 wants even sizes. */
function even(size: number): number {
  return Math.max(2, Math.round(size / 2) * 2);
}
