/** The sending side of sound: packets of samples in, Opus frames out, whatever the video does. */

import {
  type AudioLevel,
  FLAG_EXTENSION,
  FrameKind,
  frameFlags,
  levelExtension,
  packFrame,
} from "../../wire/media.js";
import type { FromWorker, SoundSource } from "../messages.js";
import { SOUND } from "../renditions.js";
import type { StreamStats } from "../types.js";
import { PACKET_SAMPLES, SAMPLE_RATE } from "../worklet/format.js";
import type { CaptureClock } from "./capture_clock.js";
import type { Lane } from "./lane.js";
import { decibels, loudnessOf } from "./loudness.js";
import { Pace } from "./pace.js";
import { VoiceActivity } from "./voice_activity.js";

const PACKET_US = (PACKET_SAMPLES / SAMPLE_RATE) * 1_000_000;
/** Sound this late is of no use to a conversation: send none until the line has drained. */
const HOPELESS_MS = 2_000;
const SEQUENCE_MODULUS = 2 ** 32;
const FAILURES_MOST = 3;
/** In silence one packet in so many goes out, to show that the line is there: 400 ms. */
const SILENT_PACKETS = 20;
/**
 * `application` is missing in TypeScript's library. No `usedtx`: in silence Chromium leaves
 * packets out and counts its timestamps on as if they had not been, so that nobody can tell when
 * the next one was captured (measured with 156). We leave them out before the encoder instead.
 */
const OPUS = {
  microphone: { frameDuration: 20_000, application: "voip" },
  "screen-audio": { frameDuration: 20_000, application: "audio" },
};

/** Encodes the own microphone, or the sound of a shared tab. */
export class AudioSender {
  readonly pace = new Pace();
  /** The own stream; "" until it is published. */
  stream = "";
  on = false;
  /** Heard by `takeLevel` only: nothing is encoded. */
  muted = false;
  #handle = -1;
  #port: MessagePort | null = null;
  #encoder: AudioEncoder | null = null;
  /**
   * Capture times and loudness of the packets in the encoder. Its own timestamps count samples,
   * so they fall behind with every hiccup of a device, and drift with its clock.
   */
  #captured: { readonly captureUs: number; readonly level: AudioLevel }[] = [];
  #activity = new VoiceActivity();
  #silent = 0;
  #sequence = 0;
  #level = 0;
  #failures = 0;

  constructor(
    readonly source: SoundSource,
    readonly clock: CaptureClock,
    readonly lane: Lane,
    readonly tell: (message: FromWorker) => void,
  ) {}

  start(port: MessagePort): void {
    this.stop();
    this.#port = port;
    port.onmessage = ({ data }: MessageEvent<Float32Array<ArrayBuffer>>) => this.#take(data);
  }

  /** Stops taking samples; the stream stays published. */
  stop(): void {
    this.#port?.close();
    this.#port = null;
    this.#level = 0;
    if (this.#encoder && this.#encoder.state !== "closed") this.#encoder.close();
    this.#encoder = null;
  }

  published(stream: string, handle: number): void {
    if (handle !== this.#handle || stream !== this.stream) this.#sequence = 0;
    this.stream = stream;
    this.#handle = handle;
  }

  /** The relay was started anew: nothing goes out until it has given a new name. */
  lost(): void {
    this.on = false;
    this.stream = "";
    this.#handle = -1;
  }

  /** What listeners want. */
  demand(handle: number, on: boolean): void {
    if (handle === this.#handle) this.on = on;
  }

  /** The handle the relay gave, -1 before. */
  get handle(): number {
    return this.#handle;
  }

  /** Loudness since the last call, 0 to 1. */
  takeLevel(): number {
    const level = this.#level;
    this.#level = 0;
    return level;
  }

  /** What was sent in the last second. */
  report(): StreamStats {
    return this.pace.report();
  }

  #take(samples: Float32Array<ArrayBuffer>): void {
    const dbov = decibels(samples);
    this.#level = Math.max(this.#level, loudnessOf(dbov));
    const { active, voice } = this.#activity.take(dbov);
    this.#silent = active ? 0 : this.#silent + 1;
    const late = this.lane.flight.oldestMs(performance.now()) > HOPELESS_MS;
    if (!this.on || this.muted || !this.lane.ready || late) return;
    if (this.#silent % SILENT_PACKETS !== 0) return;
    const encoder = this.#ready();
    if (!encoder) return;
    // Its first sample was captured one packet ago.
    const timestamp = this.clock.timestamp() - PACKET_US;
    const data = new AudioData({
      format: "f32-planar",
      sampleRate: SAMPLE_RATE,
      numberOfFrames: samples.length,
      numberOfChannels: 1,
      timestamp,
      data: samples,
    });
    this.#captured.push({ captureUs: this.clock.captureUs(timestamp), level: { dbov, voice } });
    encoder.encode(data);
    data.close();
  }

  #ready(): AudioEncoder | null {
    if (this.#encoder?.state === "configured") return this.#encoder;
    if (this.#failures >= FAILURES_MOST) return null;
    const encoder: AudioEncoder = new AudioEncoder({
      output: (chunk) => {
        if (encoder === this.#encoder) this.#send(chunk);
      },
      error: (error) => {
        if (encoder === this.#encoder) this.#fail(error.message);
      },
    });
    this.#encoder = encoder;
    this.#captured = [];
    try {
      encoder.configure({
        codec: SOUND[this.source].codec,
        sampleRate: SAMPLE_RATE,
        numberOfChannels: 1,
        bitrate: SOUND[this.source].bitrate ?? 32_000,
        opus: OPUS[this.source],
      });
    } catch (error) {
      this.#fail(String(error));
      return null;
    }
    return encoder;
  }

  #fail(reason: string): void {
    this.#encoder = null;
    if (++this.#failures < FAILURES_MOST) return;
    const sentence = `This browser cannot encode sound (${reason}).`;
    this.tell({ type: "cannot-send", what: this.source, reason: sentence });
  }

  #send(chunk: EncodedAudioChunk): void {
    this.#failures = 0;
    const captured = this.#captured.shift();
    if (!captured || this.#handle < 0) return; // of an encoder's last life, or a relay's
    const extension = levelExtension(captured.level);
    const data = new Uint8Array(extension.byteLength + chunk.byteLength);
    data.set(extension);
    chunk.copyTo(data.subarray(extension.byteLength));
    const frame = packFrame(
      {
        kind: FrameKind.AUDIO,
        flags: frameFlags({ key: true }) | FLAG_EXTENSION,
        handle: this.#handle,
        sequence: this.#sequence,
        captureUs: captured.captureUs,
        baseCount: 0,
        config: 0,
      },
      data,
    );
    this.#sequence = (this.#sequence + 1) % SEQUENCE_MODULUS;
    this.pace.shown(null);
    this.pace.bytes(frame.byteLength);
    this.lane.send(frame);
  }
}
