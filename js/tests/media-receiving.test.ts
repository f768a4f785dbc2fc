import { beforeEach, expect, test, vi } from "vitest";
import { EarDelay } from "../src/media/worker/ear_delay.js";
import { KeyRequests } from "../src/media/worker/key_requests.js";
import { Pace } from "../src/media/worker/pace.js";
import { Presentation } from "../src/media/worker/presentation.js";
import { Sequence } from "../src/media/worker/sequence.js";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date", "performance"] });
  return () => vi.useRealTimers();
});

/** Sound that is heard `delayMs` after it was captured, 20 ms of them behind the worklet. */
function ear(delayMs: () => number | null): { delay: EarDelay; report: () => void } {
  const nowUs = () => performance.now() * 1000 + 1e9;
  const delay = new EarDelay(nowUs, () => 20);
  const report = () => {
    const ms = delayMs();
    const playingUs = ms === null ? null : nowUs() - (ms - 20) * 1000;
    const counts = { bufferedMs: 0, targetMs: 0, underruns: 0, missingMs: 0 };
    delay.played({ stream: "s", ...counts, playingUs, at: Date.now() });
    vi.advanceTimersByTime(200);
  };
  return { delay, report };
}

test("a picture waits only where it would be seen long before its sound is heard", () => {
  const { delay, report } = ear(() => 150);
  report();
  expect(delay.holdMs(120)).toBe(0); // 30 ms ahead: nobody notices
  expect(delay.holdMs(300)).toBe(0); // behind: it is drawn at once, and sound does not wait
  expect(150 - (20 + delay.holdMs(20))).toBeLessThanOrEqual(80);
  expect(150 - (20 + delay.holdMs(20))).toBeGreaterThan(0);
});

test("no picture waits longer than 200 ms, and none for a voice that is silent", () => {
  let ms: number | null = 900;
  const { delay, report } = ear(() => ms);
  expect(delay.holdMs(20)).toBe(0);
  report();
  expect(delay.holdMs(20)).toBe(200);
  ms = null;
  for (let i = 0; i < 20; i++) report();
  expect(delay.delayMs).toBeNull();
  expect(delay.holdMs(20)).toBe(0);
});

test("the delay follows the jitter buffer smoothly, and a cut at once", () => {
  let ms = 100;
  const { delay, report } = ear(() => ms);
  report();
  ms = 120;
  report();
  expect(delay.delayMs).toBeCloseTo(105, 0);
  ms = 300;
  report();
  expect(delay.delayMs).toBeCloseTo(300, 0);
});

test("held pictures are drawn in order and in time, and never many are held", () => {
  const drawn: number[] = [];
  const frame = (id: number) => ({ id, close: () => drawn.push(-id) }) as unknown as VideoFrame;
  const presentation = new Presentation((one) => {
    drawn.push((one as unknown as { id: number }).id);
  });
  presentation.offer(frame(1), 0);
  expect(drawn).toEqual([1]);
  presentation.offer(frame(2), 100);
  presentation.offer(frame(3), 60);
  vi.advanceTimersByTime(99);
  expect(drawn).toEqual([1]);
  vi.advanceTimersByTime(2);
  expect(drawn).toEqual([1, 2, 3]);
  for (let id = 4; id < 16; id++) presentation.offer(frame(id), 200);
  expect(drawn.at(-1)).toBe(7);
  presentation.close();
  expect(drawn.filter((id) => id < 0)).toHaveLength(8);
  vi.advanceTimersByTime(500);
  expect(drawn.filter((id) => id > 7)).toEqual([]);
});

/** When a key frame was asked for, ms, while `each` is done every 100 ms. */
function asked(seconds: number, each: (keys: KeyRequests, now: number) => void): number[] {
  const times: number[] = [];
  let now = 0;
  const keys = new KeyRequests(() => times.push(now));
  for (; now < seconds * 1000; now += 100) each(keys, now);
  return times;
}

test("a decoder that needs a key frame asks at once, after 500 ms, and at least every 2 s", () => {
  const times = asked(10, (keys, now) => keys.stuck(now));
  expect(times.slice(0, 4)).toEqual([0, 500, 1500, 3500]);
  const between = times.slice(1).map((time, index) => time - times[index]!);
  expect(Math.max(...between)).toBeLessThanOrEqual(2_000);
});

test("a codec that cannot be decoded is not asked for all the time", () => {
  const times = asked(120, (keys, now) => {
    keys.failed();
    keys.stuck(now);
  });
  expect(times.length).toBeLessThan(15);
});

test("a stream that is asked for and sends nothing is asked for again every 2 s", () => {
  const times = asked(9, (keys, now) => {
    if (now === 0) keys.expect(0);
    keys.tick(now);
  });
  expect(times).toEqual([2000, 4000, 6000, 8000]);
});

test("a screen that stands still is asked less and less, and one nobody watches never", () => {
  const still = asked(120, (keys, now) => {
    if (now === 0) keys.expect(0);
    if (now === 0) keys.heard(0);
    if (now === 0) keys.shown();
    keys.tick(now);
  });
  expect(still.slice(0, 3)).toEqual([2000, 6000, 14000]);
  expect(still.length).toBeLessThan(11);
  expect(asked(60, (keys, now) => keys.tick(now))).toEqual([]);
});

test("while pictures come nothing is asked", () => {
  const times = asked(30, (keys, now) => {
    if (now === 0) keys.expect(0);
    keys.heard(now);
    keys.shown();
    keys.tick(now);
  });
  expect(times).toEqual([]);
});

test("holes in the numbering are found, also where it wraps, and a new start is none", () => {
  const sequence = new Sequence();
  expect([5, 6, 9].map((number) => sequence.take(number))).toEqual([0, 0, 2]);
  expect(sequence.take(2 ** 32 - 1)).toBe(null); // far ahead of what is half the numbers away: back
  expect(sequence.take(1)).toBe(1);
  sequence.reset();
  expect(sequence.take(700)).toBe(0);
  expect(sequence.take(0)).toBe(null);
  expect(sequence.take(1)).toBe(0);
});

test("the share is what came of what was numbered, second by second", () => {
  const pace = new Pace();
  for (const missing of [0, 0, 2, 0, 4]) pace.came(missing);
  expect(pace.report().share).toBeCloseTo(5 / 11);
  expect(pace.report().share).toBeUndefined();
  pace.came(0);
  expect(pace.report().share).toBe(1);
});

test("a stream is stalled from its last picture on, and only while it is asked for", () => {
  const pace = new Pace();
  vi.advanceTimersByTime(5_000);
  expect(pace.stalledMs).toBeUndefined();
  pace.expect(true);
  vi.advanceTimersByTime(3_000);
  expect(pace.stalledMs).toBe(3_000);
  pace.shown(20);
  vi.advanceTimersByTime(40);
  expect(pace.stalledMs).toBe(40);
  pace.expect(false);
  expect(pace.stalledMs).toBeUndefined();
});
