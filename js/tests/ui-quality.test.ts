import { signal } from "@preact/signals-core";
import { expect, test } from "vitest";
import { fakeEngine, fakeSession, person, video } from "../dev/fakes.js";
import type { StreamStats } from "../src/media/types.js";
import type { StreamFlow } from "../src/session/types.js";
import {
  ownLineBad,
  qualityOf,
  Steady,
  type TileFacts,
  type TileLevel,
  tileQuality,
} from "../src/ui/quality.js";
import { Signs } from "../src/ui/signs.js";

const STATS: StreamStats = { fps: 24, width: 640, height: 360, bitrate: 4e5, lost: 0, share: 1 };
const FACTS: TileFacts = {
  stats: STATS,
  flow: undefined,
  name: "Ada",
  moving: true,
  ownLineBad: false,
};
const flow = (state: StreamFlow["state"], side: StreamFlow["side"], stream = "v"): StreamFlow => ({
  type: "stream.flow",
  stream,
  state,
  side: side ?? null,
});
const withStats = (more: Partial<StreamStats>) =>
  tileQuality({ ...FACTS, stats: { ...STATS, ...more } });

test("the part of frames that came makes the level, as Jitsi has it", () => {
  const level = (share: number) => withStats({ share }).level;
  expect([1, 0.5, 0.49, 0.3, 0.29, 0.1, 0.09].map(level)).toEqual([
    "good",
    "good",
    "fair",
    "fair",
    "poor",
    "poor",
    "lost",
  ]);
});

test("the delay makes the level, as the ITU has it", () => {
  const level = (latencyMs: number) => withStats({ latencyMs }).level;
  expect([40, 150, 151, 400, 401].map(level)).toEqual(["good", "good", "fair", "fair", "poor"]);
});

test("a camera is lost after three seconds, a screen may stand still", () => {
  expect(withStats({ stalledMs: 2900 }).level).toBe("good");
  expect(withStats({ stalledMs: 3000 }).level).toBe("lost");
  const still = { ...FACTS, moving: false, stats: { ...STATS, stalledMs: 60_000 } };
  expect(tileQuality(still).level).toBe("good");
});

test("a paused tile says so and whose side it is", () => {
  const said = (side: StreamFlow["side"]) => tileQuality({ ...FACTS, flow: flow("paused", side) });
  expect(said("receiver")).toMatchObject({
    paused: true,
    side: "yours",
    sentence: "Your connection is slow: the picture is paused.",
  });
  expect(said("sender")).toMatchObject({ side: "theirs", reason: "Ada’s connection is slow" });
  expect(said("relay").sentence).toContain("The server is busy");
  expect(said(null).sentence).toBe("The picture is paused.");
});

test("the own tile says when others get less than was to be sent", () => {
  const stats = { ...STATS, share: undefined, squeezed: true };
  expect(tileQuality({ ...FACTS, name: null, stats })).toMatchObject({
    level: "fair",
    side: "yours",
    sentence: "Your connection is slow: a simpler picture is sent.",
  });
  expect(tileQuality({ ...FACTS, name: null, stats: { ...stats, squeezed: false } }).level).toBe(
    "good",
  );
});

test("nobody is blamed where nobody can know", () => {
  const late = { ...STATS, latencyMs: 700 };
  const side = (bad: boolean | null) =>
    tileQuality({ ...FACTS, stats: late, ownLineBad: bad }).side;
  expect([side(true), side(false), side(null)]).toEqual(["yours", "theirs", null]);
});

test("one's own line is to blame when the relay says so or all streams suffer", () => {
  const bad = { ...STATS, share: 0.2 };
  expect(ownLineBad([], [flow("reduced", "receiver")], 20)).toBe(true);
  expect(ownLineBad([bad, bad, bad], [], 20)).toBe(true);
  expect(ownLineBad([bad, STATS, STATS], [], 20)).toBe(false);
  expect(ownLineBad([bad], [], 30)).toBe(false);
  expect(ownLineBad([bad], [], null)).toBeNull();
  expect(ownLineBad([STATS], [], 1200)).toBe(true);
});

test("the sign waits for a second bad figure and a third good one; a pause shows at once", () => {
  const at = (level: TileLevel, paused = false) => ({
    level,
    paused,
    side: null,
    sentence: "",
    reason: "",
  });
  const steady = new Steady();
  const shown = (level: TileLevel, paused = false) => steady.take(at(level, paused)).level;
  expect(shown("good")).toBe("good");
  expect(shown("poor")).toBe("good");
  expect(shown("good")).toBe("good");
  expect(shown("poor")).toBe("good");
  expect(shown("poor")).toBe("poor");
  expect([shown("good"), shown("good"), shown("good")]).toEqual(["poor", "poor", "good"]);
  expect(shown("poor", true)).toBe("poor");
  expect(shown("good")).toBe("good");
});

test("the room's word is never good while a tile is paused or lost", () => {
  const live = { kind: "live" } as const;
  const word = (facts: Partial<TileFacts>) =>
    qualityOf(live, [STATS], 10, [tileQuality({ ...FACTS, ...facts })]);
  expect(word({}).level).toBe("good");
  expect(word({ flow: flow("paused", "receiver") })).toMatchObject({
    level: "poor",
    hint: "Your connection is slow: the picture is paused.",
  });
  expect(word({ flow: flow("paused", "relay") }).level).toBe("poor");
  expect(word({ flow: flow("paused", "sender") }).level).toBe("fair");
  expect(word({ stats: { ...STATS, stalledMs: 9000 }, ownLineBad: null }).level).toBe("fair");
});

test("signs follow the relay's word between two rounds of figures, and forget streams", () => {
  const session = fakeSession("demo");
  const engine = fakeEngine();
  const signs = new Signs();
  const ada = person(0);
  session.participants.value = new Map([[ada.id, ada]]);
  session.streams.value = new Map([["v", video("v", ada.id)]]);
  engine.stats.value = new Map([["v", STATS]]);
  signs.update(session, engine);
  expect(signs.tiles.value.get("v")?.level).toBe("good");
  const before = signal(signs.tiles.value).value;
  signs.update(session, engine);
  expect(signs.tiles.value).toBe(before);
  session.flows.value = new Map([["v", flow("paused", "relay")]]);
  signs.update(session, engine);
  expect(signs.tiles.value.get("v")?.paused).toBe(true);
  session.streams.value = new Map();
  signs.update(session, engine);
  expect(signs.tiles.value.size).toBe(0);
});
