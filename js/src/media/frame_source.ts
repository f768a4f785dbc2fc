/** A camera track's pictures on their way to the worker, each browser in its way. */

import type { ToWorker } from "./messages.js";

/** As often as the larger rendition wants one. */
const TICKS_PER_SECOND = 24;

/** In Chromium, on windows only; not in TypeScript's library. */
declare const MediaStreamTrackProcessor:
  | (new (options: {
      track: MediaStreamTrack;
      maxBufferSize?: number;
    }) => {
      readonly readable: ReadableStream<VideoFrame>;
    })
  | undefined;

type Post = (message: ToWorker, transfer?: Transferable[]) => void;

/** Feeds the worker until stopped. */
export class FrameSource {
  #video: HTMLVideoElement | null = null;

  constructor(
    track: MediaStreamTrack,
    readonly post: Post,
  ) {
    if (typeof MediaStreamTrackProcessor === "function") {
      const { readable } = new MediaStreamTrackProcessor({ track, maxBufferSize: 2 });
      post({ type: "camera", frames: readable, fps: TICKS_PER_SECOND }, [readable]);
      return;
    }
    // Firefox has no MediaStreamTrackProcessor on windows, and its requestVideoFrameCallback
    // stops in hidden tabs: the worker's timer does not.
    const video = document.createElement("video");
    video.muted = true;
    video.playsInline = true;
    video.srcObject = new MediaStream([track]);
    video.play().catch(() => {}); // stopped before it began: `tick` finds no picture then
    this.#video = video;
    post({ type: "camera", frames: null, fps: TICKS_PER_SECOND });
  }

  /** The worker's timer: sends the picture of this moment. */
  tick(): void {
    const video = this.#video;
    if (!video || video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA) return;
    const frame = new VideoFrame(video, { timestamp: Math.round(performance.now() * 1000) });
    this.post({ type: "frame", frame }, [frame]);
  }

  stop(): void {
    this.post({ type: "camera-off" });
    if (this.#video) this.#video.srcObject = null;
    this.#video = null;
  }
}
