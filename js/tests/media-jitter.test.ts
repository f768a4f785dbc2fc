import { expect, test } from "vitest";
import { PACKET_SAMPLES, SAMPLE_RATE } from "../src/media/worklet/format.js";
import { JitterBuffer } from "../src/media/worklet/jitter.js";

const QUANTUM = 128;
const PACKET_S = PACKET_SAMPLES / SAMPLE_RATE;
const HERTZ = 400;
const GAIN = 0.5;
/** A sine rises by at most this a sample; half as much again is a click. */
const STEEPEST = GAIN * ((2 * Math.PI * HERTZ) / SAMPLE_RATE);

/** A packet on its way: the how-many-eth 20 ms of a tone, captured and arriving at some second. */
interface Packet {
  readonly index: number;
  readonly arrives: number;
  readonly captured?: number;
  readonly lost?: number;
  readonly silent?: boolean;
}

function tone({ index, silent }: Packet): Float32Array {
  return Float32Array.from({ length: PACKET_SAMPLES }, (_, i) =>
    silent
      ? 0
      : GAIN * Math.sin(((index * PACKET_SAMPLES + i) * 2 * Math.PI * HERTZ) / SAMPLE_RATE),
  );
}

interface Run {
  readonly buffer: JitterBuffer;
  readonly played: Float32Array;
  /** Milliseconds waiting, at each packet's arrival. */
  readonly depth: number[];
  /** Seconds between capture and playing, at each quantum that played something. */
  readonly delays: number[];
}

/** Plays packets through a buffer on a virtual audio clock. */
function run(packets: readonly Packet[], seconds: number): Run {
  const buffer = new JitterBuffer();
  const quanta = Math.floor((seconds * SAMPLE_RATE) / QUANTUM);
  const played = new Float32Array(quanta * QUANTUM);
  const depth: number[] = [];
  const delays: number[] = [];
  let next = 0;
  for (let quantum = 0; quantum < quanta; quantum++) {
    const now = (quantum * QUANTUM) / SAMPLE_RATE;
    for (; next < packets.length && packets[next]!.arrives <= now; next++) {
      const packet = packets[next]!;
      const captured = packet.captured ?? packet.index * PACKET_S;
      buffer.push(tone(packet), captured * 1e6, packet.lost);
      depth.push(buffer.bufferedMs);
    }
    if (buffer.playingUs !== null) delays.push(now - buffer.playingUs / 1e6);
    buffer.pull(played.subarray(quantum * QUANTUM, (quantum + 1) * QUANTUM));
  }
  return { buffer, played, depth, delays };
}

/** Packets every 20 ms, each `delay` late; a socket keeps order, so what is behind waits as well. */
function line(count: number, delay = (_: number) => 0, from = 0): Packet[] {
  let latest = 0;
  return Array.from({ length: count }, (_, i) => {
    latest = Math.max(latest, from + i * PACKET_S + delay(i));
    return { index: i, arrives: latest, captured: from + i * PACKET_S };
  });
}

const loudest = (samples: Float32Array) =>
  samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);

function steepest(samples: Float32Array): number {
  let most = 0;
  for (let i = 1; i < samples.length; i++)
    most = Math.max(most, Math.abs(samples[i]! - samples[i - 1]!));
  return most;
}

const at = (samples: Float32Array, from: number, to: number) =>
  samples.subarray(from * SAMPLE_RATE, to * SAMPLE_RATE);

test("a steady stream waits at most 45 ms, and nothing is missing", () => {
  const { buffer, depth } = run(line(500), 9.9);
  expect(buffer.underruns).toBe(0);
  expect(buffer.missingMs).toBe(0);
  expect(Math.max(...depth.slice(50))).toBeLessThanOrEqual(45);
});

test("a tone comes out as it went in", () => {
  const middle = at(run(line(100), 1.9).played, 0.5, 1.9);
  expect(loudest(middle)).toBeGreaterThan(0.49);
  expect(loudest(middle)).toBeLessThan(0.51);
  expect(steepest(middle)).toBeLessThan(STEEPEST * 1.1);
});

test("the wait grows with jitter, up to 200 ms, and the sound then no longer runs out", () => {
  const { buffer } = run(
    line(1000, (index) => (index % 7 === 0 ? 0.12 : 0)),
    19.9,
  );
  expect(buffer.targetMs).toBeGreaterThan(120);
  expect(buffer.targetMs).toBeLessThanOrEqual(200);
  expect(buffer.underruns).toBeLessThan(4);
});

test("when the line is good again the wait is short again", () => {
  const { buffer, depth } = run(
    line(1000, (index) => (index < 400 && index % 5 === 0 ? 0.1 : 0)),
    19.9,
  );
  expect(Math.max(...depth.slice(200, 400))).toBeGreaterThan(80);
  expect(buffer.targetMs).toBeLessThanOrEqual(40);
  expect(Math.max(...depth.slice(-50))).toBeLessThanOrEqual(60);
});

test("after a stall the buffer shrinks again within two seconds", () => {
  const { depth, buffer } = run(
    line(500, (index) => (index === 200 ? 0.15 : 0)),
    9.9,
  );
  expect(buffer.underruns).toBe(1);
  expect(Math.max(...depth.slice(200, 215))).toBeGreaterThan(100);
  expect(Math.max(...depth.slice(320))).toBeLessThanOrEqual(75);
});

test("a burst beyond a stall is cut back at once", () => {
  const { depth } = run(
    line(300, (index) => (index < 100 ? (100 - index) * PACKET_S : 0)),
    6,
  );
  expect(Math.max(...depth)).toBeLessThanOrEqual(340);
});

test("a gap is filled with more of the same for 30 ms, and silent after 100, without a click", () => {
  const { played } = run(line(50), 3);
  const end = played.findLastIndex((sample) => sample !== 0) / SAMPLE_RATE;
  expect(loudest(at(played, end - 0.095, end - 0.075))).toBeGreaterThan(0.45);
  expect(loudest(at(played, end + 1 / SAMPLE_RATE, 3))).toBe(0);
  // The last packet has been played for 20 ms of the second and a bit that it waited.
  expect(end).toBeGreaterThan(1.1);
  expect(end).toBeLessThan(1.16);
  expect(steepest(at(played, 0.5, 3))).toBeLessThan(STEEPEST * 1.5);
});

test("a stall of 80 ms is bridged and left without a click, and counted", () => {
  const { played, buffer } = run(
    line(200, (index) => (index === 100 ? 0.08 : 0)),
    3.9,
  );
  expect(buffer.underruns).toBe(1);
  expect(buffer.missingMs).toBeGreaterThan(30);
  expect(buffer.missingMs).toBeLessThan(100);
  expect(steepest(at(played, 0.5, 3.9))).toBeLessThan(STEEPEST * 1.6);
  // Nothing near silence: every 10 ms have some of the tone.
  for (let from = 2; from < 2.3; from += 0.01) {
    expect(loudest(at(played, from, from + 0.01))).toBeGreaterThan(0.15);
  }
});

test("who is silent sends nothing, and nothing is counted", () => {
  const spurt = (from: number, silent: boolean) =>
    line(25, () => 0, from).map((packet) => ({ ...packet, silent }));
  const packets = [
    ...line(100),
    ...spurt(2, true),
    // Comfort packets, one every 400 ms.
    ...[2.9, 3.3, 3.7].map((time) => ({ index: 0, arrives: time, captured: time, silent: true })),
    ...line(100, () => 0, 4),
  ];
  const { buffer, played, delays } = run(packets, 5.9);
  expect(buffer.underruns).toBe(0);
  expect(buffer.missingMs).toBe(0);
  expect(loudest(at(played, 2.7, 3.9))).toBe(0);
  expect(loudest(at(played, 4.1, 5.9))).toBeGreaterThan(0.45);
  expect(buffer.targetMs).toBeLessThanOrEqual(40);
  expect(Math.max(...delays.slice(-100))).toBeLessThanOrEqual(0.045);
});

test("a word right after a comfort packet waits no longer than any other", () => {
  const packets = Array.from({ length: 8 }, (_, turn) => [
    ...line(10, () => 0, turn),
    ...line(12, () => 0, turn + 0.2).map((packet) => ({ ...packet, silent: true })),
    { index: 0, arrives: turn + 0.95, captured: turn + 0.95, silent: true },
  ]).flat();
  const { buffer, delays } = run(packets, 8);
  expect(buffer.missingMs).toBe(0);
  expect(buffer.underruns).toBe(0);
  expect(Math.max(...delays.slice(500))).toBeLessThan(0.05);
});

test("a pause shorter than the buffer stays a pause", () => {
  const jittery = (index: number) => (index % 6 === 0 ? 0.11 : 0);
  const first = line(400, jittery).map((packet) => ({ ...packet, silent: packet.index > 390 }));
  const second = line(100, () => 0, 8.1);
  const { buffer, delays } = run([...first, ...second], 9.5);
  expect(buffer.underruns).toBeLessThan(4);
  expect(Math.min(...delays.slice(-200))).toBeGreaterThan(0.03);
});

test("the first word after a pause is played with the same delay, late or not", () => {
  const jittery = (index: number) => (index % 7 === 3 ? 0.1 : 0);
  const spurts = [0, 6, 8, 10, 12].flatMap((from, turn) =>
    line(turn ? 30 : 250, (index) => (index === 0 ? (turn % 2) * 0.08 : jittery(index)), from),
  );
  const { buffer, delays } = run(spurts, 13);
  expect(buffer.underruns).toBeLessThan(4);
  const late = delays.slice(-600);
  expect(Math.max(...late) - Math.min(...late)).toBeLessThan(0.06);
});

test("a muted microphone that comes back does not count as jitter", () => {
  const { buffer } = run([...line(100), ...line(100, () => 0, 30)], 31.9);
  expect(buffer.targetMs).toBeLessThanOrEqual(40);
  expect(buffer.underruns).toBe(0);
});

test("a voice that the relay left out comes back after the usual wait", () => {
  // The receiver knows from the loudness that these were left out on purpose, and tells no loss.
  const { buffer, delays } = run([...line(100), ...line(100, () => 0, 7)], 8.9);
  expect(buffer.missingMs).toBe(0);
  expect(Math.max(...delays)).toBeLessThanOrEqual(0.045);
});

test("lost packets are filled in, so that time goes on without a click", () => {
  const packets = line(400)
    .filter(({ index }) => index % 10 !== 9)
    .map((packet) => ({ ...packet, lost: packet.index % 10 === 0 && packet.index > 0 ? 1 : 0 }));
  const { played, buffer, delays } = run(packets, 7.9);
  expect(steepest(at(played, 1, 7.9))).toBeLessThan(STEEPEST * 1.6);
  expect(Math.abs(buffer.missingMs - 39 * 20)).toBeLessThan(20);
  expect(Math.max(...delays.slice(-500)) - Math.min(...delays.slice(-500))).toBeLessThan(0.03);
});

test("the time played is the time captured, plus the wait", () => {
  const { buffer, delays } = run(line(300), 5.9);
  const waits = delays.slice(-500);
  expect(Math.max(...waits)).toBeLessThanOrEqual((buffer.targetMs + 5) / 1000);
  expect(Math.min(...waits)).toBeGreaterThanOrEqual(0.015);
});
