import { expect, test } from "vitest";
import {
  DROP_UPPER_MS,
  type LineState,
  PAUSE_MS,
  RateController,
  SLOW_DOWN_MS,
  START_BPS,
} from "../src/media/congestion.js";
import { ModelledLine } from "./modelled-line.js";

const FPS = 24;
const NOMINAL = 1_750_000;

/** A sender with a camera on a line; `change` is called each millisecond. */
function run(
  seconds: number,
  line: ModelledLine,
  { nominal = NOMINAL, change }: { nominal?: number; change?: (now: number) => void } = {},
) {
  const rate = new RateController();
  const targets: number[] = [];
  const random = seeded(7);
  let frames = 0;
  for (let now = 0; now < seconds * 1000; now++) {
    change?.(now);
    line.tick(now);
    targets.push(rate.target);
    if (now % Math.round(1000 / FPS) !== 0) continue;
    const { flight } = line;
    rate.update(
      {
        queueMs: flight.queueMs(now),
        arrivedLateMs: flight.arrivedLateMs(now),
        deliveredBps: flight.deliveredBps(),
        sentBps: flight.sentBps(now),
        inFlight: flight.inFlight,
        baseMs: flight.baseMs,
      },
      nominal,
      now,
    );
    if (rate.paused) continue;
    const upper = frames % 2 === 1;
    const key = frames % (10 * FPS) === 0;
    frames++;
    const share = (upper ? 0.8 : 1.2) * (0.7 + 0.6 * random());
    const bytes = (Math.min(rate.target, nominal) / 8 / FPS) * share * (key ? 5 : 1);
    if (!upper || !rate.dropUpper) line.send(Math.round(bytes), now);
  }
  const between = (from: number, to: number) =>
    line.arrived.filter(({ at }) => at >= from * 1000 && at < to * 1000);
  return {
    rate,
    targets,
    /** Bits a second that arrived. */
    throughput: (from: number, to: number) =>
      (between(from, to).reduce((sum, { bytes }) => sum + bytes, 0) * 8) / (to - from),
    /** Age at arrival that `part` of the frames do not exceed, ms. */
    age: (part: number, from: number, to: number) => {
      const ages = between(from, to)
        .map(({ age }) => age)
        .sort((a, b) => a - b);
      return ages[Math.floor(ages.length * part)] ?? Number.POSITIVE_INFINITY;
    },
  };
}

/** The same numbers in each run (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const state = (queueMs: number): LineState => ({
  queueMs,
  arrivedLateMs: queueMs,
  deliveredBps: null,
  sentBps: START_BPS,
  inFlight: 0,
  baseMs: 40,
});

test("steps come in order: upper layer, bitrate, pause", () => {
  const rate = new RateController();
  rate.update(state(DROP_UPPER_MS + 1), NOMINAL, 0);
  expect([rate.dropUpper, rate.target, rate.paused]).toEqual([true, START_BPS, false]);
  for (let now = 1_000; now < 1_400; now += 40) rate.update(state(SLOW_DOWN_MS + 1), NOMINAL, now);
  expect(rate.target).toBeLessThan(START_BPS);
  expect(rate.paused).toBe(false);
  rate.update(state(PAUSE_MS + 1), NOMINAL, 2_000);
  expect(rate.paused).toBe(true);
  rate.update(state(0), NOMINAL, 3_000);
  expect([rate.dropUpper, rate.paused]).toEqual([false, false]);
});

test("a clear line gets the full rate within four seconds, and no frame waits", () => {
  const sent = run(10, new ModelledLine(20e6, 4));
  expect(sent.rate.target).toBe(NOMINAL);
  expect(sent.throughput(4, 10)).toBeGreaterThan(0.9 * NOMINAL);
  expect(sent.age(0.95, 0, 10)).toBeLessThan(20);
});

test("nothing is learned from a line that is hardly used", () => {
  const rate = new RateController();
  for (let now = 0; now < 20_000; now += 40) {
    rate.update({ ...state(0), sentBps: 50_000 }, NOMINAL, now);
  }
  expect(rate.target).toBe(START_BPS);
});

test.each([
  ["3 Mbit/s", 3e6, 40, NOMINAL, 80],
  ["1 Mbit/s at 100 ms", 1e6, 100, 1e6, 250],
  ["300 kbit/s", 3e5, 40, 3e5, 250],
])(
  "a line of %s is used by 3/4 at least, and its frames are fresh",
  (_, bps, delay, most, late) => {
    const sent = run(60, new ModelledLine(bps, delay));
    expect(sent.throughput(10, 60)).toBeGreaterThan(0.75 * most);
    expect(sent.age(0.95, 10, 60)).toBeLessThan(late);
  },
);

test("lost packets do not wear the rate down where the line bears more than is sent", () => {
  const line = new ModelledLine(1e6, 100);
  const random = seeded(5);
  const sent = run(60, line, {
    nominal: 500_000,
    change: (now) => {
      if (random() < 0.002) line.lose(now);
    },
  });
  expect(sent.throughput(10, 60)).toBeGreaterThan(400_000);
});

test("lost packets, which hold others up, are not mistaken for a narrow line", () => {
  const line = new ModelledLine(1e6, 100);
  const random = seeded(3);
  const sent = run(60, line, {
    change: (now) => {
      if (random() < 0.0012) line.lose(now);
    },
  });
  expect(sent.throughput(10, 60)).toBeGreaterThan(700_000);
  expect(sent.age(0.95, 10, 60)).toBeLessThan(300);
});

test("from 4 Mbit/s to 500 kbit/s: steady within 3 s, and the full rate again after the return", () => {
  const line = new ModelledLine(4e6, 40);
  const sent = run(70, line, {
    change: (now) => {
      line.rate = now < 20_000 || now > 40_000 ? 4e6 : 5e5;
    },
  });
  expect(sent.age(0.95, 23, 40)).toBeLessThan(200);
  expect(sent.throughput(23, 40)).toBeGreaterThan(350_000);
  expect(sent.throughput(60, 70)).toBeGreaterThan(0.9 * NOMINAL);
});

test("frames are fresh at once after an outage, and the rate is back within ten seconds", () => {
  const line = new ModelledLine(1e6, 40);
  const sent = run(30, line, {
    change: (now) => {
      line.rate = now > 10_000 && now < 15_000 ? 0 : 1e6;
    },
  });
  expect(sent.age(0.95, 17, 20)).toBeLessThan(200);
  expect(sent.throughput(20, 30)).toBeGreaterThan(700_000);
});
