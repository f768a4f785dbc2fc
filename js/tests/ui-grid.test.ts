import fc from "fast-check";
import { expect, test } from "vitest";
import {
  GAP,
  layoutAlone,
  layoutGrid,
  layoutSpotlight,
  type Rect,
  TILE_RATIO,
} from "../src/ui/grid.js";

function overlap(a: Rect, b: Rect): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

const stages = fc.record({
  count: fc.integer({ min: 1, max: 30 }),
  width: fc.integer({ min: 200, max: 2000 }),
  height: fc.integer({ min: 120, max: 1200 }),
});

test("tiles never overlap and stay on the stage's width", () => {
  fc.assert(
    fc.property(stages, fc.integer({ min: -1, max: 29 }), ({ count, width, height }, spotlight) => {
      const { places, height: content } =
        spotlight < 0
          ? layoutGrid(count, width, height)
          : layoutSpotlight(count, spotlight, width, height);
      expect(places).toHaveLength(count);
      for (const [index, place] of places.entries()) {
        expect(place.x).toBeGreaterThanOrEqual(0);
        expect(place.x + place.width).toBeLessThanOrEqual(width + 1);
        expect(place.y).toBeGreaterThanOrEqual(0);
        expect(place.y + place.height).toBeLessThanOrEqual(content + 1);
        for (const other of places.slice(index + 1)) expect(overlap(place, other)).toBe(false);
      }
    }),
  );
});

test("no other number of columns gives larger tiles", () => {
  fc.assert(
    fc.property(stages, ({ count, width, height }) => {
      const { places } = layoutGrid(count, width, height, 0);
      const chosen = places[0]?.width ?? 0;
      for (let columns = 1; columns <= count; columns += 1) {
        const rows = Math.ceil(count / columns);
        const byWidth = (width - GAP * (columns - 1)) / columns;
        const byHeight = ((height - GAP * (rows - 1)) / rows) * TILE_RATIO;
        expect(chosen + 1.5).toBeGreaterThan(Math.min(byWidth, byHeight));
      }
    }),
  );
});

test("four tiles make two by two, nine three by three, on a wide stage", () => {
  expect(layoutGrid(4, 960, 540).columns).toBe(2);
  expect(layoutGrid(9, 960, 540).columns).toBe(3);
  expect(layoutGrid(2, 960, 280).columns).toBe(2);
  expect(layoutGrid(2, 300, 400).columns).toBe(1);
});

test("an incomplete last row is centred", () => {
  const { places } = layoutGrid(5, 960, 540);
  const last = places.slice(3);
  const left = last[0]?.x ?? 0;
  const right = 960 - ((last[1]?.x ?? 0) + (last[1]?.width ?? 0));
  expect(Math.abs(left - right)).toBeLessThanOrEqual(1);
});

test("more tiles than fit make the stage scroll instead of shrinking them to nothing", () => {
  const { places, height } = layoutGrid(30, 300, 200);
  expect(places[0]?.width).toBeGreaterThanOrEqual(88);
  expect(height).toBeGreaterThan(200);
});

test("the tile in the spotlight is the largest", () => {
  const { places } = layoutSpotlight(6, 2, 1000, 500);
  const largest = Math.max(...places.map((place) => place.width));
  expect(places[2]?.width).toBe(largest);
  expect(largest).toBeGreaterThan(600);
});

test("alone, the invitation has a seat that does not lie on one's own tile", () => {
  for (const width of [280, 460, 640, 1000]) {
    const { tile, seat } = layoutAlone(width, width * 0.7);
    const own = tile.places[0];
    expect(own && overlap(own, seat)).toBe(false);
    expect(seat.x + seat.width).toBeLessThanOrEqual(width);
  }
});

test("a stage without size has no tiles", () => {
  expect(layoutGrid(3, 0, 0).places).toEqual([]);
});
