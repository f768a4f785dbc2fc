/**
 * Where tiles go on the stage.
 *
 * Pure geometry: the stage has a size of its own (tiles never push it), tiles are
 * placed absolutely, and everybody keeps their place in the order when somebody joins.
 */

/** Pixels between tiles. */
export const GAP = 8;
/** Width to height of a tile. */
export const TILE_RATIO = 16 / 9;
/** Below this width a tile says nothing any more: the stage scrolls instead, pixels. */
export const MIN_TILE_WIDTH = 88;
/** Share of the stage that the strip of small tiles gets beside a spotlight. */
const STRIP_SHARE = 0.2;
/** Tiles of the strip may be this much smaller than the smallest of the grid. */
const STRIP_TILE = 0.6;

export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Layout {
  /** One per tile, in order, in pixels from the stage's top left. */
  readonly places: readonly Rect[];
  readonly columns: number;
  /** Height of the content; larger than the stage's when it scrolls. */
  readonly height: number;
}

const EMPTY: Layout = { places: [], columns: 0, height: 0 };

interface Choice {
  readonly columns: number;
  readonly rows: number;
  readonly width: number;
}

/** The number of columns with the largest tiles; among equals the one with fewer empty places. */
function choose(count: number, width: number, height: number): Choice {
  let best: Choice = { columns: 1, rows: count, width: 0 };
  let bestEmpty = Number.POSITIVE_INFINITY;
  for (let columns = 1; columns <= count; columns += 1) {
    const rows = Math.ceil(count / columns);
    const byWidth = (width - GAP * (columns - 1)) / columns;
    const byHeight = ((height - GAP * (rows - 1)) / rows) * TILE_RATIO;
    const tile = Math.max(0, Math.min(byWidth, byHeight));
    const empty = columns * rows - count;
    const larger = tile > best.width + 0.5;
    const tidier = Math.abs(tile - best.width) <= 0.5 && empty < bestEmpty;
    if (larger || tidier) {
      best = { columns, rows, width: tile };
      bestEmpty = empty;
    }
  }
  return best;
}

/** Equal tiles, as large as the stage allows, with the last row centred. */
export function layoutGrid(
  count: number,
  width: number,
  height: number,
  minimum = MIN_TILE_WIDTH,
): Layout {
  if (count < 1 || width <= 0 || height <= 0) return EMPTY;
  let { columns, rows, width: tile } = choose(count, width, height);
  if (tile < minimum) {
    const fitting = Math.floor((width + GAP) / (minimum + GAP));
    columns = Math.max(1, Math.min(count, fitting));
    rows = Math.ceil(count / columns);
    tile = (width - GAP * (columns - 1)) / columns;
  }
  const tileWidth = Math.floor(tile);
  const tileHeight = Math.floor(tile / TILE_RATIO);
  const contentHeight = rows * tileHeight + GAP * (rows - 1);
  const top = Math.max(0, Math.floor((height - contentHeight) / 2));
  const places: Rect[] = [];
  for (let index = 0; index < count; index += 1) {
    const row = Math.floor(index / columns);
    const inRow = Math.min(columns, count - row * columns);
    const left = (width - (inRow * tileWidth + GAP * (inRow - 1))) / 2;
    places.push({
      x: Math.max(0, Math.floor(left + (index - row * columns) * (tileWidth + GAP))),
      y: top + row * (tileHeight + GAP),
      width: tileWidth,
      height: tileHeight,
    });
  }
  return { places, columns, height: Math.max(height, top + contentHeight) };
}

/** Beside one's own tile from this width of the stage on, below it on a narrower one, pixels. */
const SEAT_BESIDE = 520;
/** The empty seat's most width, and its height below the tile, pixels. */
const SEAT_WIDTH = 360;
const SEAT_HEIGHT = 132;

/** One's own tile and an empty seat with words on it. */
export function layoutAlone(width: number, height: number): { tile: Layout; seat: Rect } {
  if (width >= SEAT_BESIDE) {
    const seat = Math.min(SEAT_WIDTH, Math.round(width * 0.42));
    const tile = layoutGrid(1, width - seat - GAP, height, 0);
    return { tile, seat: { x: width - seat, y: 0, width: seat, height } };
  }
  const rest = Math.max(0, height - SEAT_HEIGHT - GAP);
  const seat = { x: 0, y: rest + GAP, width, height: height - rest - GAP };
  return { tile: layoutGrid(1, width, rest, 0), seat };
}

function breadth(places: readonly Rect[]): number {
  const left = Math.min(...places.map((place) => place.x));
  return Math.max(...places.map((place) => place.x + place.width)) - left;
}

/** One large tile and the others in a strip: at its right on a wide stage, else below it. */
export function layoutSpotlight(
  count: number,
  spotlight: number,
  width: number,
  height: number,
): Layout {
  if (count < 2 || spotlight < 0 || spotlight >= count) return layoutGrid(count, width, height);
  const atRight = width / height > TILE_RATIO;
  const least = MIN_TILE_WIDTH * STRIP_TILE;
  const strip = atRight
    ? Math.round(Math.max(MIN_TILE_WIDTH, width * STRIP_SHARE))
    : Math.round(Math.max(MIN_TILE_WIDTH / TILE_RATIO, height * STRIP_SHARE));
  let rest = atRight
    ? layoutGrid(count - 1, strip, height, least)
    : layoutGrid(count - 1, width, strip, least);
  // Tiles that fill the strip's length leave some of its breadth: it goes to the spotlight.
  const used = atRight ? breadth(rest.places) : strip;
  if (used < strip) rest = layoutGrid(count - 1, used, height, used);
  const mainWidth = atRight ? width - used - GAP : width;
  const mainHeight = atRight ? height : height - strip - GAP;
  const main = layoutGrid(1, mainWidth, mainHeight, 0);
  const dx = atRight ? mainWidth + GAP : 0;
  const dy = atRight ? 0 : mainHeight + GAP;
  const places: Rect[] = [];
  let next = 0;
  for (let index = 0; index < count; index += 1) {
    if (index === spotlight) {
      places.push(main.places[0] ?? { x: 0, y: 0, width: 0, height: 0 });
      continue;
    }
    const place = rest.places[next] ?? { x: 0, y: 0, width: 0, height: 0 };
    places.push({ ...place, x: place.x + dx, y: place.y + dy });
    next += 1;
  }
  return { places, columns: rest.columns, height: Math.max(height, rest.height + dy) };
}
