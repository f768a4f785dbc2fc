/**
 * Which codec a stream is sent in: one that everybody present decodes in time.
 *
 * What a browser says it supports is no answer (Firefox takes 150 ms for a VP9 frame that it
 * "supports"), so what is named here was measured; see worker/codec_probe.ts.
 */

import type { Participant } from "../wire/index.js";

/** Decoded by every client, also by those who name nothing. */
export const FLOOR = "vp8";

/** The family that `hello.client.decodes` names a codec string by. */
export function familyOf(codec: string): string {
  if (codec.startsWith("vp09")) return "vp9";
  if (codec.startsWith("av01")) return "av1";
  if (codec.startsWith("avc1")) return "h264";
  return codec;
}

/** The families that every one of them decodes. */
export function decodedByAll(participants: readonly Participant[]): ReadonlySet<string> {
  const [first, ...others] = participants.map(({ decodes }) => new Set(decodes ?? [FLOOR]));
  const all = new Set(first ?? []);
  for (const family of all) {
    if (!others.every((decodes) => decodes.has(family))) all.delete(family);
  }
  return all.add(FLOOR);
}

/** The first of the codecs that this machine can afford and all decode; VP8 otherwise. */
export function chooseCodec(affordable: readonly string[], all: ReadonlySet<string>): string {
  return affordable.find((codec) => all.has(familyOf(codec))) ?? FLOOR;
}
