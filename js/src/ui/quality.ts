/** One word for how the connection to the room is. */

import type { StreamStats } from "../media/index.js";
import type { Phase } from "../session/index.js";
import { strings } from "./strings.js";

/** Up to this delay people talk as if side by side, ms (ITU-T G.114 calls 150 ms unnoticed one way). */
const GOOD_MS = 150;
/** Beyond this delay people talk over each other, ms (the same recommendation's limit). */
const FAIR_MS = 400;

export type Level = "good" | "fair" | "poor" | "busy" | "off";

export interface Quality {
  readonly level: Level;
  readonly word: string;
  readonly hint: string;
}

function median(values: readonly number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? null;
}

/** The room's line, from what arrives, or from the round trip while nothing does. */
export function qualityOf(
  phase: Phase,
  stats: Iterable<StreamStats>,
  roundTripMs: number | null,
): Quality {
  if (phase.kind === "reconnecting") {
    return { level: "busy", word: strings.reconnecting, hint: phase.reason };
  }
  if (phase.kind === "joining") {
    return { level: "busy", word: strings.joining, hint: strings.lineHint };
  }
  if (phase.kind === "waiting") {
    return { level: "busy", word: strings.inLobby, hint: strings.lineHint };
  }
  if (phase.kind !== "live") return { level: "off", word: strings.left, hint: strings.lineHint };
  const latencies = [...stats].flatMap(({ latencyMs }) =>
    latencyMs === undefined ? [] : [latencyMs],
  );
  const delay = median(latencies) ?? (roundTripMs === null ? null : roundTripMs / 2);
  if (delay === null) return { level: "good", word: strings.good, hint: strings.lineHint };
  const hint = strings.qualityHint(Math.max(1, Math.round(delay)));
  if (delay <= GOOD_MS) return { level: "good", word: strings.good, hint };
  if (delay <= FAIR_MS) return { level: "fair", word: strings.fair, hint };
  return { level: "poor", word: strings.poor, hint };
}
