/** One participant on the stage. */

import { effect, useComputed } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Avatar } from "./avatar.js";
import type { Rect } from "./grid.js";
import { useVisible } from "./hooks.js";
import { Icon } from "./icons.js";
import type { Tile as TileInfo } from "./people.js";
import { SelfPicture, StreamPicture } from "./picture.js";
import { Sign, useQuality } from "./sign.js";
import { strings } from "./strings.js";
import { useRoom } from "./view.js";

/** A floating reaction is taken away after this time, ms. */
const REACTION_MS = 4000;
/** The ring follows the voice in so many steps: finer ones nobody sees. */
const LEVEL_STEPS = 10;

interface Props {
  readonly tile: TileInfo;
  readonly place: Rect;
  /** Place in the queue of raised hands, from 1; 0 without a raised hand. */
  readonly hand: number;
  /** Whether it has the stage, with the others in a strip. */
  readonly large: boolean;
  readonly pinned: boolean;
  /** What the relay gives up last, 0 to 9. */
  readonly priority: number;
  readonly onPin: () => void;
}

export function Tile(props: Props): JSX.Element {
  const { tile, place, hand, large, pinned, priority, onPin } = props;
  const { engine } = useRoom();
  const who = tile.participant;
  const [ref, visible] = useVisible();
  useLevel(ref, who.id);
  const speaking = useComputed(() => engine?.speaking.value.has(who.id) ?? false).value;
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
      data-large={large}
      data-pinned={pinned}
      data-speaking={speaking && tile.kind !== "screen"}
      data-away={away}
      aria-label={words.join(", ")}
    >
      <div class="mw-tile-face">
        <Face tile={tile} place={place} visible={visible} priority={priority} />
      </div>
      <button
        type="button"
        class="mw-tile-pin"
        aria-pressed={pinned}
        aria-label={pinned ? strings.unpin : strings.pin(tile.label)}
        title={pinned ? strings.unpin : strings.pin(tile.label)}
        data-testid="mw-pin"
        onClick={onPin}
      >
        <span class="mw-plate mw-tile-pinned">
          <Icon name="pin" size={14} />
        </span>
      </button>
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
      {tile.kind === "screen" && tile.self && <Sharing />}
      <Paused stream={tile.stream?.id ?? null} />
      <Sign tile={tile} />
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

/** Tells the ring how loud somebody is, past the component: ten times a second is no re-render. */
function useLevel(ref: { current: HTMLElement | null }, participant: string): void {
  const { engine } = useRoom();
  useEffect(() => {
    if (!engine) return;
    let before = -1;
    return effect(() => {
      const level = engine.levels.value.get(participant) ?? 0;
      const step = Math.round(Math.min(1, level) * LEVEL_STEPS) / LEVEL_STEPS;
      if (step === before) return;
      before = step;
      ref.current?.style.setProperty("--mw-level", String(step));
    });
  }, [engine, participant]);
}

function Face({
  tile,
  place,
  visible,
  priority,
}: {
  tile: TileInfo;
  place: Rect;
  visible: boolean;
  priority: number;
}): JSX.Element {
  const { engine } = useRoom();
  const stream = tile.stream?.id ?? null;
  const arriving = stream !== null && (engine?.pictures.value.has(stream) ?? false);
  const [seen, setSeen] = useState<string | null>(null);
  useEffect(() => {
    if (arriving) setSeen(stream);
  }, [arriving, stream]);
  const { level, paused } = useQuality(tile.self ? null : stream);
  const self = tile.self && tile.kind === "camera" ? (engine?.selfStream.value ?? null) : null;
  const shown = self !== null || (stream !== null && (arriving || seen === stream));
  return (
    <>
      {!shown && tile.kind !== "screen" && (
        <span class="mw-tile-initials" data-behind={paused || level === "lost"}>
          <Avatar who={tile.participant} />
        </span>
      )}
      {self && <SelfPicture media={self} visible={visible} />}
      {!self && engine && stream !== null && !tile.self && (
        <div
          class="mw-tile-stream"
          data-shown={shown}
          data-late={shown && (!arriving || paused || level === "lost")}
        >
          <StreamPicture
            engine={engine}
            stream={stream}
            width={visible ? place.width : 0}
            height={visible ? place.height : 0}
            fit={tile.kind === "camera" && tile.participant.kind !== "kernel" ? "cover" : "contain"}
            priority={priority}
          />
        </div>
      )}
    </>
  );
}

/** Why the picture stands still, over the last one. */
function Paused({ stream }: { stream: string | null }): JSX.Element | null {
  const { paused, level, reason, sentence } = useQuality(stream);
  if (!paused && level !== "lost") return null;
  return (
    <span class="mw-tile-paused" data-testid="mw-paused">
      <span class="mw-tile-why">{sentence}</span>
      <span class="mw-tile-why-short">{reason}</span>
    </span>
  );
}

/** One's own screen: not shown within itself. */
function Sharing(): JSX.Element {
  const { engine } = useRoom();
  return (
    <div class="mw-tile-sharing" data-testid="mw-sharing">
      <span>{strings.sharingScreen}</span>
      <button
        type="button"
        class="mw-stop"
        data-testid="mw-stop-sharing"
        onClick={() => void engine?.toggleScreen()}
      >
        {strings.stopSharing}
      </button>
    </div>
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
