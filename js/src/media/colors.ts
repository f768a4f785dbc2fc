/**
 * Colour spaces between WebCodecs and the wire.
 *
 * VP8 carries none: undeclared, colours are off by up to 40 of 255 between a canvas (BT.709,
 * full range) and a camera (SMPTE 170M, limited).
 */

import type { ColorSpace } from "../wire/index.js";

/** The wire's form; null when the browser does not know, or says RGB, which no chunk is. */
export function toWire(
  space: VideoColorSpace | VideoColorSpaceInit | undefined,
): ColorSpace | null {
  if (!space?.matrix || space.matrix === ("rgb" as VideoMatrixCoefficients)) return null;
  return {
    primaries: space.primaries ?? null,
    transfer: space.transfer ?? null,
    matrix: space.matrix,
    full_range: space.fullRange ?? null,
  };
}

/** WebCodecs' form, for a decoder. */
export function fromWire(space: ColorSpace): VideoColorSpaceInit {
  return {
    primaries: (space.primaries ?? null) as VideoColorPrimaries | null,
    transfer: (space.transfer ?? null) as VideoTransferCharacteristics | null,
    matrix: (space.matrix ?? null) as VideoMatrixCoefficients | null,
    fullRange: space.full_range ?? null,
  };
}

/** Whether both mean the same. */
export function sameColors(a: ColorSpace | null, b: ColorSpace | null): boolean {
  return (
    a?.matrix === b?.matrix &&
    a?.primaries === b?.primaries &&
    a?.transfer === b?.transfer &&
    a?.full_range === b?.full_range
  );
}
