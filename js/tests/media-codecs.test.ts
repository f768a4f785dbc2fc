import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type Ability, FLOOR_ABILITY, knownAbility } from "../src/media/ability.js";
import { chooseCodec, decodedByAll, familyOf } from "../src/media/codecs.js";
import { keepAbility, knownDecodes } from "../src/session/decodes.js";
import type { Participant } from "../src/wire/index.js";

const AV1 = "av01.0.08M.08";
const VP9 = "vp09.00.40.08";

function who(decodes?: readonly string[]): Participant {
  return {
    id: "p",
    kind: "person",
    role: "member",
    joined_at: 0,
    state: {},
    user: { name: "ada", display_name: "Ada", initials: "A", color: "#000" },
    ...(decodes ? { decodes } : {}),
  };
}

test("who names nothing decodes VP8 alone, and so does everybody's common denominator", () => {
  expect([...decodedByAll([who(["vp8", "vp9", "av1"]), who(["vp8", "vp9"])])].sort()).toEqual([
    "vp8",
    "vp9",
  ]);
  expect([...decodedByAll([who(["vp8", "av1"]), who()])]).toEqual(["vp8"]);
  expect([...decodedByAll([])]).toEqual(["vp8"]);
});

test("the best codec that this machine affords and all decode is taken, VP8 otherwise", () => {
  const affordable = [AV1, VP9];
  expect(chooseCodec(affordable, new Set(["vp8", "vp9", "av1"]))).toBe(AV1);
  expect(chooseCodec(affordable, new Set(["vp8", "vp9"]))).toBe(VP9);
  expect(chooseCodec(affordable, new Set(["vp8"]))).toBe("vp8");
  expect(chooseCodec([], new Set(["vp8", "vp9", "av1"]))).toBe("vp8");
});

test("codec strings belong to the families of the protocol", () => {
  expect([AV1, VP9, "avc1.42e01f", "vp8"].map(familyOf)).toEqual(["av1", "vp9", "h264", "vp8"]);
});

const measured: Ability = {
  encodes: { camera: [], screen: [AV1] },
  decodes: ["vp8", "opus", "av1"],
  lines: 720,
};

beforeEach(() => {
  const kept = new Map<string, string>();
  vi.stubGlobal("navigator", { userAgent: "one" });
  vi.stubGlobal("localStorage", {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
  });
});

afterEach(() => vi.unstubAllGlobals());

test("a measurement is remembered for the browser it was made in, and not for ever", () => {
  expect([knownAbility(), knownDecodes()]).toEqual([FLOOR_ABILITY, undefined]);
  keepAbility(measured);
  expect([knownAbility(), knownDecodes()]).toEqual([measured, measured.decodes]);
  vi.stubGlobal("navigator", { userAgent: "another version" });
  expect([knownAbility(), knownDecodes()]).toEqual([FLOOR_ABILITY, undefined]);
  vi.stubGlobal("navigator", { userAgent: "one" });
  keepAbility(measured, -1);
  expect(knownAbility()).toEqual(FLOOR_ABILITY);
});

test("where the browser keeps nothing, or something strange, the floor holds", () => {
  vi.stubGlobal("localStorage", { getItem: () => "{spoilt" });
  expect([knownAbility(), knownDecodes()]).toEqual([FLOOR_ABILITY, undefined]);
});
