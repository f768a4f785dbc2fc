/** One source of pictures: the demanded renditions of it go out, as much as the line bears. */

import { toWire } from "../colors.js";
import type { FromWorker, OwnRendition, VideoSource } from "../messages.js";
import { VIDEO_CODEC } from "../renditions.js";
import type { Claim } from "../shedding.js";
import type { StreamStats } from "../types.js";
import type { CaptureClock } from "./capture_clock.js";
import { Pace } from "./pace.js";
import type { Uplink } from "./uplink.js";
import { VideoEncoding } from "./video_encoding.js";

/**
 * A screen that stands still gives no pictures: after this long, ms, the last one is sent again to
 * whoever needs a key frame, and a few times more for all, to let the encoder sharpen it.
 */
const STILL_MS = 200;
const SHARPENINGS = 5;

/** Encodes the own camera, or the own screen. */
export class VideoSender {
  readonly pace = new Pace();
  /** The own stream; "" until it is published. */
  stream = "";
  readonly #encodings = new Map<number, VideoEncoding>();
  #reader: ReadableStreamDefaultReader<VideoFrame> | null = null;
  #ticker: ReturnType<typeof setInterval> | undefined;
  #shape = "";
  #turn = 0;
  #layered: boolean | null = null;
  #last: VideoFrame | null = null;
  #lastAt = 0;
  #repeats = 0;

  constructor(
    readonly source: VideoSource,
    readonly clock: CaptureClock,
    readonly uplink: Uplink,
    readonly tell: (message: FromWorker) => void,
  ) {
    uplink.add(this);
  }

  /**
   * Starts with a stream of pictures, or asks the page for one at a time, `fps` a second. Another
   * camera takes the place of the one before: what is announced and encoded goes on.
   */
  async start(frames: ReadableStream<VideoFrame> | null, fps: number): Promise<void> {
    this.#unplug();
    const turn = this.#turn;
    this.#layered ??= await acceptsLayers();
    if (turn !== this.#turn) return; // turned off meanwhile
    if (!frames) {
      this.#ticker = setInterval(() => {
        if (this.#wanted().length || !this.#shape) {
          this.tell({ type: "tick", source: this.source });
        }
      }, 1000 / fps);
      return;
    }
    if (this.source === "screen") this.#ticker = setInterval(() => this.#again(), STILL_MS);
    const reader = frames.getReader();
    this.#reader = reader;
    while (reader === this.#reader) {
      const { value, done } = await reader.read();
      if (done) return;
      this.take(value);
    }
  }

  /** Takes a picture and closes it. */
  take(picture: VideoFrame): void {
    if (!this.#reader && this.#ticker === undefined) {
      picture.close(); // was under way when the source was turned off
      return;
    }
    this.#tellShape(picture);
    this.#encode(picture);
    this.#last?.close();
    this.#last = null;
    if (this.source === "screen") {
      this.#last = picture;
      this.#lastAt = performance.now();
      this.#repeats = SHARPENINGS;
    } else {
      picture.close();
    }
  }

  /** The relay gave the stream and its renditions their names. */
  published(stream: string, renditions: readonly OwnRendition[]): void {
    // A relay that was restarted may give the same handles to a new stream: count from 0 again.
    if (stream !== this.stream) this.#closeEncodings();
    this.stream = stream;
    for (const handle of this.#encodings.keys()) {
      if (renditions.some((rendition) => rendition.handle === handle)) continue;
      this.#encodings.get(handle)?.close();
      this.#encodings.delete(handle);
    }
    for (const [index, rendition] of renditions.entries()) {
      const found = this.#encodings.get(rendition.handle);
      if (found) found.update(rendition.offer);
      else this.#encodings.set(rendition.handle, this.#encoding(rendition, index));
    }
  }

  /** The relay was started anew: nothing goes out until it has given new names. */
  lost(): void {
    this.#closeEncodings();
    this.stream = "";
  }

  /** What watchers want of a rendition; nothing if it is none of this source. */
  demand(handle: number, on: boolean, key: boolean): void {
    const encoding = this.#encodings.get(handle);
    if (!encoding) return;
    if (key || (on && !encoding.on)) encoding.wantKey();
    encoding.on = on;
  }

  /** The socket is new: what was under way is lost. */
  renew(): void {
    for (const encoding of this.#encodings.values()) encoding.wantKey();
  }

  claims(): readonly Claim[] {
    const { source } = this;
    return this.#wanted().map(({ index, nominal }) => ({ source, index, nominal }));
  }

  /** What was sent in the last second: pictures of the largest rendition, bits of all. */
  report(): StreamStats {
    const largest = this.#wanted().at(-1);
    const squeezed = largest !== undefined && this.uplink.squeezed(this.source);
    return { ...this.pace.report(), encodeMs: largest?.encodeMs, squeezed };
  }

  #unplug(): void {
    this.#turn++;
    clearInterval(this.#ticker);
    this.#ticker = undefined;
    this.#reader?.cancel().catch(() => {}); // the track has ended: nothing left to cancel
    this.#reader = null;
  }

  stop(): void {
    this.#unplug();
    this.#last?.close();
    this.#last = null;
    this.#closeEncodings();
    this.#shape = "";
    this.stream = "";
    this.uplink.forget(this.source);
  }

  #wanted(): VideoEncoding[] {
    return [...this.#encodings.values()].filter((encoding) => encoding.on);
  }

  #encode(picture: VideoFrame): void {
    const wanted = this.#wanted();
    if (!wanted.length || !this.uplink.admits(performance.now())) return;
    const { share, effort } = this.uplink;
    const frame = new VideoFrame(picture, { timestamp: this.clock.timestamp() });
    for (const encoding of wanted) encoding.encode(frame, share, effort.slow);
    frame.close();
  }

  /** Sends the last picture of a screen that stands still once more, where that is of use. */
  #again(): void {
    if (!this.#last || performance.now() - this.#lastAt < STILL_MS) return;
    const keyless = this.#wanted().some((encoding) => encoding.keyDue);
    if (!keyless && this.#repeats <= 0) return;
    this.#repeats = keyless ? SHARPENINGS : this.#repeats - 1;
    this.#encode(this.#last);
  }

  #closeEncodings(): void {
    for (const encoding of this.#encodings.values()) encoding.close();
    this.#encodings.clear();
  }

  #encoding(rendition: OwnRendition, index: number): VideoEncoding {
    const layered = this.#layered ?? false;
    const encoding = new VideoEncoding(rendition, this.source, index, this.clock, layered, {
      chunk: (frames, upper) => {
        if (upper && this.uplink.dropUpper) return;
        if (this.#wanted().at(-1) === encoding) {
          Object.assign(this.pace, encoding.size, { codec: encoding.codec });
          this.pace.shown(null);
        }
        for (const frame of frames) {
          this.pace.bytes(frame.byteLength);
          this.uplink.video.send(frame);
        }
      },
      busy: (skipped) => this.uplink.effort.picture(skipped, performance.now()),
      colors: (handle, colorSpace) =>
        this.tell({ type: "colors", source: this.source, handle, colorSpace }),
      failed: (reason) =>
        this.tell({
          type: "cannot-send",
          what: this.source,
          reason: `This browser cannot encode video (${reason}).`,
        }),
    });
    return encoding;
  }

  #tellShape(picture: VideoFrame): void {
    const { displayWidth: width, displayHeight: height } = picture;
    const shape = `${width}×${height}`;
    if (shape === this.#shape) return;
    this.#shape = shape;
    const colorSpace = toWire(picture.colorSpace);
    this.tell({ type: "video-shape", source: this.source, shape: { width, height, colorSpace } });
  }
}

async function acceptsLayers(): Promise<boolean> {
  try {
    const { supported } = await VideoEncoder.isConfigSupported({
      codec: VIDEO_CODEC,
      width: 320,
      height: 180,
      bitrate: 150_000,
      latencyMode: "realtime",
      scalabilityMode: "L1T2",
    });
    return supported === true;
  } catch {
    return false; // the key itself is refused: encode without layers
  }
}
