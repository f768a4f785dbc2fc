/**
 * What this machine encodes and decodes in time, measured once per browser and remembered.
 *
 * Nothing waits for it: until it is known, the floor (VP8, 360 lines) is used.
 */

import probeSource from "worker:./worker/probe.ts";
import { keepAbility, keptAbility } from "../session/decodes.js";
import type { VideoSource } from "./messages.js";

/** What was measured; see worker/probe.ts. */
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

/** A meeting has begun in peace before the machine is put to the test. */
const AFTER_MS = 60_000;
/** A machine that was busy just then gets another chance sooner. */
const POOR_DAYS = 2;

/** What was measured before, or the floor. */
export function knownAbility(): Ability {
  return keptAbility<Ability>() ?? FLOOR_ABILITY;
}

/** Measures once the meeting runs, unless it was done in this browser; `done` gets the result. */
export function measureAbility(signal: AbortSignal, done: (ability: Ability) => void): void {
  if (keptAbility<Ability>()) return;
  let probe: Worker | null = null;
  const stop = () => {
    probe?.terminate();
    probe = null;
  };
  const timer = setTimeout(() => {
    const url = URL.createObjectURL(new Blob([probeSource], { type: "text/javascript" }));
    // A worker of its own: what it draws and waits for must not hold up a voice.
    probe = new Worker(url, { name: "meetwidget-probe" });
    probe.onmessage = ({ data }: MessageEvent<Ability>) => {
      stop();
      keepAbility(data, data.lines > FLOOR_ABILITY.lines ? undefined : POOR_DAYS);
      done(data);
    };
    URL.revokeObjectURL(url);
  }, AFTER_MS);
  signal.addEventListener("abort", () => {
    clearTimeout(timer);
    stop();
  });
}
