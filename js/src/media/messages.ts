/** What page and media worker say to each other. No code. */

import type { ColorSpace, RenditionDemand, RenditionOffer } from "../wire/index.js";
import type { StreamStats } from "./types.js";

/** One socket each, so that a key frame in flight delays no voice. */
export type LaneName = "audio" | "video";

/** Another participant's stream, as far as decoding goes. */
export interface RemoteStream {
  readonly id: string;
  readonly kind: "audio" | "video";
  /** Picture and sound with the same one belong together: a person's, or a shared screen's. */
  readonly together: string;
  readonly renditions: readonly {
    readonly handle: number;
    readonly codec: string;
    readonly width: number;
    readonly height: number;
    readonly colorSpace: ColorSpace | null;
    readonly sampleRate: number;
    readonly channels: number;
  }[];
}

/** One own encoding and the handle that the relay gave it. */
export interface OwnRendition {
  readonly handle: number;
  readonly offer: RenditionOffer;
}

/** A stream of own pictures; one of each at most, both at the same time. */
export type VideoSource = "camera" | "screen";
/** A stream of own sound: the voice, and what a shared tab plays. */
export type SoundSource = "microphone" | "screen-audio";

/** How a source's pictures look, told before anything is published. */
export interface VideoShape {
  readonly width: number;
  readonly height: number;
  readonly colorSpace: ColorSpace | null;
}

export type ToWorker =
  /** Relay clock minus this machine's, µs (`Session.clockOffset`). */
  | { readonly type: "clock"; readonly offsetUs: number }
  /** Where to connect; null closes the sockets. */
  | {
      readonly type: "endpoint";
      readonly endpoint: { readonly url: string; readonly token: string } | null;
    }
  | { readonly type: "streams"; readonly streams: readonly RemoteStream[] }
  | {
      readonly type: "canvas";
      readonly id: number;
      readonly stream: string;
      readonly canvas: OffscreenCanvas;
    }
  | { readonly type: "uncanvas"; readonly id: number }
  /** The videos that this page asks for now. */
  | { readonly type: "asked"; readonly streams: readonly string[] }
  /** To the playback worklet. */
  | { readonly type: "playback"; readonly port: MessagePort }
  /** Whether the sound card takes anything now; false while the browser wants a gesture first. */
  | { readonly type: "audible"; readonly on: boolean }
  /** From the playback worklet to the ear, ms. */
  | { readonly type: "output-delay"; readonly ms: number }
  /** Pictures come through `frames`, or one by one as `frame` (asked for by `tick`). */
  | {
      readonly type: "video-on";
      readonly source: VideoSource;
      readonly frames: ReadableStream<VideoFrame> | null;
      readonly fps: number;
    }
  | { readonly type: "frame"; readonly source: VideoSource; readonly frame: VideoFrame }
  | { readonly type: "video-off"; readonly source: VideoSource }
  | {
      readonly type: "own-video";
      readonly source: VideoSource;
      readonly stream: string;
      readonly renditions: readonly OwnRendition[];
    }
  /** Mono samples come through `port` (see worklet/capture.ts). */
  | { readonly type: "sound-on"; readonly source: SoundSource; readonly port: MessagePort }
  | { readonly type: "sound-off"; readonly source: SoundSource }
  /** While muted the microphone is heard by its level only: nothing is encoded or sent. */
  | { readonly type: "microphone-muted"; readonly on: boolean }
  | {
      readonly type: "own-audio";
      readonly source: SoundSource;
      readonly stream: string;
      readonly handle: number;
    }
  /** The relay no longer knows the source's stream: its handles may be somebody else's now. */
  | { readonly type: "lost"; readonly source: VideoSource | SoundSource }
  | { readonly type: "demand"; readonly renditions: readonly RenditionDemand[] };

export type FromWorker =
  | { readonly type: "video-shape"; readonly source: VideoSource; readonly shape: VideoShape }
  /** The encoder's own word on the colours it wrote, where it differs from what was published. */
  | {
      readonly type: "colors";
      readonly source: VideoSource;
      readonly handle: number;
      readonly colorSpace: ColorSpace;
    }
  /** The page shall make a VideoFrame of its `<video>` now (Firefox). */
  | { readonly type: "tick"; readonly source: VideoSource }
  /** How many of the source's renditions, small ones first, line and machine bear now. */
  | { readonly type: "bearable"; readonly source: VideoSource; readonly renditions: number }
  /** A decoder can go on only with a key frame. */
  | { readonly type: "need-key"; readonly stream: string }
  | { readonly type: "pictures"; readonly streams: readonly string[] }
  /** Loudness 0 to 1 per stream heard, the own microphone under "". */
  | { readonly type: "levels"; readonly levels: readonly (readonly [string, number])[] }
  | { readonly type: "stats"; readonly stats: readonly (readonly [string, StreamStats])[] }
  | { readonly type: "lane"; readonly lane: LaneName; readonly ready: boolean }
  /** Encoding is not possible here; `reason` is for people. */
  | {
      readonly type: "cannot-send";
      readonly what: VideoSource | SoundSource;
      readonly reason: string;
    };
