import * as fc from "fast-check";
import { expect, test } from "vitest";
import { message, person } from "../dev/fakes.js";
import { type Extent, Extents } from "../src/ui/chat/extents.js";
import { rowsOf } from "../src/ui/chat/rows.js";

const rows = (keys: readonly string[]): Extent[] =>
  keys.map((key) => ({ key, estimate: 10 + key.length }));

/** What `Extents` promises, the slow way. */
function tops(list: readonly Extent[], measured: ReadonlyMap<string, number>): number[] {
  let top = 0;
  return [0, ...list.map(({ key, estimate }) => (top += measured.get(key) ?? estimate))];
}

const KEYS = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 3 }), { maxLength: 40 });
const STEPS = fc.array(
  fc.oneof(
    fc.record({ rows: KEYS }),
    fc.record({ at: fc.nat(50), height: fc.integer({ min: 0, max: 300 }) }),
    fc.record({ ask: fc.nat(50) }),
  ),
  { maxLength: 40 },
);

test("rows lie one below the other, however they are measured, replaced and asked about", () => {
  fc.assert(
    fc.property(STEPS, (steps) => {
      const extents = new Extents();
      const measured = new Map<string, number>();
      let list: readonly Extent[] = [];
      for (const step of steps) {
        if ("rows" in step) {
          list = rows(step.rows);
          extents.setRows(list);
        } else if ("at" in step) {
          const known = list[step.at];
          const news = known !== undefined && measured.get(known.key) !== step.height;
          expect(extents.measure(step.at, step.height)).toBe(news);
          if (known) measured.set(known.key, step.height);
        } else {
          const truth = tops(list, measured);
          expect(extents.top(step.ask)).toBe(truth[Math.min(step.ask, list.length)]);
        }
      }
      const truth = tops(list, measured);
      expect(list.map((_, at) => extents.top(at))).toEqual(truth.slice(0, -1));
      expect(extents.total).toBe(truth.at(-1));
    }),
  );
});

test("the row at a position is the one that covers it, the last of several without height", () => {
  fc.assert(
    fc.property(KEYS, fc.integer({ min: -50, max: 1000 }), (keys, y) => {
      const extents = new Extents();
      extents.setRows(rows(keys));
      const found = extents.at(y);
      if (keys.length === 0) expect(found).toBe(-1);
      else if (y >= 0 && y < extents.total) {
        expect(extents.top(found)).toBeLessThanOrEqual(y);
        expect(extents.top(found + 1)).toBeGreaterThan(y);
      } else expect(found).toBe(y < 0 ? 0 : keys.length - 1);
    }),
  );
});

test("a row is found by its key wherever it has moved to", () => {
  fc.assert(
    fc.property(KEYS, fc.nat(60), (keys, near) => {
      const extents = new Extents();
      extents.setRows(rows(keys));
      for (const [at, key] of keys.entries()) expect(extents.find(key, near)).toBe(at);
      expect(extents.find("none of them", near)).toBe(-1);
    }),
  );
});

const ada = person(0);
const NOON = new Date(2026, 4, 5, 12, 0).getTime();

test("the line stands before the first message of others that was not seen", () => {
  const talk = [1, 2, 3, 4].map((index) =>
    message(index, ada, "x", { at: NOON + index, own: index === 3 }),
  );
  const kinds = (after: number | null) => rowsOf(talk, after).map((row) => row.kind[0]);
  expect(kinds(null).join("")).toBe("dmmmm");
  expect(kinds(0).join("")).toBe("dnmmmm");
  expect(kinds(2).join("")).toBe("dmmmnm");
  expect(kinds(4).join("")).toBe("dmmmm");
  const [, , , , , first] = rowsOf(talk, 2);
  expect(first).toMatchObject({ compact: false });
});

test("a day that comes a second time, where a clock went back, is a line of its own", () => {
  const DAY = 24 * 3600_000;
  const talk = [NOON, NOON + DAY, NOON].map((at, index) => message(index, ada, "x", { at }));
  const keys = rowsOf(talk).map((row) => row.key);
  expect(new Set(keys).size).toBe(6);
});
