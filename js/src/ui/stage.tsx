/** The dark stage with everyone's tiles. */

import { useComputed } from "@preact/signals";
import type { JSX, TargetedKeyboardEvent } from "preact";
import { useEffect } from "preact/hooks";
import {
  gridPage,
  type Layout,
  layoutAlone,
  layoutGrid,
  layoutSpotlight,
  PAGER_HEIGHT,
  pagerPlace,
  stripPage,
} from "./grid.js";
import { useSize } from "./hooks.js";
import { Pager } from "./pager.js";
import { handQueue, type Tile as TileInfo, tilesOf } from "./people.js";
import { AloneCard } from "./states.js";
import { strings } from "./strings.js";
import { subjectOf, swapped } from "./subject.js";
import { Tile } from "./tile.js";
import { useRoom, type ViewState } from "./view.js";
import { toggleFullScreen } from "./view-menu.js";

/** What the relay gives up last on a bad line, 9, to first, 0. */
const PRIORITY = { stage: 9, screen: 8, speaker: 6, others: 3 } as const;

export function Stage(): JSX.Element {
  const { session, engine, state } = useRoom();
  const all = useComputed(() =>
    tilesOf(
      session.participants.value.values(),
      session.streams.value.values(),
      session.you.value?.id ?? null,
    ),
  ).value;
  const hands = useComputed(() => handQueue(session.participants.value.values())).value;
  const [measure, { width, height }] = useSize<HTMLDivElement>();
  const alone = useComputed(
    () => session.phase.value.kind === "live" && session.participants.value.size <= 1,
  ).value;
  const tiles = shownOf(all, state.hideSelf.value);
  const subject = useSubject(tiles);
  const lonely = alone && tiles.length === 1 ? layoutAlone(width, height) : null;

  const plan = planOf(state, tiles, subject, width, height);
  const page = Math.min(state.page.value, plan.pages - 1);
  useSpeakersInFront(tiles, plan.first, subject?.key ?? null);
  const shown = subject
    ? [subject, ...plan.seated.slice(1 + page * plan.perPage, 1 + (page + 1) * plan.perPage)]
    : plan.seated.slice(page * plan.perPage, (page + 1) * plan.perPage);
  const layout: Layout =
    lonely?.tile ??
    (subject
      ? layoutSpotlight(shown.length - 1, width, height, tiles.length - 1)
      : layoutGrid(shown.length, width, height - (plan.pages > 1 ? PAGER_HEIGHT : 0)));

  const turn = (by: number): void => {
    state.page.value = Math.max(0, Math.min(plan.pages - 1, page + by));
  };
  const onKeyDown = (event: TargetedKeyboardEvent<HTMLElement>): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    // A card that hangs on a tile has keys of its own.
    if ((event.target as Element).closest("input,[popover]")) return;
    if (event.key === "f" || event.key === "F") {
      toggleFullScreen(event.currentTarget.closest(".mw-room"));
    }
    if (plan.pages < 2) return;
    const by = { PageUp: -1, ArrowLeft: -1, PageDown: 1, ArrowRight: 1 }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    // The tile with the focus goes away: the keys that follow must not reach the notebook.
    event.currentTarget.focus({ preventScroll: true });
    turn(by);
  };
  const speaking = engine?.speaking.value;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for forms
    <div
      class="mw-stage"
      role="group"
      aria-label={strings.stage}
      ref={measure}
      tabIndex={-1}
      data-testid="mw-stage"
      data-layout={subject ? "spotlight" : "grid"}
      onKeyDown={onKeyDown}
    >
      <ul class="mw-tiles">
        {shown.map((tile, index) => {
          const place = layout.places[index];
          return place ? (
            <Tile
              key={tile.key}
              tile={tile}
              place={place}
              hand={hands.indexOf(tile.participant.id) + 1}
              large={tile === subject}
              pinned={state.pinned.value === tile.key}
              priority={
                tile === subject
                  ? PRIORITY.stage
                  : tile.kind === "screen"
                    ? PRIORITY.screen
                    : speaking?.has(tile.participant.id)
                      ? PRIORITY.speaker
                      : PRIORITY.others
              }
              onPin={() => {
                state.pinned.value = state.pinned.value === tile.key ? null : tile.key;
              }}
            />
          ) : null;
        })}
      </ul>
      {plan.pages > 1 && width > 0 && (
        <Pager
          page={page}
          pages={plan.pages}
          place={pagerPlace(subject ? tiles.length - 1 : null, width, height)}
          onTurn={turn}
        />
      )}
      {lonely && <AloneCard place={lonely.seat} />}
    </div>
  );
}

/** Without one's own camera if so wished, as long as there is somebody else to see. */
function shownOf(tiles: readonly TileInfo[], hideSelf: boolean): readonly TileInfo[] {
  if (!hideSelf || tiles.every((tile) => tile.self)) return tiles;
  return tiles.filter((tile) => !(tile.self && tile.kind === "camera"));
}

interface Plan {
  /** All tiles in the order of their seats; the one on the stage first. */
  readonly seated: readonly TileInfo[];
  /** Tiles of the grid, or of the strip, on one page. */
  readonly perPage: number;
  readonly pages: number;
  /** So many of the seats are in sight on the first page. */
  readonly first: number;
}

function planOf(
  state: ViewState,
  tiles: readonly TileInfo[],
  subject: TileInfo | null,
  width: number,
  height: number,
): Plan {
  if (!subject) {
    const perPage = gridPage(tiles.length, width, height);
    const seated = state.seating.arrange(tiles, perPage);
    return {
      seated,
      perPage,
      pages: Math.max(1, Math.ceil(seated.length / perPage)),
      first: perPage,
    };
  }
  const strip = tiles.length - 1;
  const perPage = stripPage(strip, width, height);
  const first = perPage + 1;
  const base = state.seating.arrange(tiles, first);
  const at = base.findIndex((tile) => tile.key === subject.key);
  const seated = swapped(base, 0, Math.max(0, at));
  return { seated, perPage, pages: Math.max(1, Math.ceil(strip / perPage)), first };
}

/** The tile to show large, following whose turn it is; null for equal tiles. */
function useSubject(tiles: readonly TileInfo[]): TileInfo | null {
  const { engine, state } = useRoom();
  const speaking = engine?.speaking.value;
  const others = tiles.filter((tile) => !tile.self).map((tile) => tile.participant.id);
  const present = others.join(" ");
  useEffect(() => {
    const { turns, speaker } = state;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const hear = (): void => {
      if (turns.current !== null && !others.includes(turns.current)) turns.gone();
      const voices = others.filter((who) => speaking?.has(who));
      const wait = turns.hear(new Set(voices), performance.now());
      speaker.value = turns.current;
      if (wait !== null) timer = setTimeout(hear, wait + 1);
    };
    hear();
    return () => clearTimeout(timer);
  }, [speaking, present, state]);
  return subjectOf(tiles, {
    layout: state.layout.value,
    pinned: state.pinned.value,
    dismissed: state.dismissed.value,
    speaker: state.speaker.value,
  });
}

/** Brings who speaks to the first page. */
function useSpeakersInFront(tiles: readonly TileInfo[], first: number, keep: string | null): void {
  const { engine, state } = useRoom();
  const speaking = engine?.speaking.value;
  const version = state.seating.version.value; // shows the new seats
  useEffect(() => {
    if (!speaking) return;
    const { seating } = state;
    if (seating.hear(tiles, speaking, first, performance.now(), keep)) {
      seating.version.value = version + 1;
    }
  }, [speaking, first, keep]);
}
