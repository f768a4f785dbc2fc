/** The dark stage with everyone's tiles. */

import { useComputed } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { layoutAlone, layoutGrid, layoutSpotlight } from "./grid.js";
import { useSize } from "./hooks.js";
import { handQueue, type Tile as TileInfo, tilesOf } from "./people.js";
import { AloneCard } from "./states.js";
import { strings } from "./strings.js";
import { Tile } from "./tile.js";
import { useRoom } from "./view.js";

/** Somebody must have spoken this long before the spotlight moves to them, ms: a cough is not a turn. */
const TURN_MS = 1200;

export function Stage(): JSX.Element {
  const { session, state } = useRoom();
  const tiles = useComputed(() =>
    tilesOf(
      session.participants.value.values(),
      session.streams.value.values(),
      session.you.value?.id ?? null,
    ),
  ).value;
  const hands = useComputed(() => handQueue(session.participants.value.values())).value;
  const [measure, size] = useSize<HTMLDivElement>();
  const spotlight = useSpotlight(tiles);
  const alone = useComputed(
    () => session.phase.value.kind === "live" && session.participants.value.size <= 1,
  ).value;
  const lonely = alone && tiles.length === 1 ? layoutAlone(size.width, size.height) : null;
  const layout =
    lonely?.tile ??
    (spotlight < 0
      ? layoutGrid(tiles.length, size.width, size.height)
      : layoutSpotlight(tiles.length, spotlight, size.width, size.height));
  const pin = (key: string): void => {
    const same = state.layout.value === "spotlight" && state.pinned.value === key;
    state.pinned.value = same ? null : key;
    state.layout.value = same ? "grid" : "spotlight";
  };
  return (
    <div class="mw-stage" ref={measure}>
      <ul class="mw-tiles" aria-label={strings.stage} style={{ height: `${layout.height}px` }}>
        {tiles.map((tile, index) => {
          const place = layout.places[index];
          return place ? (
            <Tile
              key={tile.key}
              tile={tile}
              place={place}
              hand={hands.indexOf(tile.participant.id) + 1}
              pinned={index === spotlight && state.pinned.value === tile.key}
              onPin={() => pin(tile.key)}
            />
          ) : null;
        })}
      </ul>
      {lonely && <AloneCard place={lonely.seat} />}
    </div>
  );
}

/** The index of the tile to show large; -1 for equal tiles. */
function useSpotlight(tiles: readonly TileInfo[]): number {
  const { engine, state } = useRoom();
  const on = state.layout.value === "spotlight" && tiles.length > 1;
  const [speaker, setSpeaker] = useState<string | null>(null);
  const speaking = engine?.speaking.value;
  const candidate = tiles.find(
    (tile) => !tile.self && tile.kind === "camera" && speaking?.has(tile.participant.id),
  );
  useEffect(() => {
    if (!candidate || candidate.key === speaker) return;
    const timer = setTimeout(() => setSpeaker(candidate.key), TURN_MS);
    return () => clearTimeout(timer);
  }, [candidate?.key, speaker]);
  if (!on) return -1;
  const find = (key: string | null): number => tiles.findIndex((tile) => tile.key === key);
  const pinned = find(state.pinned.value);
  if (pinned >= 0) return pinned;
  const screen = tiles.findIndex((tile) => tile.kind === "screen");
  if (screen >= 0) return screen;
  return Math.max(0, find(speaker));
}
