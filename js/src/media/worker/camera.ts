/** The sending side of video: pictures in, the demanded renditions out, as much as the line bears. */

import { toWire } from "../colors.js";
import { RateController } from "../congestion.js";
import type { FromWorker, OwnRendition } from "../messages.js";
import { VIDEO_CODEC } from "../renditions.js";
import type { CaptureClock } from "./capture_clock.js";
import type { Lane } from "./lane.js";
import { Pace } from "./pace.js";
import { VideoEncoding } from "./video_encoding.js";

/** Encodes the own camera. */
export class Camera {
  readonly pace = new Pace();
  /** The own stream; "" until it is published. */
  stream = "";
  readonly #encodings = new Map<number, VideoEncoding>();
  readonly #rate = new RateController();
  #reader: ReadableStreamDefaultReader<VideoFrame> | null = null;
  #ticker: ReturnType<typeof setInterval> | undefined;
  #shape = "";
  #turn = 0;
  #layered: boolean | null = null;

  constructor(
    readonly clock: CaptureClock,
    readonly video: Lane,
    readonly audio: Lane,
    readonly tell: (message: FromWorker) => void,
  ) {}

  /** Starts with a stream of pictures, or asks the page for one at a time, `fps` a second. */
  async start(frames: ReadableStream<VideoFrame> | null, fps: number): Promise<void> {
    const turn = ++this.#turn;
    this.#layered ??= await acceptsLayers();
    if (turn !== this.#turn) return; // turned off meanwhile
    if (!frames) {
      this.#ticker = setInterval(() => {
        const wanted = [...this.#encodings.values()].some((encoding) => encoding.on);
        if (wanted || !this.#shape) this.tell({ type: "tick" });
      }, 1000 / fps);
      return;
    }
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
    this.#tellShape(picture);
    const wanted = [...this.#encodings.values()].filter((encoding) => encoding.on);
    if (wanted.length && this.video.ready && this.#mayEncode(wanted)) {
      const frame = new VideoFrame(picture, { timestamp: this.clock.timestamp() });
      for (const encoding of wanted) encoding.encode(frame, this.#rate.share);
      frame.close();
    }
    picture.close();
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
    for (const rendition of renditions) {
      const found = this.#encodings.get(rendition.handle);
      if (found) found.update(rendition.offer);
      else this.#encodings.set(rendition.handle, this.#encoding(rendition));
    }
  }

  /** What watchers want of a rendition. */
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

  stop(): void {
    this.#turn++;
    clearInterval(this.#ticker);
    this.#reader?.cancel().catch(() => {}); // the track has ended: nothing left to cancel
    this.#reader = null;
    this.#closeEncodings();
    this.#shape = "";
    this.stream = "";
  }

  #closeEncodings(): void {
    for (const encoding of this.#encodings.values()) encoding.close();
    this.#encodings.clear();
  }

  #encoding(rendition: OwnRendition): VideoEncoding {
    return new VideoEncoding(rendition, this.clock, this.#layered ?? false, {
      chunk: (frames, upper) => {
        if (upper && this.#rate.dropUpper) return;
        this.pace.width = rendition.offer.width ?? 0;
        this.pace.height = rendition.offer.height ?? 0;
        this.pace.shown(null);
        for (const frame of frames) {
          this.pace.bytes(frame.byteLength);
          this.video.send(frame);
        }
      },
      colors: (handle, colorSpace) => this.tell({ type: "colors", handle, colorSpace }),
      failed: (reason) =>
        this.tell({
          type: "cannot-send",
          what: "camera",
          reason: `This browser cannot encode video (${reason}).`,
        }),
    });
  }

  #mayEncode(wanted: readonly VideoEncoding[]): boolean {
    const now = performance.now();
    const nominal = wanted.reduce((sum, encoding) => sum + encoding.nominal, 0);
    const delivered = this.video.flight.deliveredBps();
    this.#rate.update(
      {
        // Both lanes share the line: a late voice means too much picture.
        queueMs: Math.max(this.video.flight.queueMs(now), this.audio.flight.queueMs(now)),
        deliveredShare: delivered === null ? null : delivered / nominal,
      },
      now,
    );
    return !this.#rate.paused;
  }

  #tellShape(picture: VideoFrame): void {
    const { displayWidth: width, displayHeight: height } = picture;
    const shape = `${width}×${height}`;
    if (shape === this.#shape) return;
    this.#shape = shape;
    const colorSpace = toWire(picture.colorSpace);
    this.tell({ type: "camera-shape", shape: { width, height, colorSpace } });
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
