/** One heard voice: from Opus packets to samples for the playback worklet. */

import type { AudioLevel, MediaHeader } from "../../wire/media.js";
import type { RemoteStream } from "../messages.js";
import type { StreamStats } from "../types.js";
import type { PlaybackReport, ToPlayback } from "../worklet/names.js";
import type { EarDelay } from "./ear_delay.js";
import { loudness, loudnessOf } from "./loudness.js";
import { Pace } from "./pace.js";
import { Sequence } from "./sequence.js";

/** A jump in the sequence beyond this is a pause, not packets lost: 1 s. */
const GAP_MOST = 50;
/** Below this loudness (-48 dBFS) a voice is left out by the relay since others are louder. */
const QUIET = 0.2;

interface Arrival {
  readonly captureUs: number;
  readonly lost: number;
  readonly level: AudioLevel | null;
}

/** Decodes one stream. */
export class AudioReceiver {
  readonly pace = new Pace();
  readonly #sequence = new Sequence();
  /** Since the last report: 0 to 1. */
  #level = 0;
  /** Of the last packet, 0 to 1. */
  #loudness = 0;
  #decoder: AudioDecoder | null = null;
  /** What is in the decoder. */
  #arrivals: Arrival[] = [];
  #played: PlaybackReport | null = null;
  #rendition: RemoteStream["renditions"][number] | undefined;

  constructor(
    readonly stream: string,
    readonly relayNowUs: () => number,
    /** Where samples go. */
    readonly play: (message: ToPlayback) => void,
    /** From capture to the listener's ear. */
    readonly ear: EarDelay,
  ) {}

  /** What the stream's renditions are now. */
  update(renditions: RemoteStream["renditions"]): void {
    this.#rendition = renditions[0];
    this.pace.codec = this.#rendition?.codec;
  }

  /** Takes one packet, with the loudness that its sender measured. */
  take(header: MediaHeader, payload: Uint8Array, level: AudioLevel | null): void {
    this.pace.bytes(payload.byteLength);
    const gap = this.#sequence.take(header.sequence);
    if (gap === null) return; // older than what was played
    // Who was quiet was left out for others who spoke: a pause, not a loss.
    const lost = gap > GAP_MOST || this.#loudness < QUIET ? 0 : gap;
    this.pace.lost += lost;
    this.pace.came(lost);
    if (level) this.#heard(loudnessOf(level.dbov));
    const decoder = this.#ready();
    if (!decoder) return;
    this.#arrivals.push({ captureUs: header.captureUs, lost, level });
    decoder.decode(
      new EncodedAudioChunk({ type: "key", timestamp: header.captureUs, data: payload }),
    );
  }

  /** What the worklet says about this stream's jitter buffer. */
  played(report: PlaybackReport): void {
    this.#played = report;
    const delayMs = this.ear.played(report);
    if (delayMs !== null) this.pace.shown(delayMs);
  }

  report(): StreamStats {
    const { bufferedMs: bufferMs, underruns, missingMs } = this.#played ?? {};
    return { ...this.pace.report(), bufferMs, underruns, missingMs };
  }

  /** Loudness since the last call, 0 to 1. */
  takeLevel(): number {
    const level = this.#level;
    this.#level = 0;
    return level;
  }

  close(): void {
    if (this.#decoder?.state !== "closed") this.#decoder?.close();
    this.#decoder = null;
    this.play({ stream: this.stream, samples: null });
  }

  #heard(loudness: number): void {
    this.#loudness = loudness;
    this.#level = Math.max(this.#level, loudness);
  }

  #ready(): AudioDecoder | null {
    if (this.#decoder?.state === "configured") return this.#decoder;
    const decoder: AudioDecoder = new AudioDecoder({
      output: (data) => this.#decoded(data),
      error: () => {
        if (decoder !== this.#decoder) return;
        this.#decoder = null;
        this.pace.lost++;
      },
    });
    try {
      decoder.configure({
        codec: this.#rendition?.codec ?? "opus",
        sampleRate: this.#rendition?.sampleRate ?? 48_000,
        numberOfChannels: this.#rendition?.channels ?? 1,
      });
    } catch {
      return null; // a codec this browser does not know: the others are still heard
    }
    this.#arrivals = [];
    this.#decoder = decoder;
    return decoder;
  }

  #decoded(data: AudioData): void {
    const samples = monoOf(data);
    const { timestamp } = data;
    data.close();
    const arrival = this.#arrivals.shift() ?? { captureUs: timestamp, lost: 0, level: null };
    const { captureUs, lost, level } = arrival;
    if (!level) this.#heard(loudness(samples));
    this.play({ stream: this.stream, samples, captureUs, lost });
  }
}

function monoOf(data: AudioData): Float32Array<ArrayBuffer> {
  const mono = new Float32Array(data.numberOfFrames);
  data.copyTo(mono, { planeIndex: 0, format: "f32-planar" });
  if (data.numberOfChannels === 1) return mono;
  const other = new Float32Array(data.numberOfFrames);
  data.copyTo(other, { planeIndex: 1, format: "f32-planar" });
  for (let i = 0; i < mono.length; i++) mono[i] = (mono[i]! + other[i]!) / 2;
  return mono;
}
