/**
 * Where tiles go on the stage.
 *
 * Pure geometry: the stage has a size of its own (tiles never push it), tiles are
 * placed absolutely, and everybody keeps their place in the order when somebody joins.
 * What does not fit at a size worth looking at goes to further pages.
 */

/** Pixels between tiles. */
export const GAP = 8;
/** Width to height of a tile. */
export const TILE_RATIO = 16 / 9;
/** Below this width a tile says nothing any more: the others go to further pages, pixels. */
export const MIN_TILE_WIDTH = 88;
/** Where there must be pages anyway, tiles get at least this width, pixels. */
export const COMFORTABLE_WIDTH = 112;
/** More faces than this at once are a pattern, not people. */
export const MOST_TILES = 25;
/** What the pager takes from the stage: its height below tiles, its width beside a strip, pixels. */
export const PAGER_HEIGHT = 32;
export const PAGER_WIDTH = 84;
/** Share of the stage that the strip of small tiles gets beside a large one. */
const STRIP_SHARE = 0.17;
/** A strip's tiles are between these widths, pixels. */
const STRIP_LEAST = 88;
const STRIP_MOST = 180;
/** Tiles of a strip shrink until so many are in sight; further ones go to pages. */
const STRIP_TILES = { right: 5, below: 4 } as const;

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
}

const EMPTY: Layout = { places: [], columns: 0 };

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
export function layoutGrid(count: number, width: number, height: number): Layout {
  if (count < 1 || width <= 0 || height <= 0) return EMPTY;
  const { columns, rows, width: tile } = choose(count, width, height);
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
  return { places, columns };
}

/** How many tiles of the grid go on one page; all of them where they fit. Pages are about equal. */
export function gridPage(count: number, width: number, height: number): number {
  if (count <= 1 || width <= 0 || height <= 0) return Math.max(1, count);
  const most = Math.min(count, MOST_TILES);
  if (most === count && choose(count, width, height).width >= MIN_TILE_WIDTH) return count;
  const rest = height - PAGER_HEIGHT;
  // A stage too flat for even one comfortable tile takes a row of what fits.
  const least = Math.min(COMFORTABLE_WIDTH, choose(1, width, rest).width - 0.5);
  let fitting = 1;
  for (let n = most; n > 1; n -= 1) {
    if (choose(n, width, rest).width < least) continue;
    fitting = n;
    break;
  }
  return Math.ceil(count / Math.ceil(count / fitting));
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
    const tile = layoutGrid(1, width - seat - GAP, height);
    return { tile, seat: { x: width - seat, y: 0, width: seat, height } };
  }
  const rest = Math.max(0, height - SEAT_HEIGHT - GAP);
  const seat = { x: 0, y: rest + GAP, width, height: height - rest - GAP };
  return { tile: layoutGrid(1, width, rest), seat };
}

interface Strip {
  readonly atRight: boolean;
  /** A tile of the strip. */
  readonly width: number;
  readonly height: number;
  /** So many fit, without a pager. */
  readonly most: number;
  readonly main: Layout;
}

function clamp(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(most, value));
}

/** The strip of `count` at the right or below, whichever leaves the larger picture on the stage. */
function stripOf(count: number, width: number, height: number): Strip {
  // What a full-height picture leaves free at its side is the strip's anyway.
  const free = Math.max(width * STRIP_SHARE, width - GAP - height * TILE_RATIO);
  const rows = Math.min(count, STRIP_TILES.right);
  // A pager must fit below, or beside, even one tile of the strip.
  const tall = along(rows, height - (count > rows ? PAGER_HEIGHT + GAP : 0)) * TILE_RATIO;
  const tallest = Math.max(STRIP_LEAST, (height - PAGER_HEIGHT - GAP) * TILE_RATIO);
  const side = Math.floor(clamp(Math.min(free, tall), STRIP_LEAST, Math.min(STRIP_MOST, tallest)));
  const spare = Math.max(height * STRIP_SHARE, height - GAP - width / TILE_RATIO) * TILE_RATIO;
  const columns = Math.min(count, STRIP_TILES.below);
  const broad = along(columns, width - (count > columns ? PAGER_WIDTH + GAP : 0));
  const low = Math.floor(
    clamp(Math.min(spare, broad), STRIP_LEAST, Math.min(STRIP_MOST, width - PAGER_WIDTH - GAP)),
  );
  const lowHeight = Math.floor(low / TILE_RATIO);
  const right = layoutGrid(1, width - side - GAP, height);
  const below = layoutGrid(1, width, height - lowHeight - GAP);
  if ((right.places[0]?.width ?? 0) >= (below.places[0]?.width ?? 0)) {
    const sideHeight = Math.floor(side / TILE_RATIO);
    const most = Math.max(1, Math.floor((height + GAP) / (sideHeight + GAP)));
    return { atRight: true, width: side, height: sideHeight, most, main: right };
  }
  const most = Math.max(1, Math.floor((width + GAP) / (low + GAP)));
  return { atRight: false, width: low, height: lowHeight, most, main: below };
}

/** The length of each of `count` tiles that share `length`. */
function along(count: number, length: number): number {
  return (length + GAP) / count - GAP;
}

/** How many of `count` small tiles fit beside a large one at a time. */
export function stripPage(count: number, width: number, height: number): number {
  if (width <= 0 || height <= 0) return Math.max(1, count);
  const strip = stripOf(count, width, height);
  if (count <= strip.most) return Math.max(1, count);
  const length = strip.atRight ? height - PAGER_HEIGHT : width - PAGER_WIDTH;
  const each = strip.atRight ? strip.height : strip.width;
  return Math.max(1, Math.floor((length + GAP) / (each + GAP)));
}

/** One large tile first, and `shown` small ones of `count` in all: at its right or below it. */
export function layoutSpotlight(
  shown: number,
  width: number,
  height: number,
  count = shown,
): Layout {
  if (width <= 0 || height <= 0) return EMPTY;
  if (shown < 1) return layoutGrid(1, width, height);
  const paged = stripPage(count, width, height) < count;
  const { atRight, width: tileWidth, height: tileHeight, main } = stripOf(count, width, height);
  const large = main.places[0] as Rect;
  const each = (atRight ? tileHeight : tileWidth) + GAP;
  const length = atRight ? height - (paged ? PAGER_HEIGHT : 0) : width - (paged ? PAGER_WIDTH : 0);
  const start = Math.max(0, Math.floor((length - (each * shown - GAP)) / 2));
  const places: Rect[] = [large];
  for (let index = 0; index < shown; index += 1) {
    places.push({
      x: atRight ? width - tileWidth : start + index * each,
      y: atRight ? start + index * each : height - tileHeight,
      width: tileWidth,
      height: tileHeight,
    });
  }
  return { places, columns: 1 };
}

/** Where the pager goes: below the grid, or at the end of a strip of `strip` tiles. */
export function pagerPlace(strip: number | null, width: number, height: number): Rect {
  if (strip === null) return { x: 0, y: height - PAGER_HEIGHT, width, height: PAGER_HEIGHT };
  const { atRight, ...tile } = stripOf(strip, width, height);
  if (!atRight) {
    const y = height - tile.height;
    return { x: width - PAGER_WIDTH, y, width: PAGER_WIDTH, height: tile.height };
  }
  const x = width - tile.width;
  return { x, y: height - PAGER_HEIGHT, width: tile.width, height: PAGER_HEIGHT };
}
