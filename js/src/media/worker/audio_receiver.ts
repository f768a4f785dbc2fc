/** One heard voice: from Opus packets to samples for the playback worklet. */

import type { MediaHeader } from "../../wire/media.js";
import type { RemoteStream } from "../messages.js";
import type { StreamStats } from "../types.js";
import type { PlaybackReport, ToPlayback } from "../worklet/names.js";
import { loudness } from "./loudness.js";
import { Pace } from "./pace.js";

/** A jump in the sequence beyond this is a sender that began anew, not packets lost. */
const GAP_MOST = 50;

/** Decodes one stream. */
export class AudioReceiver {
  readonly pace = new Pace();
  /** Since the last report: 0 to 1. */
  #level = 0;
  #decoder: AudioDecoder | null = null;
  #next: number | null = null;
  /** Packets missing before each one in the decoder. */
  #gaps: number[] = [];
  #played: PlaybackReport | null = null;

  constructor(
    readonly stream: string,
    readonly relayNowUs: () => number,
    /** Where samples go. */
    readonly play: (message: ToPlayback) => void,
  ) {}

  #rendition: RemoteStream["renditions"][number] | undefined;

  /** What the stream's renditions are now. */
  update(renditions: RemoteStream["renditions"]): void {
    this.#rendition = renditions[0];
  }

  /** Takes one packet. */
  take(header: MediaHeader, payload: Uint8Array): void {
    this.pace.bytes(payload.byteLength);
    const gap = this.#next === null ? 0 : header.sequence - this.#next;
    this.#next = header.sequence + 1;
    if (gap < 0) return; // older than what was played
    const lost = gap > GAP_MOST ? 0 : gap;
    this.pace.lost += lost;
    const latency = (this.relayNowUs() - header.captureUs) / 1000;
    this.pace.shown(latency + (this.#played?.bufferedMs ?? 0));
    const decoder = this.#ready();
    if (!decoder) return;
    this.#gaps.push(lost);
    decoder.decode(
      new EncodedAudioChunk({ type: "key", timestamp: header.captureUs, data: payload }),
    );
  }

  /** What the worklet says about this stream's jitter buffer. */
  played(report: PlaybackReport): void {
    this.#played = report;
  }

  report(): StreamStats {
    const { bufferedMs: bufferMs, underruns } = this.#played ?? {};
    return { ...this.pace.report(), bufferMs, underruns };
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

  #ready(): AudioDecoder | null {
    if (this.#decoder?.state === "configured") return this.#decoder;
    const decoder: AudioDecoder = new AudioDecoder({
      output: (data) => this.#decoded(data),
      error: () => {
        if (decoder !== this.#decoder) return;
        this.#decoder = null;
        this.#gaps = [];
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
    this.#gaps = [];
    this.#decoder = decoder;
    return decoder;
  }

  #decoded(data: AudioData): void {
    const samples = monoOf(data);
    data.close();
    this.#level = Math.max(this.#level, loudness(samples));
    const lost = this.#gaps.shift() ?? 0;
    this.play({ stream: this.stream, samples, lost });
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
