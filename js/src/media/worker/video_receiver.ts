/**
 * One watched video: from frames of its renditions to pictures.
 *
 * The relay sends one rendition at a time and changes it at a key frame; so does the decoder.
 * What cannot be decoded in time is left out by layers, then up to the next key frame. Whatever
 * goes wrong, a new key frame mends it, and is asked for until it comes.
 */

import { isKey, layerOf, type MediaHeader, Reassembler, type Unit } from "../../wire/media.js";
import { fromWire } from "../colors.js";
import { ContinuityGate } from "../continuity.js";
import { Lateness } from "../lateness.js";
import type { RemoteStream } from "../messages.js";
import type { StreamStats } from "../types.js";
import type { EarDelay } from "./ear_delay.js";
import { KeyRequests } from "./key_requests.js";
import { Pace } from "./pace.js";
import { Presentation } from "./presentation.js";
import { Sequence } from "./sequence.js";

/** Chunks waiting in the decoder: from here the upper layer is left out, and nothing is drawn late. */
const QUEUE_MOST = 2;
/** From this lag the upper layer is left out. */
const DROP_UPPER_MS = 300;
/** A decoder this far behind catches up at a key frame only. */
const HOPELESS_MS = 1_000;
/** A decoder that gave nothing for this long is replaced. */
const DEAD_MS = 4_000;

type Rendition = RemoteStream["renditions"][number];

interface Track {
  rendition: Rendition;
  readonly reassembler: Reassembler;
  readonly gate: ContinuityGate;
  readonly sequence: Sequence;
}

export interface VideoReceiverEvents {
  needKey(): void;
  /** The receiver gives the picture away. */
  picture(frame: VideoFrame): void;
  /** Now on the clock that capture times are stamped with, µs. */
  relayNowUs(): number;
}

/** Decodes one stream. */
export class VideoReceiver {
  readonly pace = new Pace();
  readonly #tracks = new Map<number, Track>();
  readonly #lateness = new Lateness();
  readonly #keys: KeyRequests;
  readonly #presentation: Presentation;
  /** Whose frames come now; the relay sends one rendition at a time. */
  #coming: Track | null = null;
  #active: Track | null = null;
  #decoder: VideoDecoder | null = null;
  /** When what is in the decoder was given to it, by its timestamp. */
  readonly #decoding = new Map<number, number>();
  #lipSyncMs: number | undefined;

  constructor(
    readonly events: VideoReceiverEvents,
    /** Of the sound that belongs to these pictures. */
    readonly ear: EarDelay,
  ) {
    this.#keys = new KeyRequests(events.needKey);
    this.#presentation = new Presentation((frame) => this.#draw(frame));
  }

  /** What the stream's renditions are now. */
  update(renditions: readonly Rendition[]): void {
    for (const handle of this.#tracks.keys()) {
      if (!renditions.some((rendition) => rendition.handle === handle)) this.#tracks.delete(handle);
    }
    for (const rendition of renditions) {
      const track = this.#tracks.get(rendition.handle);
      if (!track) {
        this.#tracks.set(rendition.handle, {
          rendition,
          reassembler: new Reassembler(),
          gate: new ContinuityGate(),
          sequence: new Sequence(),
        });
        continue;
      }
      const changed = JSON.stringify(track.rendition) !== JSON.stringify(rendition);
      track.rendition = rendition;
      // New colours or codec: the decoder learns of them at the next key frame.
      if (changed && track === this.#active) this.#active = null;
    }
  }

  /** Whether the page asks for the stream; also to be told when the line is back. */
  expect(asked: boolean): void {
    this.pace.expect(asked);
    this.#keys.expect(asked ? performance.now() : null);
    this.#coming = null;
  }

  /** Takes a frame of one of the stream's handles. */
  take(header: MediaHeader, payload: Uint8Array): void {
    const track = this.#tracks.get(header.handle);
    if (!track) return;
    this.pace.bytes(payload.byteLength);
    this.#keys.heard(performance.now());
    if (track !== this.#coming) track.sequence.reset();
    this.#coming = track;
    const missing = track.sequence.take(header.sequence) ?? 0;
    // What a joiner gets from the relay's cache has gaps by design.
    const counted = this.pace.width ? missing : 0;
    this.pace.lost += counted;
    this.pace.came(counted);
    const unit = track.reassembler.push(header, payload);
    if (unit) this.#decode(track, unit);
  }

  /** To be called a few times a second. */
  tick(): void {
    const now = performance.now();
    this.#keys.tick(now);
    if (this.#behindMs(now) > DEAD_MS) this.#fail();
  }

  report(): StreamStats {
    const { stalledMs } = this.pace;
    return { ...this.pace.report(), stalledMs, lipSyncMs: this.#lipSyncMs };
  }

  close(): void {
    this.#presentation.close();
    this.#discard();
  }

  #decode(track: Track, { header, data }: Unit): void {
    const key = isKey(header);
    const layer = layerOf(header);
    const now = performance.now();
    const lag = this.#lateness.lag(header.captureUs / 1000, this.events.relayNowUs() / 1000);
    if (track !== this.#active) {
      // Another rendition takes over at its key frame only.
      if (!key) {
        this.#keys.stuck(now);
        return;
      }
      if (!this.#configure(track)) return;
    }
    const decoder = this.#decoder;
    if (decoder?.state !== "configured") {
      this.#keys.stuck(now);
      return;
    }
    if (this.#behindMs(now) > HOPELESS_MS && !key) track.gate.close();
    const late = decoder.decodeQueueSize > QUEUE_MOST || lag > DROP_UPPER_MS;
    if (late && layer > 0) return;
    if (!track.gate.admits({ key, layer, baseCount: header.baseCount })) {
      this.pace.lost++;
      if (track.gate.waiting) this.#keys.stuck(now);
      return;
    }
    this.#decoding.set(header.captureUs, now);
    decoder.decode(
      new EncodedVideoChunk({ type: key ? "key" : "delta", timestamp: header.captureUs, data }),
    );
  }

  /** Age of the oldest chunk that the decoder has not answered. */
  #behindMs(now: number): number {
    for (const at of this.#decoding.values()) return now - at;
    return 0;
  }

  #configure(track: Track): boolean {
    const { codec, colorSpace } = track.rendition;
    if (!this.#decoder || this.#decoder.state === "closed") this.#decoder = this.#make();
    try {
      this.#decoder.configure({
        codec,
        optimizeForLatency: true,
        ...(colorSpace ? { colorSpace: fromWire(colorSpace) } : {}),
      });
    } catch {
      this.#active = null;
      return false; // a codec string that this browser does not know: others go on
    }
    this.#active?.gate.close();
    this.#active = track;
    this.pace.codec = codec;
    return true;
  }

  #make(): VideoDecoder {
    const decoder: VideoDecoder = new VideoDecoder({
      output: (frame) => this.#decoded(decoder, frame),
      error: () => {
        if (decoder === this.#decoder) this.#fail();
      },
    });
    return decoder;
  }

  /** Garbage closes a decoder for good, and some just stop. The successor starts at a key frame. */
  #fail(): void {
    this.#active?.gate.close();
    this.#active = null;
    this.#discard();
    this.pace.lost++;
    this.#keys.failed();
    this.#keys.stuck(performance.now());
  }

  #discard(): void {
    const decoder = this.#decoder;
    this.#decoder = null;
    this.#decoding.clear();
    if (decoder && decoder.state !== "closed") decoder.close();
  }

  #decoded(decoder: VideoDecoder, frame: VideoFrame): void {
    // A chunk that gave no picture is answered by the next one.
    for (const timestamp of this.#decoding.keys()) {
      if (timestamp > frame.timestamp) break;
      this.#decoding.delete(timestamp);
    }
    const behind = decoder !== this.#decoder || decoder.decodeQueueSize > QUEUE_MOST;
    // While it catches up (a joiner gets everything since the last key frame), draw the newest only.
    if (behind && this.pace.width) {
      frame.close();
      return;
    }
    this.#keys.shown();
    this.pace.width = frame.displayWidth;
    this.pace.height = frame.displayHeight;
    this.#presentation.offer(frame, this.ear.holdMs(this.#delayMs(frame)));
  }

  #draw(frame: VideoFrame): void {
    const delayMs = this.#delayMs(frame);
    const ear = this.ear.delayMs;
    this.#lipSyncMs = ear === null ? undefined : Math.round(delayMs - ear);
    this.pace.shown(delayMs);
    this.events.picture(frame);
  }

  #delayMs(frame: VideoFrame): number {
    return (this.events.relayNowUs() - frame.timestamp) / 1000;
  }
}
