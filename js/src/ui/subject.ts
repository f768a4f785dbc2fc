/** Who or what is shown large: a person's own choice, a shared screen, or whoever speaks. */

import type { Tile } from "./people.js";
import type { StageLayout } from "./view.js";

export interface Wishes {
  readonly layout: StageLayout;
  /** Key of the tile this person pinned. */
  readonly pinned: string | null;
  /** Streams of screens this person turned away from. */
  readonly dismissed: ReadonlySet<string>;
  /** The participant whose turn it is. */
  readonly speaker: string | null;
}

/** The tile for the stage; null for equal tiles. */
export function subjectOf<T extends Pick<Tile, "key" | "kind" | "self" | "participant" | "stream">>(
  tiles: readonly T[],
  wishes: Wishes,
): T | null {
  if (tiles.length < 2) return null;
  const pinned = tiles.find((tile) => tile.key === wishes.pinned);
  if (pinned) return pinned;
  // Never one's own, which would show itself in itself.
  const screen = screensOf(tiles)
    .filter((tile) => !wishes.dismissed.has(tile.stream?.id ?? ""))
    .at(-1);
  if (screen) return screen;
  if (wishes.layout === "grid") return null;
  const others = tiles.filter((tile) => !tile.self && tile.kind !== "screen");
  const speaks = others.filter((tile) => tile.participant.id === wishes.speaker);
  return (
    speaks.find((tile) => tile.kind === "camera") ?? speaks[0] ?? others[0] ?? tiles[0] ?? null
  );
}

/** Others' shared screens. */
export function screensOf<T extends Pick<Tile, "kind" | "self">>(
  tiles: readonly T[],
): readonly T[] {
  return tiles.filter((tile) => tile.kind === "screen" && !tile.self);
}

/** `list` with the items at two places exchanged: whoever takes the stage moves nobody else. */
export function swapped<T>(list: readonly T[], a: number, b: number): readonly T[] {
  const copy = [...list];
  [copy[a], copy[b]] = [copy[b] as T, copy[a] as T];
  return copy;
}
