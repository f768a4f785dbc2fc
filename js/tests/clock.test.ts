import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ClockFilter, nowUs } from "../src/session/clock.js";

describe("the relay's clock", () => {
  it("is believed from the quickest exchange, and never off by more than half of it", () => {
    const exchange = fc.record({ there: fc.nat(1_000_000), back: fc.nat(1_000_000) });
    fc.assert(
      fc.property(
        fc.array(exchange, { minLength: 1, maxLength: 30 }),
        fc.integer({ min: -1e12, max: 1e12 }),
        (exchanges, offset) => {
          const filter = new ClockFilter();
          let now = 1e15;
          for (const { there, back } of exchanges) {
            filter.add(now, now + there + offset, now + there + back);
            now += 10_000_000;
          }
          const quickest = Math.min(...exchanges.map(({ there, back }) => there + back));
          expect(filter.best?.roundTrip).toBe(quickest);
          expect(Math.abs(filter.best!.offset - offset)).toBeLessThanOrEqual(quickest / 2 + 1);
        },
      ),
    );
  });

  it("is unknown before the first exchange, after a reset, and from an answer before the question", () => {
    const filter = new ClockFilter();
    expect(filter.best).toBeNull();
    filter.add(10, 5, 9);
    expect(filter.best).toBeNull();
    filter.add(10, 5, 12);
    expect(filter.best).not.toBeNull();
    filter.reset();
    expect(filter.best).toBeNull();
  });

  it("is compared with one that counts microseconds since 1970 and never runs back", () => {
    const readings = Array.from({ length: 100 }, nowUs);
    expect(readings).toEqual([...readings].sort((a, b) => a - b));
    expect(Math.abs(readings[0]! / 1000 - Date.now())).toBeLessThan(3_600_000);
  });
});
