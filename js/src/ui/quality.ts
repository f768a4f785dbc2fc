/**
 * How well a tile and the whole room arrive, and whose side a fault is on.
 *
 * Only measured facts: what came (`StreamStats`), what the relay says it gives up and why
 * (`stream.flow`), and the round trip. Where nobody can know whose side it is, nobody is blamed.
 */

import type { StreamStats } from "../media/index.js";
import type { Phase, StreamFlow } from "../session/index.js";
import { strings } from "./strings.js";

/** Up to this delay people talk as if side by side, ms (ITU-T G.114 calls 150 ms unnoticed one way). */
export const GOOD_MS = 150;
/** Beyond this delay people talk over each other, ms (the same recommendation's limit). */
export const FAIR_MS = 400;
/** Least part of the frames sent that makes a good, fair and poor picture (as Jitsi has it). */
const GOOD_SHARE = 0.5;
const FAIR_SHARE = 0.3;
const POOR_SHARE = 0.1;
/** A camera without a new picture for so long is lost, ms (as Jitsi has it). */
const LOST_MS = 3000;

export type TileLevel = "good" | "fair" | "poor" | "lost";
/** Where the narrow place is: at this page, at the other end, in the server; null: unknown. */
export type Side = "yours" | "theirs" | "relay" | null;

export interface TileQuality {
  readonly level: TileLevel;
  readonly side: Side;
  /** What is wrong, for people; empty when nothing is. */
  readonly sentence: string;
  /** Why, in a few words; empty where nobody knows. */
  readonly reason: string;
  /** The relay sends no pictures for now. */
  readonly paused: boolean;
}

/** All is well, or nothing is known. */
export const FINE: TileQuality = {
  level: "good",
  side: null,
  sentence: "",
  reason: "",
  paused: false,
};

export interface TileFacts {
  readonly stats: StreamStats | undefined;
  readonly flow: StreamFlow | undefined;
  /** Whose picture it is, as said in a sentence; null for one's own. */
  readonly name: string | null;
  /** A camera always moves; a screen or a kernel's picture may rightly stand still. */
  readonly moving: boolean;
  /** Whether this page's own line is known to be in trouble: true, false, or null for unknown. */
  readonly ownLineBad: boolean | null;
}

const ORDER: readonly TileLevel[] = ["good", "fair", "poor", "lost"];
const SIDES = { receiver: "yours", sender: "theirs", relay: "relay" } as const;

/** The worse of two levels. */
function worse(a: TileLevel, b: TileLevel): TileLevel {
  return ORDER.indexOf(a) >= ORDER.indexOf(b) ? a : b;
}

function byShare(share: number | undefined): TileLevel {
  if (share === undefined || share >= GOOD_SHARE) return "good";
  if (share >= FAIR_SHARE) return "fair";
  return share >= POOR_SHARE ? "poor" : "lost";
}

function byDelay(ms: number | undefined): TileLevel {
  if (ms === undefined || ms <= GOOD_MS) return "good";
  return ms <= FAIR_MS ? "fair" : "poor";
}

/** How one stream arrives (or, for one's own, leaves). */
export function tileQuality(facts: TileFacts): TileQuality {
  const { stats, flow, name, moving, ownLineBad } = facts;
  const flowSide = flow?.side ? SIDES[flow.side] : null;
  if (flow?.state === "paused") {
    return {
      level: "poor",
      side: flowSide,
      sentence: strings.because(flowSide, name, strings.paused),
      reason: strings.slow(flowSide, name),
      paused: true,
    };
  }
  const guess: Side = ownLineBad === null ? null : ownLineBad ? "yours" : "theirs";
  const side = name === null ? "yours" : (flowSide ?? guess);
  const stalled = stats?.stalledMs ?? 0;
  const lost = moving && stalled >= LOST_MS;
  const share = lost ? "lost" : byShare(stats?.share);
  const delay = name === null ? "good" : byDelay(stats?.latencyMs);
  const reduced = flow?.state === "reduced" || stats?.squeezed ? "fair" : "good";
  const level = worse(worse(share, delay), reduced);
  const say = (what: string): TileQuality => ({
    level,
    side,
    sentence: strings.because(side, name, what),
    reason: strings.slow(side, name),
    paused: false,
  });
  if (level === "good") return FINE;
  if (lost) return say(strings.noPicture(Math.round(stalled / 1000)));
  if (share === level) return say(strings.gaps);
  if (delay === level) return say(strings.late(Math.round(stats?.latencyMs ?? 0)));
  return say(strings.reduced);
}

/** Fewer streams than this say nothing about whose line it is. */
const ENOUGH_STREAMS = 2;

/** Whether this page's own line is in trouble, as far as round trip and all streams tell. */
export function ownLineBad(
  stats: Iterable<StreamStats>,
  flows: Iterable<StreamFlow>,
  roundTripMs: number | null,
): boolean | null {
  for (const flow of flows) if (flow.side === "receiver") return true;
  if (roundTripMs !== null && roundTripMs / 2 > FAIR_MS) return true;
  let all = 0;
  let bad = 0;
  for (const { share, latencyMs, stalledMs } of stats) {
    all += 1;
    const level = worse(byShare(share), byDelay(latencyMs));
    if (level !== "good" || (stalledMs ?? 0) >= LOST_MS) bad += 1;
  }
  if (all >= ENOUGH_STREAMS) return bad === all;
  return roundTripMs !== null && roundTripMs / 2 <= GOOD_MS ? false : null;
}

/** A fault must show this often in a row before the sign turns, a recovery this often, seconds. */
const WORSE_AFTER = 2;
const BETTER_AFTER = 3;

/** Keeps the sign from flickering with every second's figures; a pause shows at once. */
export class Steady {
  #shown: TileQuality | null = null;
  #streak = 0;

  take(next: TileQuality): TileQuality {
    const shown = this.#shown;
    const step = shown ? ORDER.indexOf(next.level) - ORDER.indexOf(shown.level) : 0;
    if (!shown || step === 0 || next.paused || shown.paused) return this.#show(next);
    this.#streak =
      Math.sign(this.#streak) === Math.sign(step)
        ? this.#streak + Math.sign(step)
        : Math.sign(step);
    const due = this.#streak >= WORSE_AFTER || this.#streak <= -BETTER_AFTER;
    return due ? this.#show(next) : shown;
  }

  #show(next: TileQuality): TileQuality {
    this.#shown = next;
    this.#streak = 0;
    return next;
  }
}

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
  tiles: readonly TileQuality[] = [],
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
  const byLine = byDelay(delay ?? undefined);
  const hint =
    delay === null ? strings.lineHint : strings.qualityHint(Math.max(1, Math.round(delay)));
  const worst = worstOf(tiles);
  if (!worst || ORDER.indexOf(roomLevel(worst)) < ORDER.indexOf(byLine)) {
    return word(byLine, hint);
  }
  return word(roomLevel(worst), worst.sentence);
}

function word(level: TileLevel, hint: string): Quality {
  if (level === "good" || level === "fair") return { level, word: strings[level], hint };
  return { level: "poor", word: strings.poor, hint };
}

function worstOf(tiles: readonly TileQuality[]): TileQuality | null {
  let worst: TileQuality | null = null;
  for (const tile of tiles) {
    if (tile.level === "good") continue;
    if (!worst || ORDER.indexOf(roomLevel(tile)) > ORDER.indexOf(roomLevel(worst))) worst = tile;
  }
  return worst;
}

/** One tile's fault as the whole room's: only one's own line or the server's makes it poor. */
function roomLevel(tile: TileQuality): TileLevel {
  const serious = tile.paused || tile.level === "poor" || tile.level === "lost";
  if (!serious) return tile.side === "yours" ? "fair" : "good";
  return tile.side === "yours" || tile.side === "relay" ? "poor" : "fair";
}
