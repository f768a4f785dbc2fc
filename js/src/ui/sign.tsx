/** The small sign of a tile's quality, and the card with what was measured. */

import type { JSX } from "preact";
import { useRef, useState } from "preact/hooks";
import type { StreamStats } from "../media/index.js";
import { Icon } from "./icons.js";
import type { Tile } from "./people.js";
import { Popover } from "./popover.js";
import { FINE, GOOD_MS, type TileQuality } from "./quality.js";
import { strings } from "./strings.js";
import { useRoom } from "./view.js";

/** How a stream arrives; fine while nothing is known. */
export function useQuality(stream: string | null): TileQuality {
  const { state } = useRoom();
  const { tiles } = state.signs;
  return (stream === null ? undefined : tiles.value.get(stream)) ?? FINE;
}

/** A button at the tile's corner: the delay when all is well, else a word in amber or red. */
export function Sign({ tile }: { tile: Tile }): JSX.Element | null {
  const { engine } = useRoom();
  const stream = tile.stream?.id ?? null;
  const button = useRef<HTMLButtonElement>(null);
  const [open, setOpen] = useState(false);
  const quality = useQuality(stream);
  const latency = stream === null ? undefined : engine?.stats.value.get(stream)?.latencyMs;
  const delay = latency === undefined ? null : Math.max(0, Math.round(latency));
  if (stream === null || !engine) return null;
  const well = quality.level === "good";
  if (well && (delay === null || tile.self)) return null;
  const word = wordOf(quality, tile.self ? null : delay);
  const label = strings.details(tile.label);
  return (
    <>
      <button
        type="button"
        class="mw-sign"
        ref={button}
        data-level={quality.level}
        data-testid="mw-sign"
        title={well ? strings.latencyHint(delay ?? 0) : quality.sentence}
        aria-label={well ? label : `${quality.sentence} ${label}`}
        aria-haspopup="dialog"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        <span class="mw-plate">
          {!well && <Icon name="signal" size={14} />}
          <span class="mw-sign-word">{word}</span>
        </span>
      </button>
      {open && (
        <Popover anchor={button} label={label} onClose={() => setOpen(false)}>
          <Details tile={tile} quality={quality} />
        </Popover>
      )}
    </>
  );
}

/** What the sign says in a word; `delay`: of others' pictures, ms. */
function wordOf({ level, paused }: TileQuality, delay: number | null): string {
  if (paused) return strings.pausedWord;
  if (level === "lost") return strings.lostWord;
  if (level === "poor") return strings.slowWord;
  const slow = delay !== null && (level === "good" || delay > GOOD_MS);
  return slow ? strings.latency(delay) : strings.reducedWord;
}

function Details({ tile, quality }: { tile: Tile; quality: TileQuality }): JSX.Element {
  const { session, engine } = useRoom();
  const stats = engine?.stats.value;
  const picture = tile.stream ? stats?.get(tile.stream.id) : undefined;
  const voice = [...session.streams.value.values()].find(
    ({ owner, source }) =>
      owner === tile.participant.id &&
      source === (tile.kind === "screen" ? "screen-audio" : "microphone"),
  );
  const rows = [...pictureRows(picture), ...soundRows(voice ? stats?.get(voice.id) : undefined)];
  return (
    <div class="mw-details" data-testid="mw-details" data-first tabIndex={-1}>
      <b class="mw-ellipsis">{tile.label}</b>
      <p data-level={quality.level}>{quality.sentence || strings.allGood}</p>
      <dl>
        {rows.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

type Row = readonly [name: string, value: string];

function delayOf({ latencyMs, latencyP95Ms }: StreamStats): string | null {
  if (latencyMs === undefined) return null;
  const p95 = latencyP95Ms === undefined ? null : Math.round(latencyP95Ms);
  return strings.delayValue(Math.max(0, Math.round(latencyMs)), p95);
}

function pictureRows(stats: StreamStats | undefined): readonly Row[] {
  if (!stats) return [];
  const rows: [string, string | null][] = [
    [strings.detailDelay, delayOf(stats)],
    [
      strings.detailPicture,
      stats.width > 0
        ? strings.pictureValue(stats.width, stats.height, Math.round(stats.fps))
        : null,
    ],
    [strings.detailRate, strings.rateValue(Math.round(stats.bitrate / 1000))],
    [
      strings.detailArrived,
      stats.share === undefined ? null : `${Math.round(Math.min(1, stats.share) * 100)} %`,
    ],
    [strings.detailLost, strings.framesValue(stats.lost)],
    [strings.detailCodec, stats.codec?.toUpperCase() ?? null],
  ];
  return known(rows);
}

function soundRows(stats: StreamStats | undefined): readonly Row[] {
  if (!stats) return [];
  const { bufferMs, underruns, lipSyncMs } = stats;
  return known([
    [strings.detailSound, delayOf(stats)],
    [
      strings.detailBuffer,
      bufferMs === undefined ? null : strings.bufferValue(Math.round(bufferMs), underruns ?? null),
    ],
    [strings.detailLips, lipSyncMs === undefined ? null : strings.lipsValue(Math.round(lipSyncMs))],
  ]);
}

function known(rows: readonly (readonly [string, string | null])[]): readonly Row[] {
  return rows.flatMap(([name, value]) => (value === null ? [] : [[name, value] as const]));
}
