import fc from "fast-check";
import { expect, test } from "vitest";
import { type Continuity, ContinuityGate } from "../src/media/continuity.js";

/** What an L1T2 sender makes: a key frame, then base and upper frames in turn. */
function sent(count: number, keyEvery = 40, first = 65_500): Continuity[] {
  let base = first;
  return Array.from({ length: count }, (_, index) => {
    const layer = index % keyEvery !== 0 && index % 2 === 1 ? 1 : 0;
    if (layer === 0) base = (base + 1) % 65_536;
    return { key: index % keyEvery === 0, layer, baseCount: base };
  });
}

test("an undisturbed stream passes whole, also where the base count wraps", () => {
  const gate = new ContinuityGate();
  expect(sent(200).every((frame) => gate.admits(frame))).toBe(true);
});

test("nothing passes before the first key frame", () => {
  const gate = new ContinuityGate();
  expect(
    sent(30)
      .slice(1)
      .some((frame) => gate.admits(frame)),
  ).toBe(false);
  expect(gate.waiting).toBe(true);
});

test("upper frames may be left out without harm", () => {
  const gate = new ContinuityGate();
  const kept = sent(100).filter(({ layer }, index) => layer === 0 || index % 3 === 0);
  expect(kept.every((frame) => gate.admits(frame))).toBe(true);
});

test("a lost base frame stops everything, upper frames too, until the next key frame", () => {
  const gate = new ContinuityGate();
  const frames = sent(80);
  const admitted = frames.map((frame, index) => index !== 10 && gate.admits(frame));
  expect(admitted.slice(0, 10).every(Boolean)).toBe(true);
  expect(admitted.slice(10, 40).some(Boolean)).toBe(false);
  expect(admitted.slice(40).every(Boolean)).toBe(true);
});

test("whatever is lost, a decoder never gets a frame whose reference it has not got", () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { minLength: 120, maxLength: 120 }), (lost) => {
      const gate = new ContinuityGate();
      /** Base counts in the decoder since its last key frame. */
      let decoded = new Set<number>();
      sent(120).forEach((frame, index) => {
        if (lost[index] || !gate.admits(frame)) return;
        if (frame.key) decoded = new Set([frame.baseCount]);
        else if (frame.layer === 0) {
          expect(decoded.has((frame.baseCount + 65_535) % 65_536)).toBe(true);
          decoded.add(frame.baseCount);
        } else expect(decoded.has(frame.baseCount)).toBe(true);
      });
    }),
  );
});
