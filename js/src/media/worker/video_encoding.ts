/** One rendition of a source: encodes while demanded, numbers its frames, cuts them for the wire. */

import type { ColorSpace } from "../../wire/index.js";
import { FrameKind, fragment, frameFlags } from "../../wire/media.js";
import { sameColors, toWire } from "../colors.js";
import type { OwnRendition, VideoSource } from "../messages.js";
import type { CaptureClock } from "./capture_clock.js";

/** Frames waiting in the encoder from which new ones are skipped; a large screen's take long. */
const QUEUE_MOST = { camera: 2, screen: 0 } as const;
/** A key frame at least this often, for safety; otherwise only where one is asked for. */
const KEY_INTERVAL_US = 10_000_000;
/** A new bitrate takes effect at most this often, */
const RECONFIGURE_MS = 500;
/** and this seldom where every change makes a key frame (Firefox). */
const RECONFIGURE_KEYED_MS = 3_000;
/** Changes below this part are not worth it, unless they lower the rate. */
const RECONFIGURE_STEP = 0.1;
/** Encoders that failed one after the other, without a chunk between, until we give up. */
const FAILURES_MOST = 3;

const BASE_MODULUS = 0x10000;
const SEQUENCE_MODULUS = 2 ** 32;

export interface EncodingEvents {
  /** A chunk, cut into frames. */
  chunk(frames: Uint8Array<ArrayBuffer>[], upper: boolean): void;
  /** A picture was due; whether the encoder had not yet done the ones before. */
  busy(skipped: boolean): void;
  /** The colours that the encoder wrote, where they are not those published. */
  colors(handle: number, colorSpace: ColorSpace): void;
  failed(reason: string): void;
}

/** Encodes one rendition. */
export class VideoEncoding {
  on = false;
  readonly #handle: number;
  #offer: OwnRendition["offer"];
  #encoder: VideoEncoder | null = null;
  #keyDue = true;
  #keyAt = 0;
  #dueUs = 0;
  #sequence = 0;
  #base = 0;
  #version = 0;
  #bitrate: number;
  #reconfiguredAt = Number.NEGATIVE_INFINITY;
  #reconfigureMs = RECONFIGURE_MS;
  /** Key frames asked of the encoder and not yet seen. */
  #keysAsked = 0;
  #failures = 0;
  /** When the pictures in the encoder were given to it, ms. */
  #given: number[] = [];
  /** Time in the encoder, smoothed, ms. */
  encodeMs: number | undefined;

  constructor(
    rendition: OwnRendition,
    readonly source: VideoSource,
    /** 0 is the smallest of its source. */
    readonly index: number,
    readonly clock: CaptureClock,
    /** Whether the browser takes `scalabilityMode: "L1T2"`. */
    readonly layered: boolean,
    readonly events: EncodingEvents,
  ) {
    this.#handle = rendition.handle;
    this.#offer = rendition.offer;
    this.#bitrate = this.nominal;
  }

  /** Bits a second when the line is good. */
  get nominal(): number {
    return this.#offer.bitrate ?? 0;
  }

  /** As published. */
  get codec(): string {
    return this.#offer.codec;
  }

  /** Pixels. */
  get size(): { readonly width: number; readonly height: number } {
    return { width: this.#offer.width ?? 0, height: this.#offer.height ?? 0 };
  }

  /** The stream was published anew under the same handle. */
  update(offer: OwnRendition["offer"]): void {
    if (JSON.stringify(offer) === JSON.stringify(this.#offer)) return;
    const { width, height, codec } = this.#offer;
    const other = offer.width !== width || offer.height !== height || offer.codec !== codec;
    this.#offer = offer;
    this.#version = (this.#version + 1) % 256;
    this.#keyDue = true;
    if (offer.codec !== codec) this.#failures = 0;
    if (other) this.#drop();
  }

  /** Whether somebody waits for a key frame. */
  get keyDue(): boolean {
    return this.#keyDue;
  }

  /** The next frame shall be a key frame. */
  wantKey(): void {
    this.#keyDue = true;
  }

  /**
   * Encodes the picture if it is this rendition's turn, at `share` of the nominal bitrate.
   *
   * @param slow takes every second picture only: the machine does not keep up.
   */
  encode(frame: VideoFrame, share: number, slow: boolean): void {
    if (!this.on || !this.#isDue(frame.timestamp, slow && this.index > 0 ? 2 : 1)) return;
    const encoder = this.#ready(share);
    if (!encoder) return;
    const busy = encoder.encodeQueueSize > QUEUE_MOST[this.source];
    this.events.busy(busy);
    if (busy) return;
    const keyFrame = this.#keyDue || frame.timestamp - this.#keyAt > KEY_INTERVAL_US;
    if (keyFrame) {
      this.#keyDue = false;
      this.#keysAsked++;
      this.#keyAt = frame.timestamp;
    }
    this.#given.push(performance.now());
    encoder.encode(frame, { keyFrame });
  }

  close(): void {
    this.on = false;
    this.#drop();
  }

  #drop(): void {
    if (this.#encoder && this.#encoder.state !== "closed") this.#encoder.close();
    this.#encoder = null;
    this.#keyDue = true;
    this.#keysAsked = 0;
    this.#given = [];
  }

  #isDue(timestamp: number, slower: number): boolean {
    const interval = (slower * 1_000_000) / (this.#offer.fps ?? 15);
    // A third of slack: a camera's 33 ms pictures shall make 24 a second, not 15.
    if (!this.#keyDue && timestamp < this.#dueUs - interval / 3) return false;
    this.#dueUs = Math.max(this.#dueUs + interval, timestamp);
    return true;
  }

  #ready(share: number): VideoEncoder | null {
    const wanted = Math.round(this.nominal * share);
    if (this.#encoder?.state === "configured") {
      this.#adapt(wanted);
      return this.#encoder;
    }
    if (this.#failures >= FAILURES_MOST) return null;
    const encoder: VideoEncoder = new VideoEncoder({
      output: (chunk, metadata) => {
        if (encoder === this.#encoder) this.#send(chunk, metadata ?? {});
      },
      error: (error) => {
        if (encoder === this.#encoder) this.#fail(error.message);
      },
    });
    this.#encoder = encoder;
    this.#bitrate = wanted;
    try {
      encoder.configure(this.#config());
    } catch (error) {
      this.#fail(String(error));
      return null;
    }
    return encoder;
  }

  #config(): VideoEncoderConfig {
    return {
      codec: this.#offer.codec,
      width: this.#offer.width ?? 0,
      height: this.#offer.height ?? 0,
      bitrate: this.#bitrate,
      framerate: this.#offer.fps ?? 15,
      latencyMode: "realtime",
      // Known to Chromium, which then keeps text sharp; others take no notice.
      ...(this.source === "screen" ? { contentHint: "detail" } : {}),
      ...(this.layered ? { scalabilityMode: "L1T2" } : {}),
    };
  }

  #adapt(wanted: number): void {
    const now = performance.now();
    const change = Math.abs(wanted - this.#bitrate) / this.#bitrate;
    if (change < RECONFIGURE_STEP || now - this.#reconfiguredAt < this.#reconfigureMs) return;
    this.#reconfiguredAt = now;
    this.#bitrate = wanted;
    this.#encoder?.configure(this.#config());
  }

  #fail(reason: string): void {
    this.#drop();
    if (++this.#failures >= FAILURES_MOST) this.events.failed(reason);
  }

  #send(chunk: EncodedVideoChunk, metadata: EncodedVideoChunkMetadata): void {
    this.#failures = 0;
    const given = this.#given.shift();
    if (given !== undefined) {
      const ms = performance.now() - given;
      this.encodeMs = this.encodeMs === undefined ? ms : this.encodeMs * 0.9 + ms * 0.1;
    }
    const layer = metadata.svc?.temporalLayerId ?? 0;
    if (layer === 0) this.#base = (this.#base + 1) % BASE_MODULUS;
    const key = chunk.type === "key";
    if (key) {
      if (this.#keysAsked === 0) this.#reconfigureMs = RECONFIGURE_KEYED_MS;
      else this.#keysAsked--;
      this.#colors(metadata);
    }
    const data = new Uint8Array(chunk.byteLength);
    chunk.copyTo(data);
    const frames = fragment(
      {
        kind: FrameKind.VIDEO,
        flags: frameFlags({ key, layer }),
        handle: this.#handle,
        sequence: this.#sequence,
        captureUs: this.clock.captureUs(chunk.timestamp),
        baseCount: this.#base,
        config: this.#version,
      },
      data,
    );
    this.#sequence = (this.#sequence + frames.length) % SEQUENCE_MODULUS;
    this.events.chunk(frames, layer > 0);
  }

  #colors(metadata: EncodedVideoChunkMetadata): void {
    const written = toWire(metadata.decoderConfig?.colorSpace);
    if (written && !sameColors(written, this.#offer.config?.color_space ?? null)) {
      this.events.colors(this.#handle, written);
    }
  }
}
