import { expect, test } from "vitest";
import { type Signs, Stall } from "../src/media/worker/stall.js";

const QUIET: Signs = { oldestMs: 0, baseMs: 40, othersSilentMs: 10, expecting: true };

/** Asks five times a second from `from` to `until`; returns when it called for a new socket, ms. */
function ask(stall: Stall, from: number, until: number, signs: (now: number) => Partial<Signs>) {
  const calls: number[] = [];
  for (let now = from; now < until; now += 200) {
    if (stall.calls({ ...QUIET, ...signs(now) }, now)) calls.push(now);
  }
  return calls;
}

/** A lane that got a frame every 40 ms until `until`, ms. */
function flowing(until = 4_000): Stall {
  const stall = new Stall();
  stall.restart(0);
  for (let now = 0; now <= until; now += 40) stall.heard(true, now);
  return stall;
}

test("what was sent and nobody acknowledges means a new socket, soon but not at once", () => {
  const [first] = ask(flowing(), 4_000, 9_000, (now) => ({
    oldestMs: now - 4_000,
    othersSilentMs: now - 4_000,
  }));
  expect(first).toBeGreaterThan(5_000);
  expect(first).toBeLessThanOrEqual(5_600);
});

test("a slow line, whose acknowledgements come late but come, is left alone", () => {
  const stall = flowing();
  for (let now = 4_000; now < 30_000; now += 200) {
    if (now % 1_000 === 0) stall.heard(false, now);
    expect(stall.calls({ ...QUIET, oldestMs: 3_000, othersSilentMs: 3_000 }, now)).toBe(false);
  }
});

test("silence means a new socket where frames flowed, unless another lane still hears something", () => {
  expect(ask(flowing(), 4_000, 30_000, () => ({ othersSilentMs: 100 }))).toEqual([]);
  const alone = ask(flowing(), 4_000, 9_000, (now) => ({ othersSilentMs: now - 4_000 }));
  expect(alone).toHaveLength(1);
  expect(alone[0]).toBeLessThanOrEqual(5_800);
});

test("silence means nothing where nothing was asked for, or little came before", () => {
  const silent = (now: number) => ({ othersSilentMs: now });
  expect(ask(flowing(), 4_000, 30_000, (now) => ({ ...silent(now), expecting: false }))).toEqual(
    [],
  );
  const stall = new Stall();
  stall.restart(0);
  for (let now = 0; now < 10_000; now += 1_000) stall.heard(true, now);
  expect(ask(stall, 10_000, 30_000, silent)).toEqual([]);
});

test("a line that stalls again and again is dialled less and less often", () => {
  const stall = flowing();
  const calls = ask(stall, 4_000, 120_000, (now) => ({
    oldestMs: now - 4_000,
    othersSilentMs: now - 4_000,
  }));
  const waits = calls.slice(1).map((at, i) => at - (calls[i] as number));
  expect(waits[0]).toBeGreaterThanOrEqual(5_000);
  for (const [i, wait] of waits.slice(1).entries())
    expect(wait).toBeGreaterThan(waits[i] as number);
});
