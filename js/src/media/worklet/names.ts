/** What page, worker and worklets call each other's parts. */

/** Registered by worklet/playback.ts. */
export const PLAYBACK = "meetwidget-playback";
/** Registered by worklet/capture.ts. */
export const CAPTURE = "meetwidget-capture";

/** Worker to playback worklet: a decoded packet of a stream, or the stream's end. */
export type ToPlayback =
  | { readonly stream: string; readonly samples: Float32Array<ArrayBuffer>; readonly lost: number }
  | { readonly stream: string; readonly samples: null };

/** Playback worklet to worker, about every 200 ms: what each buffer does. */
export interface PlaybackReport {
  readonly stream: string;
  readonly bufferedMs: number;
  readonly targetMs: number;
  readonly underruns: number;
  /** Root mean square of what was played since the last report. */
  readonly rms: number;
}
