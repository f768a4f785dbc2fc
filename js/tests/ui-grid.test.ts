import fc from "fast-check";
import { expect, test } from "vitest";
import {
  COMFORTABLE_WIDTH,
  GAP,
  gridPage,
  type Layout,
  layoutAlone,
  layoutGrid,
  layoutSpotlight,
  MIN_TILE_WIDTH,
  MOST_TILES,
  PAGER_HEIGHT,
  pagerPlace,
  type Rect,
  stripPage,
  TILE_RATIO,
} from "../src/ui/grid.js";

function overlap(a: Rect, b: Rect): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

/** Nothing overlaps, nothing leaves the stage. */
function expectTidy({ places }: Layout, width: number, height: number): void {
  for (const [index, place] of places.entries()) {
    expect(place.x).toBeGreaterThanOrEqual(0);
    expect(place.x + place.width).toBeLessThanOrEqual(width);
    expect(place.y).toBeGreaterThanOrEqual(0);
    expect(place.y + place.height).toBeLessThanOrEqual(height);
    for (const other of places.slice(index + 1)) expect(overlap(place, other)).toBe(false);
  }
}

/** From a side bar to a wide page, tall and flat. */
const stages = fc.record({
  count: fc.integer({ min: 1, max: 25 }),
  width: fc.integer({ min: 260, max: 2400 }),
  height: fc.integer({ min: 140, max: 1400 }),
});

test("tiles of the grid never overlap and stay on the stage", () => {
  fc.assert(
    fc.property(stages, ({ count, width, height }) => {
      const layout = layoutGrid(count, width, height);
      expect(layout.places).toHaveLength(count);
      expectTidy(layout, width, height);
    }),
  );
});

test("the large tile and its strip never overlap and stay on the stage, with a pager or not", () => {
  fc.assert(
    fc.property(stages, ({ count, width, height }) => {
      const shown = Math.min(count, stripPage(count, width, height));
      const paged = shown < count;
      const layout = layoutSpotlight(shown, width, height, count);
      expect(layout.places).toHaveLength(shown + 1);
      const pager = paged ? [pagerPlace(count, width, height)] : [];
      expectTidy({ ...layout, places: [...layout.places, ...pager] }, width, height);
    }),
  );
});

test("no other number of columns gives larger tiles", () => {
  fc.assert(
    fc.property(stages, ({ count, width, height }) => {
      const chosen = layoutGrid(count, width, height).places[0]?.width ?? 0;
      for (let columns = 1; columns <= count; columns += 1) {
        const rows = Math.ceil(count / columns);
        const byWidth = (width - GAP * (columns - 1)) / columns;
        const byHeight = ((height - GAP * (rows - 1)) / rows) * TILE_RATIO;
        expect(chosen + 1.5).toBeGreaterThan(Math.min(byWidth, byHeight));
      }
    }),
  );
});

test("everybody is on one page while tiles are worth looking at, at most 25", () => {
  expect(gridPage(25, 1000, 560)).toBe(25);
  expect(gridPage(9, 404, 320)).toBe(9);
  expect(gridPage(26, 1000, 560)).toBe(13);
  fc.assert(
    fc.property(stages, fc.integer({ min: 1, max: 80 }), ({ width, height }, count) => {
      const page = gridPage(count, width, height);
      expect(page).toBeLessThanOrEqual(MOST_TILES);
      const paged = page < count;
      const tile = layoutGrid(page, width, height - (paged ? PAGER_HEIGHT : 0)).places[0]?.width;
      const alone = layoutGrid(1, width, height - (paged ? PAGER_HEIGHT : 0)).places[0]?.width ?? 0;
      const least = paged ? Math.min(COMFORTABLE_WIDTH, alone) : MIN_TILE_WIDTH;
      if (count > 1) expect(tile).toBeGreaterThanOrEqual(least - 2);
    }),
  );
});

test("no page holds much less than the others", () => {
  fc.assert(
    fc.property(stages, fc.integer({ min: 1, max: 80 }), ({ width, height }, count) => {
      const page = gridPage(count, width, height);
      const pages = Math.ceil(count / page);
      expect(count - page * (pages - 1)).toBeGreaterThan(page - pages);
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

test("the tile on the stage is by far the largest", () => {
  const { places } = layoutSpotlight(5, 1000, 500);
  const [large, ...strip] = places.map((place) => place.width);
  expect(large).toBeGreaterThan(700);
  expect(Math.max(...strip)).toBeLessThan(230);
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
