/** A track's pictures on their way to the worker, each browser in its way. */

import type { ToWorker, VideoSource } from "./messages.js";

/** In Chromium, on windows only; not in TypeScript's library. */
declare const MediaStreamTrackProcessor:
  | (new (options: {
      track: MediaStreamTrack;
      maxBufferSize?: number;
    }) => {
      readonly readable: ReadableStream<VideoFrame>;
    })
  | undefined;

/**
 * A screen that stands still gives its one picture when sharing begins, and who is not yet
 * listening then hears of none until something moves: it is fetched after this long, ms.
 */
const FETCH_MS = 700;

type Post = (message: ToWorker, transfer?: Transferable[]) => void;

/** Feeds the worker until stopped. */
export class FrameSource {
  #video: HTMLVideoElement | null = null;
  #fetching: ReturnType<typeof setInterval> | undefined;

  constructor(
    readonly source: VideoSource,
    readonly track: MediaStreamTrack,
    /** Pictures a second where the worker has to ask for them. */
    fps: number,
    readonly post: Post,
  ) {
    if (typeof MediaStreamTrackProcessor === "function") {
      const { readable } = new MediaStreamTrackProcessor({ track, maxBufferSize: 2 });
      post({ type: "video-on", source, frames: readable, fps }, [readable]);
      if (source === "screen") this.#fetching = setInterval(() => this.#fetch(), FETCH_MS);
      return;
    }
    // Firefox has no MediaStreamTrackProcessor on windows, and its requestVideoFrameCallback
    // stops in hidden tabs: the worker's timer does not.
    this.#play();
    post({ type: "video-on", source, frames: null, fps });
  }

  /** The worker's timer: sends the picture of this moment. */
  tick(): void {
    const video = this.#video;
    if (!video || video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA) return;
    const frame = new VideoFrame(video, { timestamp: Math.round(performance.now() * 1000) });
    this.post({ type: "frame", source: this.source, frame }, [frame]);
  }

  /** The worker has seen a picture. */
  seen(): void {
    if (this.#fetching !== undefined) this.release();
  }

  stop(): void {
    this.post({ type: "video-off", source: this.source });
    this.release();
  }

  /** Gives no more pictures, but another source of the same name follows. */
  release(): void {
    clearInterval(this.#fetching);
    this.#fetching = undefined;
    if (this.#video) this.#video.srcObject = null;
    this.#video = null;
  }

  /** A new listener makes the browser give the picture again, to all. */
  #fetch(): void {
    if (this.#video) this.tick();
    else this.#play();
  }

  #play(): void {
    const video = document.createElement("video");
    video.muted = true;
    video.playsInline = true;
    video.srcObject = new MediaStream([this.track]);
    video.play().catch(() => {}); // stopped before it began: `tick` finds no picture then
    this.#video = video;
  }
}
