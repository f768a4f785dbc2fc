import { expect, test } from "vitest";
import { type Claim, Shedding } from "../src/media/shedding.js";
import { Effort } from "../src/media/worker/effort.js";

const claim = (source: Claim["source"], index: number, nominal: number): Claim => ({
  source,
  index,
  nominal,
});
const TILE = claim("camera", 0, 150_000);
const FACE = claim("camera", 1, 400_000);
const STAGE = claim("camera", 2, 1_200_000);
const TEXT = claim("screen", 1, 1_200_000);

/** Judges the same state every 40 ms; returns what was changed when, ms. */
function judge(
  shedding: Shedding,
  claims: readonly Claim[],
  target: number,
  { from = 0, until = 5_000, overloaded = false } = {},
) {
  const changes: [number, string, number | undefined][] = [];
  for (let now = from; now < until; now += 40) {
    const source = shedding.update(claims, target, overloaded, now);
    if (!source) continue;
    changes.push([now, source, shedding.most(source)]);
    break;
  }
  return changes;
}

test("what fits stays, however long", () => {
  expect(judge(new Shedding(), [TILE, FACE, STAGE], 600_000, { until: 60_000 })).toEqual([]);
});

test("a moment's dip takes nothing away, a lasting one the largest picture", () => {
  const shedding = new Shedding();
  expect(judge(shedding, [FACE, STAGE], 300_000, { until: 1_000 })).toEqual([]);
  expect(judge(shedding, [FACE, STAGE], 600_000, { from: 1_000, until: 1_100 })).toEqual([]);
  const [[at, source, most] = []] = judge(shedding, [FACE, STAGE], 300_000, { from: 1_100 });
  expect([source, most]).toEqual(["camera", 2]);
  expect(at).toBeGreaterThan(2_500);
});

test("text on a screen stays longer than large faces; small pictures stay always", () => {
  const shedding = new Shedding();
  const order: unknown[] = [];
  let claims = [TILE, FACE, STAGE, TEXT];
  for (let i = 0; i < 5; i++) {
    for (const [, source, most] of judge(shedding, claims, 20_000, {
      from: i * 5_000,
      until: i * 5_000 + 5_000,
    })) {
      order.push([source, most]);
      claims = claims.filter((one) => one.source !== source || one.index < (most ?? 9));
    }
  }
  expect(order).toEqual([
    ["camera", 2],
    ["camera", 1],
    ["screen", 1],
  ]);
});

test("what was left out comes back when the line bears it for a while, later if it does not last", () => {
  const shedding = new Shedding();
  const away = (from: number) =>
    judge(shedding, [FACE, STAGE], 300_000, { from, until: from + 9_000 });
  const back = (from: number) => judge(shedding, [FACE], 700_000, { from, until: from + 90_000 });
  away(0);
  expect(shedding.useful([FACE])).toBeGreaterThan(400_000);
  expect(judge(shedding, [FACE], 400_000, { from: 2_000, until: 30_000 })).toEqual([]);
  const [[first, , most] = [0]] = back(30_000);
  expect(most).toBeUndefined();
  away(first);
  const [[second] = [0]] = back(first + 2_000);
  expect(second - (first + 2_000)).toBeGreaterThan(first - 30_000);
});

test("a machine that does not keep up leaves the largest out as well", () => {
  const [[, source, most] = []] = judge(new Shedding(), [FACE, STAGE], 9e6, { overloaded: true });
  expect([source, most]).toEqual(["camera", 2]);
});

test("a busy encoder means fewer pictures, then fewer renditions, and full speed when it is over", () => {
  const effort = new Effort();
  let now = 0;
  const go = (seconds: number, skipping: boolean) => {
    for (const end = now + seconds * 1000; now < end; now += 40) {
      effort.picture(skipping && now % 80 === 0, now);
    }
  };
  go(10, false);
  expect([effort.slow, effort.overloaded(now)]).toEqual([false, false]);
  go(5, true);
  expect([effort.slow, effort.overloaded(now)]).toEqual([true, false]);
  go(8, true);
  expect(effort.overloaded(now)).toBe(true);
  go(10, false);
  expect([effort.slow, effort.overloaded(now)]).toEqual([false, false]);
});
