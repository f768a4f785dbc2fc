/** What page, worker and worklets call each other's parts. */

/** Registered by worklet/playback.ts. */
export const PLAYBACK = "meetwidget-playback";
/** Registered by worklet/capture.ts. */
export const CAPTURE = "meetwidget-capture";

/** Worker to playback worklet: a decoded packet of a stream, or the stream's end. */
export type ToPlayback =
  | {
      readonly stream: string;
      readonly samples: Float32Array<ArrayBuffer>;
      /** Relay's clock, µs. */
      readonly captureUs: number;
      /** Packets before this one that never came; silence at the sender's is not counted. */
      readonly lost: number;
    }
  | { readonly stream: string; readonly samples: null };

/** Playback worklet to worker, about every 200 ms: what each buffer does. */
export interface PlaybackReport {
  readonly stream: string;
  readonly bufferedMs: number;
  readonly targetMs: number;
  readonly underruns: number;
  /** Sound that was not there in time since the stream began, ms. */
  readonly missingMs: number;
  /** When the sound that now goes to the sound card was captured, µs; null while none does. */
  readonly playingUs: number | null;
  /** `Date.now()` of this report: it may wait for a busy worker. */
  readonly at: number;
}
