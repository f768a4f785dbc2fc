/** One participant on the stage. */

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Avatar } from "./avatar.js";
import type { Rect } from "./grid.js";
import { useVisible } from "./hooks.js";
import { Icon } from "./icons.js";
import type { Tile as TileInfo } from "./people.js";
import { SelfPicture, StreamPicture } from "./picture.js";
import { strings } from "./strings.js";
import { useRoom } from "./view.js";

/** Delay from which a tile says its latency unasked, ms: talking over each other begins here. */
const LATENCY_MATTERS_MS = 200;
const LATENCY_BAD_MS = 500;
/** A floating reaction is taken away after this time, ms. */
const REACTION_MS = 4000;

interface Props {
  readonly tile: TileInfo;
  readonly place: Rect;
  /** Place in the queue of raised hands, from 1; 0 without a raised hand. */
  readonly hand: number;
  readonly pinned: boolean;
  readonly onPin: () => void;
}

export function Tile({ tile, place, hand, pinned, onPin }: Props): JSX.Element {
  const { engine } = useRoom();
  const who = tile.participant;
  const [ref, visible] = useVisible();
  const speaking = engine?.speaking.value.has(who.id) ?? false;
  const away = who.state.away === true;
  const microphone = who.state.microphone === true;
  const words = [tile.label];
  if (tile.kind === "camera" && who.kind !== "kernel") {
    words.push(microphone ? strings.unmuted : strings.muted);
  }
  if (speaking) words.push(strings.speaking);
  if (away) words.push(strings.awayLong);
  if (hand > 0) words.push(strings.handPlace(hand));
  return (
    <li
      class="mw-tile"
      ref={(element) => {
        ref.current = element;
      }}
      style={{
        width: `${place.width}px`,
        height: `${place.height}px`,
        transform: `translate(${place.x}px, ${place.y}px)`,
      }}
      data-testid="mw-tile"
      data-participant={who.id}
      data-stream={tile.stream?.id ?? ""}
      data-kind={tile.kind}
      data-self={tile.self}
      data-speaking={speaking && tile.kind === "camera"}
      data-away={away}
      aria-label={words.join(", ")}
    >
      <div class="mw-tile-face">
        <Face tile={tile} place={place} visible={visible} />
      </div>
      <button
        type="button"
        class="mw-tile-pin"
        aria-pressed={pinned}
        aria-label={pinned ? strings.unpin : strings.pin(tile.label)}
        onClick={onPin}
      />
      {hand > 0 && tile.kind === "camera" && (
        <span
          class="mw-plate mw-tile-hand"
          data-testid="mw-raised-hand"
          title={strings.handPlace(hand)}
        >
          <Icon name="hand" size={14} />
          {hand}
        </span>
      )}
      {tile.stream && !tile.self && <Latency stream={tile.stream.id} />}
      <span class="mw-plate mw-tile-name">
        {who.kind === "kernel" ? (
          <Icon name="kernel" size={14} />
        ) : (
          tile.kind === "camera" && (
            <span class="mw-tile-mic" data-microphone={microphone ? "on" : "off"}>
              <Icon name={microphone ? "microphone" : "microphoneOff"} size={14} />
            </span>
          )
        )}
        <span class="mw-ellipsis">{tile.label}</span>
        {away && <span class="mw-tile-away">{strings.away}</span>}
      </span>
      {tile.kind === "camera" && <Floating participant={who.id} />}
    </li>
  );
}

function Face({
  tile,
  place,
  visible,
}: {
  tile: TileInfo;
  place: Rect;
  visible: boolean;
}): JSX.Element {
  const { engine } = useRoom();
  const stream = tile.stream?.id ?? null;
  const arriving = stream !== null && (engine?.pictures.value.has(stream) ?? false);
  const [seen, setSeen] = useState<string | null>(null);
  useEffect(() => {
    if (arriving) setSeen(stream);
  }, [arriving, stream]);
  const self = tile.self && tile.kind === "camera" ? (engine?.selfStream.value ?? null) : null;
  const shown = self !== null || (stream !== null && (arriving || seen === stream));
  return (
    <>
      {!shown && (
        <span class="mw-tile-initials">
          <Avatar who={tile.participant} />
        </span>
      )}
      {self && <SelfPicture media={self} visible={visible} />}
      {!self && engine && stream !== null && !tile.self && (
        <div class="mw-tile-stream" data-shown={shown} data-late={shown && !arriving}>
          <StreamPicture
            engine={engine}
            stream={stream}
            width={visible ? place.width : 0}
            height={visible ? place.height : 0}
            fit={tile.kind === "camera" && tile.participant.kind !== "kernel" ? "cover" : "contain"}
          />
        </div>
      )}
    </>
  );
}

function Latency({ stream }: { stream: string }): JSX.Element | null {
  const { engine } = useRoom();
  const stats = engine?.stats.value.get(stream);
  if (stats?.latencyMs === undefined) return null;
  const ms = Math.max(0, Math.round(stats.latencyMs));
  const level = ms >= LATENCY_BAD_MS ? "bad" : ms >= LATENCY_MATTERS_MS ? "late" : "good";
  return (
    <span class="mw-plate mw-tile-latency" data-level={level} title={strings.latencyHint(ms)}>
      {strings.latency(ms)}
    </span>
  );
}

function Floating({ participant }: { participant: string }): JSX.Element | null {
  const { session } = useRoom();
  const latest = session.reactions.value.filter((reaction) => reaction.by === participant).at(-1);
  const [over, setOver] = useState<number | null>(null);
  useEffect(() => {
    if (!latest) return;
    const left = latest.at + REACTION_MS - Date.now();
    const timer = setTimeout(() => setOver(latest.id), Math.max(0, left));
    return () => clearTimeout(timer);
  }, [latest]);
  if (!latest || over === latest.id) return null;
  return (
    <span class="mw-tile-reaction" key={latest.id} aria-hidden="true">
      {latest.emoji}
    </span>
  );
}
