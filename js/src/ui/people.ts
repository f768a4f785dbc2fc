/** Who is in the room, as the interface names and orders them. */

import type { By, Participant, Stream } from "../session/index.js";
import { strings } from "./strings.js";

/** The relay's suffix of a kernel's display name; shown as a tag instead. */
const KERNEL_SUFFIX = " (kernel)";

/** A person's or a kernel owner's name, without the suffix that says "kernel". */
export function plainName(who: Pick<By, "user">): string {
  const name = who.user.display_name || who.user.name;
  return name.endsWith(KERNEL_SUFFIX) ? name.slice(0, -KERNEL_SUFFIX.length) : name;
}

/** How somebody is named in a sentence or on a tile. */
export function nameOf(who: Pick<By, "user" | "kind">): string {
  const ofPerson = who.user.display_name.endsWith(KERNEL_SUFFIX);
  return who.kind === "kernel" && ofPerson ? strings.kernelOf(plainName(who)) : plainName(who);
}

/** Who waits to be let in, in a few words. */
export function sayWaiting(people: readonly Participant[]): string {
  const [first] = people;
  return first && people.length === 1
    ? strings.isWaiting(plainName(first))
    : strings.areWaiting(people.length);
}

/** Participants with a raised hand, first come first. */
export function handQueue(participants: Iterable<Participant>): readonly string[] {
  return [...participants]
    .filter((who) => who.state.hand)
    .sort((a, b) => (a.state.hand_at ?? 0) - (b.state.hand_at ?? 0))
    .map((who) => who.id);
}

const VIDEO_CODEC = /^(vp8|vp09|vp9|av01|avc[13]|hev1|hvc1|h264)/i;

/** Whether a stream is a picture, whatever its source is called. */
export function isVideo(stream: Stream): boolean {
  return stream.renditions.some(
    (rendition) => rendition.width !== undefined || VIDEO_CODEC.test(rendition.codec),
  );
}

export interface Tile {
  /** Stays the same while the participant turns the camera on and off. */
  readonly key: string;
  readonly participant: Participant;
  readonly stream: Stream | null;
  readonly kind: "camera" | "screen" | "data";
  readonly self: boolean;
  readonly label: string;
}

function labelOf(who: Participant, stream: Stream | null, self: boolean): string {
  if (stream?.source === "screen") {
    return self ? strings.yourScreen : strings.screenOf(plainName(who));
  }
  const data = stream?.source.startsWith("data:") ? stream.source.slice("data:".length) : "";
  // A kernel says by its status what it is for.
  const topic = data || (who.kind === "kernel" ? (who.state.status ?? "") : "");
  const name = self ? strings.you : nameOf(who);
  return topic === "" ? name : `${topic} · ${name}`;
}

/**
 * The tiles of a room: one per person, one more for each further picture, one for each picture
 * of a kernel. Others in the order of joining, oneself last: nobody changes places.
 */
export function tilesOf(
  participants: Iterable<Participant>,
  streams: Iterable<Stream>,
  you: string | null,
): readonly Tile[] {
  const videos = new Map<string, Stream[]>();
  for (const stream of streams) {
    if (!isVideo(stream)) continue;
    const list = videos.get(stream.owner) ?? [];
    list.push(stream);
    videos.set(stream.owner, list);
  }
  const tiles: Tile[] = [];
  const own: Tile[] = [];
  for (const participant of participants) {
    const self = participant.id === you;
    const list = self ? own : tiles;
    const mine = videos.get(participant.id) ?? [];
    const camera = mine.find((stream) => stream.source === "camera") ?? null;
    for (const stream of mine) {
      if (stream === camera) continue;
      list.push({
        key: `${participant.id} ${stream.source}`,
        participant,
        stream,
        kind: stream.source === "screen" ? "screen" : "data",
        self,
        label: labelOf(participant, stream, self),
      });
    }
    if (camera || participant.kind !== "kernel") {
      list.push({
        key: participant.id,
        participant,
        stream: camera,
        kind: "camera",
        self,
        label: labelOf(participant, camera, self),
      });
    }
  }
  return [...tiles, ...own];
}
