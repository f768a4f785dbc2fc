import { describe, expect, test } from "vitest";
import { DROP_UPPER_MS } from "../src/media/congestion.js";
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

  test("words of the relay that wait on their way back are no queue on the way there", () => {
    const flight = new Flight();
    const relayAhead = 9_000_000;
    for (let step = 0; step < 50; step++) {
      const at = step * 100;
      flight.send(1_000, at);
      // There within 20 ms; back after 20 ms at first, later after up to 400.
      const back = step < 10 ? 20 : 20 + (step % 5) * 95;
      flight.acknowledge((step + 1) * 1_000, at + 20 + back, at + 20 + relayAhead);
      expect(flight.queueMs(at + 20 + back)).toBe(0);
      expect(flight.arrivedLateMs(at + 20 + back)).toBe(0);
      if (step > 10) expect(flight.deliveredBps()).toBeCloseTo(80_000, -3);
    }
  });

  test("a queue on the way there is one, whatever the way back does", () => {
    const flight = new Flight();
    flight.send(1_000, 0);
    flight.acknowledge(1_000, 40, 20);
    flight.send(1_000, 1_000);
    flight.send(1_000, 1_100);
    flight.acknowledge(2_000, 1_640, 1_320);
    expect(flight.arrivedLateMs(1_640)).toBe(300);
    expect(flight.queueMs(1_640)).toBe(540 - 40 - 300);
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

test("lateness counts from the stream's own best, whatever the sender's clock says", () => {
  const late = new Lateness();
  const clockError = 3_600_000;
  expect(late.lag(1_000 + clockError, 1_030)).toBe(0);
  expect(late.lag(1_040 + clockError, 1_065)).toBe(0);
  expect(late.lag(1_080 + clockError, 1_305)).toBe(200);
});
