/**
 * What this machine encodes and decodes in time, measured once per browser and remembered.
 *
 * Nothing waits for it: until it is known, the floor (VP8, 360 lines) is used.
 */

import type { VideoSource } from "./messages.js";

/** What was measured; see worker/ability_probe.ts. */
export interface Ability {
  /** Codecs worth sending instead of VP8, best first, by source. */
  readonly encodes: Readonly<Record<VideoSource, readonly string[]>>;
  /** Families decoded in time, for `hello.client.decodes`. */
  readonly decodes: readonly string[];
  /** The most lines of a camera rendition that is encoded in a third of the frame's time. */
  readonly lines: number;
}

/** What every browser that gets so far can do. */
export const FLOOR_ABILITY: Ability = {
  encodes: { camera: [], screen: [] },
  decodes: ["vp8", "opus"],
  lines: 360,
};
