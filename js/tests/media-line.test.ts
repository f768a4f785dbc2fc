import { describe, expect, test } from "vitest";
import { DROP_UPPER_MS, PAUSE_MS, RateController, SLOW_DOWN_MS } from "../src/media/congestion.js";
import { Flight } from "../src/media/flight.js";
import { Lateness } from "../src/media/lateness.js";

describe("flight", () => {
  test("counts what is on its way, by acknowledgements alone", () => {
    const flight = new Flight();
    flight.send(100, 0);
    flight.send(200, 10);
    expect(flight.inFlight).toBe(300);
    expect(flight.oldestMs(50)).toBe(50);
    flight.acknowledge(100, 60);
    expect(flight.inFlight).toBe(200);
    expect(flight.oldestMs(60)).toBe(50);
    flight.acknowledge(300, 70);
    expect(flight.inFlight).toBe(0);
    expect(flight.oldestMs(99)).toBe(0);
  });

  test("a clear line has no queue, however long it is", () => {
    const flight = new Flight();
    for (let at = 0, bytes = 0; at < 5_000; at += 100) {
      flight.send(1_000, at);
      bytes += 1_000;
      if (at >= 300) flight.acknowledge(bytes - 3_000, at);
      expect(at < 400 || flight.queueMs(at) === 0).toBe(true);
    }
    expect(flight.baseMs).toBe(300);
    expect(flight.deliveredBps()).toBeCloseTo(80_000, -3);
  });

  test("a relay that takes its time to acknowledge is not a queue", () => {
    const flight = new Flight();
    for (let at = 0, bytes = 0; at < 5_000; at += 5) {
      if (at % 65 === 0) {
        flight.send(1_000, at);
        bytes += 1_000;
      }
      // Everything arrives at once; the word of it comes every 100 ms, or a little later.
      if (at % 115 === 110) flight.acknowledge(bytes, at);
      expect(flight.queueMs(at)).toBeLessThan(DROP_UPPER_MS);
    }
  });

  test("a line that stops shows a growing queue", () => {
    const flight = new Flight();
    flight.send(1_000, 0);
    flight.acknowledge(1_000, 40);
    flight.send(1_000, 100);
    expect(flight.queueMs(1_000)).toBe(900 - 40 - 200);
  });

  test("a line that has drained has no queue, so that a pause ends", () => {
    const flight = new Flight();
    flight.send(1_000, 0);
    flight.acknowledge(1_000, 40);
    flight.send(1_000, 100);
    flight.send(1_000, 200);
    flight.acknowledge(2_000, 900);
    expect(flight.queueMs(900)).toBe(700 - 40);
    flight.acknowledge(3_000, 1_000);
    expect(flight.queueMs(1_000)).toBe(0);
  });

  test("an acknowledgement of what was never sent, or older than the last, changes nothing", () => {
    const flight = new Flight();
    flight.send(500, 0);
    flight.acknowledge(501, 1);
    expect(flight.inFlight).toBe(500);
    flight.acknowledge(500, 2);
    flight.acknowledge(100, 3);
    expect(flight.inFlight).toBe(0);
  });
});

describe("rate control", () => {
  const line = (queueMs: number, deliveredShare: number | null = null) => ({
    queueMs,
    deliveredShare,
  });

  test("a clear line gets the full rate and both layers", () => {
    const rate = new RateController();
    for (let now = 0; now < 5_000; now += 40) rate.update(line(0), now);
    expect([rate.share, rate.dropUpper, rate.paused]).toEqual([1, false, false]);
  });

  test("steps come in order: upper layer, bitrate, pause", () => {
    const rate = new RateController();
    rate.update(line(DROP_UPPER_MS + 1), 0);
    expect([rate.dropUpper, rate.share, rate.paused]).toEqual([true, 1, false]);
    rate.update(line(SLOW_DOWN_MS + 1), 1_000);
    expect(rate.share).toBeLessThan(1);
    expect(rate.paused).toBe(false);
    rate.update(line(PAUSE_MS + 1), 2_000);
    expect(rate.paused).toBe(true);
    rate.update(line(0), 3_000);
    expect([rate.dropUpper, rate.paused]).toEqual([false, false]);
  });

  test("half the pictures for longer than two seconds lowers the bitrate", () => {
    const rate = new RateController();
    for (let now = 0; now < 3_000; now += 40) rate.update(line(DROP_UPPER_MS + 1), now);
    expect(rate.share).toBeLessThan(1);
  });

  test("a decrease goes below what the line was seen to deliver", () => {
    const rate = new RateController();
    rate.update(line(SLOW_DOWN_MS + 1, 0.5), 0);
    expect(rate.share).toBeLessThan(0.5);
  });

  test("it settles below a line of 40 % instead of clogging it for ever", () => {
    const rate = new RateController();
    const capacity = 0.4;
    let queued = 0; // in ms of the line
    let clogged = 0;
    for (let now = 0; now < 60_000; now += 40) {
      const sent = rate.paused ? 0 : rate.share * (rate.dropUpper ? 0.6 : 1);
      queued = Math.max(0, queued + 40 * (sent / capacity - 1));
      rate.update(line(queued, capacity), now);
      if (now > 5_000 && queued > PAUSE_MS) clogged++;
    }
    expect(clogged).toBe(0);
    expect(rate.share).toBeGreaterThan(0.25);
  });

  test("the full rate is back within ten seconds of a good line", () => {
    const rate = new RateController();
    rate.update(line(SLOW_DOWN_MS + 1, 0.3), 0);
    let now = 0;
    for (; now < 10_000; now += 40) rate.update(line(0), now);
    expect(rate.share).toBe(1);
  });
});

test("lateness counts from the stream's own best, whatever the sender's clock says", () => {
  const late = new Lateness();
  const clockError = 3_600_000;
  expect(late.lag(1_000 + clockError, 1_030)).toBe(0);
  expect(late.lag(1_040 + clockError, 1_065)).toBe(0);
  expect(late.lag(1_080 + clockError, 1_305)).toBe(200);
});
