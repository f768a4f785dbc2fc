/**
 * Who sits on which page of the stage.
 *
 * Everybody keeps their seat when others come and go. Who speaks while on a later page changes
 * seats with whoever of the first page has been silent longest, and nobody else moves.
 */

import { type Signal, signal } from "@preact/signals";
import type { Tile } from "./people.js";

/** The part of a tile that seating needs. */
type Guest = Pick<Tile, "key" | "self" | "kind" | "participant">;

export class Seating {
  /** Goes up when somebody has changed seats. */
  readonly version: Signal<number> = signal(0);
  /** Keys of others' tiles in the order of their seats. */
  #order: readonly string[] = [];
  /** When each participant was last heard, ms. */
  readonly #heard = new Map<string, number>();
  #speaking: ReadonlySet<string> = new Set();

  /** The tiles in the order of seats; oneself on the last seat of the first page of `perPage`. */
  arrange<T extends Guest>(tiles: readonly T[], perPage: number): readonly T[] {
    const byKey = new Map(tiles.map((tile) => [tile.key, tile]));
    const others = tiles.filter((tile) => !tile.self);
    const known = this.#order.filter((key) => byKey.has(key) && !byKey.get(key)?.self);
    const before = new Set(known);
    this.#order = [...known, ...others.map(({ key }) => key).filter((key) => !before.has(key))];
    const seated = this.#order.flatMap((key) => byKey.get(key) ?? []);
    const own = tiles.filter((tile) => tile.self);
    const first = Math.max(0, perPage - own.length);
    return [...seated.slice(0, first), ...own, ...seated.slice(first)];
  }

  /** Notes who speaks at `now`; whoever of them sits on a later page comes to the first one. */
  hear(
    tiles: readonly Guest[],
    speaking: ReadonlySet<string>,
    perPage: number,
    now: number,
    keep: string | null = null,
  ): boolean {
    // Who spoke until now was heard until now.
    for (const who of [...this.#speaking, ...speaking]) this.#heard.set(who, now);
    this.#speaking = speaking;
    const owner = new Map(tiles.map((tile) => [tile.key, tile]));
    const first = Math.max(0, perPage - tiles.filter((tile) => tile.self).length);
    let moved = false;
    for (const key of this.#order.slice(first)) {
      const tile = owner.get(key);
      if (!tile || tile.kind === "screen" || !speaking.has(tile.participant.id)) continue;
      const silent = this.#longestSilent(owner, first, speaking, keep);
      if (silent === null) break;
      this.#order = this.#order.map((other) =>
        other === key ? silent : other === silent ? key : other,
      );
      moved = true;
    }
    return moved;
  }

  #longestSilent(
    owner: ReadonlyMap<string, Guest>,
    first: number,
    speaking: ReadonlySet<string>,
    keep: string | null,
  ): string | null {
    let found: string | null = null;
    let since = Number.POSITIVE_INFINITY;
    for (const key of this.#order.slice(0, first)) {
      const tile = owner.get(key);
      if (!tile || key === keep || tile.kind === "screen") continue;
      const { id } = tile.participant;
      const heard = this.#heard.get(id) ?? Number.NEGATIVE_INFINITY;
      // Of those who never spoke the last one goes.
      if (speaking.has(id) || heard > since) continue;
      found = key;
      since = heard;
    }
    return found;
  }
}
