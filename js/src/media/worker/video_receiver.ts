/**
 * One watched video: from frames of its renditions to pictures.
 *
 * The relay sends one rendition at a time and changes it at a key frame; so does the decoder.
 * What cannot be decoded in time is left out by layers, then up to the next key frame.
 */

import { isKey, layerOf, type MediaHeader, Reassembler, type Unit } from "../../wire/media.js";
import { fromWire } from "../colors.js";
import { ContinuityGate } from "../continuity.js";
import { Lateness } from "../lateness.js";
import type { RemoteStream } from "../messages.js";
import type { StreamStats } from "../types.js";
import { Pace } from "./pace.js";

/** Chunks waiting in the decoder: from here the upper layer is left out, and nothing is drawn late. */
const QUEUE_MOST = 2;
/** From this lag the upper layer is left out. */
const DROP_UPPER_MS = 300;
/** From this queue only a key frame helps: more than a second of chunks. */
const QUEUE_HOPELESS = 30;
/** Between two requests for a key frame; the relay coalesces to one per 500 ms. */
const KEY_REQUEST_MS = 500;
/** Between two when decoders keep failing: a codec that this browser cannot decode. */
const KEY_REQUEST_MOST_MS = 15_000;

type Rendition = RemoteStream["renditions"][number];

interface Track {
  rendition: Rendition;
  readonly reassembler: Reassembler;
  readonly gate: ContinuityGate;
  /** The sequence that should come next. */
  next: number | null;
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
  #active: Track | null = null;
  #decoder: VideoDecoder | null = null;
  #keyAskedAt = Number.NEGATIVE_INFINITY;
  /** Decoders that failed since the last picture. */
  #failures = 0;

  constructor(readonly events: VideoReceiverEvents) {}

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
          next: null,
        });
        continue;
      }
      const changed = JSON.stringify(track.rendition) !== JSON.stringify(rendition);
      track.rendition = rendition;
      // New colours or codec: the decoder learns of them at the next key frame.
      if (changed && track === this.#active) this.#active = null;
    }
  }

  /** Takes a frame of one of the stream's handles. */
  take(header: MediaHeader, payload: Uint8Array): void {
    const track = this.#tracks.get(header.handle);
    if (!track) return;
    this.pace.bytes(payload.byteLength);
    // What a joiner gets from the relay's cache has gaps by design.
    if (this.pace.width && track.next !== null && header.sequence > track.next) {
      this.pace.lost += header.sequence - track.next;
    }
    track.next = header.sequence + 1;
    const unit = track.reassembler.push(header, payload);
    if (unit) this.#decode(track, unit);
  }

  report(): StreamStats {
    return this.pace.report();
  }

  close(): void {
    if (this.#decoder?.state !== "closed") this.#decoder?.close();
    this.#decoder = null;
  }

  #decode(track: Track, { header, data }: Unit): void {
    const key = isKey(header);
    const layer = layerOf(header);
    const nowUs = this.events.relayNowUs();
    const lag = this.#lateness.lag(header.captureUs / 1000, nowUs / 1000);
    if (track !== this.#active) {
      // Another rendition takes over at its key frame only.
      if (!key) {
        this.#stuck();
        return;
      }
      if (!this.#configure(track)) return;
    }
    const decoder = this.#decoder;
    if (decoder?.state !== "configured") {
      this.#stuck();
      return;
    }
    if (decoder.decodeQueueSize > QUEUE_HOPELESS && !key) track.gate.close();
    const late = decoder.decodeQueueSize > QUEUE_MOST || lag > DROP_UPPER_MS;
    if (late && layer > 0) return;
    if (!track.gate.admits({ key, layer, baseCount: header.baseCount })) {
      this.pace.lost++;
      if (track.gate.waiting) this.#stuck();
      return;
    }
    decoder.decode(
      new EncodedVideoChunk({ type: key ? "key" : "delta", timestamp: header.captureUs, data }),
    );
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
    return true;
  }

  #make(): VideoDecoder {
    const decoder: VideoDecoder = new VideoDecoder({
      output: (frame) => this.#show(decoder, frame),
      error: () => {
        // Garbage closes a decoder for good. Its successor starts at a key frame.
        if (decoder !== this.#decoder) return;
        this.#active?.gate.close();
        this.#active = null;
        this.#decoder = null;
        this.#failures++;
        this.pace.lost++;
        this.#stuck();
      },
    });
    return decoder;
  }

  #show(decoder: VideoDecoder, frame: VideoFrame): void {
    const behind = decoder.decodeQueueSize > QUEUE_MOST;
    // While it catches up (a joiner gets everything since the last key frame), draw the newest only.
    if (behind && this.pace.width) {
      frame.close();
      return;
    }
    this.#failures = 0;
    this.pace.width = frame.displayWidth;
    this.pace.height = frame.displayHeight;
    this.pace.shown((this.events.relayNowUs() - frame.timestamp) / 1000);
    this.events.picture(frame);
  }

  #stuck(): void {
    const now = performance.now();
    const wait = Math.min(KEY_REQUEST_MS * 2 ** this.#failures, KEY_REQUEST_MOST_MS);
    if (now - this.#keyAskedAt < wait) return;
    this.#keyAskedAt = now;
    this.events.needKey();
  }
}
