/**
 * This person's camera and microphone, from the preview before the meeting to its end.
 *
 * Before the meeting they give a picture and a level to this person only; when it begins, what is
 * on is announced, without being opened anew. In the meeting a muted microphone stays open.
 */

import { type ReadonlySignal, signal } from "@preact/signals-core";
import type { Session } from "../session/index.js";
import { Device } from "./device.js";
import type { DeviceKind } from "./devices.js";
import { FrameSource } from "./frame_source.js";
import type { ToWorker } from "./messages.js";
import { MutedSpeech } from "./muted_speech.js";
import { wished } from "./preference.js";
import type { Publishing } from "./publishing.js";
import type { Sound } from "./sound.js";
import type { Capability } from "./types.js";
import { loudness } from "./worker/loudness.js";

/** Pictures a second where the worker has to ask for them (Firefox): as the largest rendition. */
const CAMERA_FPS = 24;

/** What there is while a meeting runs. */
export interface Sending {
  readonly publishing: Publishing;
  post(message: ToWorker, transfer?: Transferable[]): void;
}

/** The page's sound, which a preview needs before a meeting does. */
export interface SoundSlot {
  open(): Sound;
  /** The preview needs it no longer. */
  release(): void;
}

/** Camera and microphone of one person in one room. */
export class OwnDevices {
  readonly camera: Device;
  readonly microphone: Device;
  readonly #selfStream = signal<MediaStream | null>(null);
  readonly #level = signal(0);
  readonly #speech = new MutedSpeech();
  #sending: Sending | null = null;
  #frames: FrameSource | null = null;
  /** The microphone's samples, as long as no meeting takes them. */
  #samples: MessagePort | null = null;
  #held = false;

  constructor(
    readonly session: Session,
    readonly sound: SoundSlot,
    { camera, microphone, reason }: Capability,
    /** A device was used: the browser may tell more names now. */
    readonly used: () => void,
  ) {
    const tell = (sentence: string) => session.notify("info", "device", sentence);
    this.camera = new Device(
      "camera",
      { start: (track) => this.#cameraOn(track), stop: () => this.#cameraOff(), tell },
      camera ? undefined : reason,
    );
    this.microphone = new Device(
      "microphone",
      {
        start: (track) => this.#microphoneOn(track),
        stop: () => this.#microphoneOff(),
        pause: (on) => this.#mute(on),
        tell,
      },
      microphone ? undefined : reason,
    );
  }

  /** The own camera, for a muted `<video>`. */
  get selfStream(): ReadonlySignal<MediaStream | null> {
    return this.#selfStream;
  }

  /** Loudness of the own microphone, 0 to 1, also while muted. */
  get level(): ReadonlySignal<number> {
    return this.#level;
  }

  /** Speaks while muted. */
  get mutedSpeech(): ReadonlySignal<boolean> {
    return this.#speech.speaks;
  }

  /** Turns on what was on when this person last decided, both at the first visit. */
  async preview(): Promise<void> {
    const both = [this.microphone, this.camera];
    const wanted = both.filter(({ kind }) => wished(kind));
    await Promise.all((wanted.length > 0 ? wanted : both).map((device) => device.on()));
  }

  /** The meeting has begun: what is on is announced. */
  begin(sending: Sending): void {
    if (this.#sending) return;
    this.#sending = sending;
    if (this.camera.track) this.#showCamera(this.camera.track);
    const samples = this.#samples;
    if (samples) {
      this.#samples = null;
      samples.onmessage = null;
      void this.#send(samples);
    }
  }

  /** Whether the meeting has begun. */
  get announced(): boolean {
    return this.#sending !== null;
  }

  /** Closes both; the light goes out. */
  close(): void {
    this.camera.off();
    this.microphone.off();
  }

  /** The meeting is over. */
  end(): void {
    this.close();
    this.#sending = null;
    this.#held = false;
  }

  /** Speaks while `on`; nothing when the microphone was on anyway. */
  holdToTalk(on: boolean): void {
    const { kind } = this.microphone.state.peek();
    const off = kind !== "on" && kind !== "starting";
    if (on && off && !this.#held) {
      this.#held = true;
      void this.microphone.on();
    } else if (!on && this.#held) {
      this.#held = false;
      if (!off) this.microphone.rest();
    }
  }

  /** Encoding is not possible, or was refused. */
  failed(what: DeviceKind, reason: string): void {
    this[what].off({ kind: "unsupported", reason });
  }

  /** Takes the worker's measure of the microphone; returns what counts as said aloud. */
  heard(level: number): number {
    this.#level.value = level;
    const muted = this.microphone.paused;
    this.#speech.take(muted ? level : 0, performance.now());
    return muted ? 0 : level;
  }

  /** The worker asks for a picture. */
  tick(): void {
    this.#frames?.tick();
  }

  /** Whether pictures of the camera are on their way to the worker. */
  get showing(): boolean {
    return this.#frames !== null;
  }

  async #cameraOn(track: MediaStreamTrack): Promise<void> {
    this.#selfStream.value = new MediaStream([track]);
    if (this.#sending) this.#showCamera(track);
  }

  #showCamera(track: MediaStreamTrack): void {
    const sending = this.#sending;
    if (!sending) return;
    this.#frames?.release();
    this.#frames = new FrameSource("camera", track, CAMERA_FPS, (message, transfer) =>
      sending.post(message, transfer),
    );
    this.session.setState({ camera: true });
  }

  #cameraOff(): void {
    this.#frames?.stop();
    this.#frames = null;
    this.#selfStream.value = null;
    if (!this.#sending) return;
    void this.#sending.publishing.videoOff("camera");
    this.session.setState({ camera: false });
  }

  async #microphoneOn(track: MediaStreamTrack): Promise<void> {
    const sound = this.sound.open();
    sound.stopCapture(); // of the microphone that this one takes the place of
    const samples = await sound.capture(track);
    this.used();
    if (this.#sending) {
      await this.#send(samples);
      return;
    }
    this.#samples = samples;
    samples.onmessage = ({ data }: MessageEvent<Float32Array>) => {
      this.#level.value = loudness(data);
    };
  }

  async #send(samples: MessagePort): Promise<void> {
    const sending = this.#sending;
    if (!sending) return;
    const { publishing } = sending;
    sending.post({ type: "sound-on", source: "microphone", port: samples }, [samples]);
    sending.post({ type: "microphone-muted", on: this.microphone.paused });
    const published = publishing.has("microphone") || (await publishing.sound("microphone"));
    const { track, paused } = this.microphone;
    // Turned off meanwhile, or by its own end.
    if (published && track && !paused) this.session.setState({ microphone: true });
  }

  #mute(on: boolean): boolean {
    if (!this.#sending) return false;
    this.#sending.post({ type: "microphone-muted", on });
    this.#speech.reset();
    this.session.setState({ microphone: !on });
    return true;
  }

  #microphoneOff(): void {
    this.sound.open().stopCapture();
    this.#samples?.close();
    this.#samples = null;
    this.#level.value = 0;
    this.#speech.reset();
    if (!this.#sending) {
      this.sound.release();
      return;
    }
    this.#sending.post({ type: "sound-off", source: "microphone" });
    this.session.setState({ microphone: false });
  }
}
