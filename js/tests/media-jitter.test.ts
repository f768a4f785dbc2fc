import { expect, test } from "vitest";
import { JitterBuffer, PACKET_SAMPLES, SAMPLE_RATE } from "../src/media/worklet/jitter.js";

const QUANTUM = 128;
const PACKET_S = PACKET_SAMPLES / SAMPLE_RATE;

function tone(index: number, gain = 0.5): Float32Array {
  return Float32Array.from(
    { length: PACKET_SAMPLES },
    (_, i) => gain * Math.sin(((index * PACKET_SAMPLES + i) * 2 * Math.PI * 400) / SAMPLE_RATE),
  );
}

interface Run {
  readonly buffer: JitterBuffer;
  readonly played: Float32Array;
  /** Milliseconds waiting, at each packet time. */
  readonly depth: number[];
}

/** Plays packets that arrive at the given times (s) through a buffer on a virtual audio clock. */
function run(arrivals: readonly number[], seconds: number, make = tone): Run {
  const buffer = new JitterBuffer();
  const quanta = Math.floor((seconds * SAMPLE_RATE) / QUANTUM);
  const played = new Float32Array(quanta * QUANTUM);
  const depth: number[] = [];
  let next = 0;
  for (let quantum = 0; quantum < quanta; quantum++) {
    const now = (quantum * QUANTUM) / SAMPLE_RATE;
    for (; next < arrivals.length && arrivals[next]! <= now; next++) {
      buffer.push(make(next), 0, now);
      depth.push(buffer.bufferedMs);
    }
    buffer.pull(played.subarray(quantum * QUANTUM, (quantum + 1) * QUANTUM));
  }
  return { buffer, played, depth };
}

const steady = (count: number, delay = (_: number) => 0) =>
  Array.from({ length: count }, (_, index) => index * PACKET_S + delay(index));

const loudest = (samples: Float32Array) =>
  samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);

test("a steady stream waits at most 60 ms and never runs out", () => {
  const { buffer, depth } = run(steady(500), 9.9);
  expect(buffer.underruns).toBe(0);
  expect(Math.max(...depth.slice(50))).toBeLessThanOrEqual(60);
});

test("a tone comes out as it went in", () => {
  const { played } = run(steady(100), 1.9);
  const middle = played.subarray(SAMPLE_RATE);
  expect(loudest(middle)).toBeGreaterThan(0.49);
  expect(loudest(middle)).toBeLessThan(0.51);
  let steepest = 0;
  for (let i = 1; i < middle.length; i++) {
    steepest = Math.max(steepest, Math.abs(middle[i]! - middle[i - 1]!));
  }
  // A 400 Hz sine of 0.5 rises by 0.026 a sample at most: anything steeper is a click.
  expect(steepest).toBeLessThan(0.03);
});

test("the target grows with jitter, up to 200 ms, and the sound then no longer runs out", () => {
  const jitter = (index: number) => (index % 7 === 0 ? 0.12 : 0);
  const arrivals = steady(1000, jitter).map((at, index, all) =>
    // A socket is ordered: what is behind a late packet is late as well.
    Math.max(at, ...all.slice(Math.max(0, index - 7), index)),
  );
  const { buffer } = run(arrivals, 19.9);
  expect(buffer.targetMs).toBeGreaterThan(80);
  expect(buffer.targetMs).toBeLessThanOrEqual(200);
  const before = buffer.underruns;
  expect(before).toBeLessThan(10);
});

test("after a stall the buffer shrinks again", () => {
  const stall = (index: number) => (index >= 200 && index < 220 ? (220 - index) * PACKET_S : 0);
  const { depth, buffer } = run(steady(900, stall), 17.9);
  expect(Math.max(...depth)).toBeGreaterThan(100);
  expect(depth.at(-1)!).toBeLessThanOrEqual(80);
  expect(buffer.targetMs).toBeLessThanOrEqual(60);
});

test("a burst beyond a stall is cut back at once", () => {
  const { depth } = run(
    steady(300, (index) => (index < 100 ? (100 - index) * PACKET_S : 0)),
    6,
  );
  expect(Math.max(...depth)).toBeLessThanOrEqual(320);
});

test("running dry fades to silence within 20 ms, without a click", () => {
  const { played, buffer } = run(steady(50), 3);
  const last = played.findLastIndex((sample) => sample !== 0);
  expect(buffer.underruns).toBe(1);
  expect(loudest(played.subarray(last + 1))).toBe(0);
  let steepest = 0;
  for (let i = last - 2 * PACKET_SAMPLES; i < last; i++) {
    steepest = Math.max(steepest, Math.abs(played[i + 1]! - played[i]!));
  }
  expect(steepest).toBeLessThan(0.06);
});

test("a muted microphone that comes back does not count as jitter", () => {
  const arrivals = [...steady(100), ...steady(100).map((at) => at + 30)];
  const { buffer } = run(arrivals, 31.9);
  expect(buffer.targetMs).toBeLessThanOrEqual(60);
});

test("lost packets leave no click", () => {
  const buffer = new JitterBuffer();
  const out = new Float32Array(QUANTUM);
  const played: number[] = [];
  let next = 0;
  for (let quantum = 0; quantum < 600; quantum++) {
    const now = (quantum * QUANTUM) / SAMPLE_RATE;
    while (next * PACKET_S <= now) {
      // Every tenth packet never comes; 33 ms of tone are missing where the count tells so.
      if (next % 10 !== 9) buffer.push(tone(next * 1.37), next % 10 === 0 && next > 0 ? 1 : 0, now);
      next++;
    }
    buffer.pull(out);
    played.push(...out);
  }
  expect(Math.max(...played.map(Math.abs))).toBeGreaterThan(0.4);
  expect(buffer.bufferedMs).toBeGreaterThanOrEqual(0);
});
