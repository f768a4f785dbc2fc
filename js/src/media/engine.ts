/**
 * The engine of one session: devices, worker, sound and wishes, wired by signals.
 *
 * It lives as long as the meeting, whatever views come and go, and gives everything back
 * (tracks, worker, sound) when the meeting ends.
 */

import { batch, effect, type ReadonlySignal, signal, untracked } from "@preact/signals-core";
import type { Session } from "../session/index.js";
import { detectCapability } from "./capability.js";
import { Device } from "./device.js";
import { FrameSource } from "./frame_source.js";
import { WorkerLink } from "./link.js";
import type { FromWorker, RemoteStream, ToWorker } from "./messages.js";
import { Publishing } from "./publishing.js";
import { remoteStreams } from "./remote.js";
import { Sound } from "./sound.js";
import { Speakers } from "./speakers.js";
import { SpeechDetector } from "./speech.js";
import type {
  CanvasHandle,
  Capability,
  DeviceChoice,
  DeviceState,
  Fit,
  MediaEngine,
  StreamStats,
  TileSize,
} from "./types.js";
import { Watching } from "./watching.js";

const NOT_SHOWN: CanvasHandle = { resize() {}, setFit() {}, setPriority() {}, detach() {} };

/** What exists while a meeting does. */
interface Running {
  readonly link: WorkerLink;
  readonly sound: Sound;
  readonly watching: Watching;
  readonly publishing: Publishing;
  readonly ending: AbortController;
  /** Voices asked for. */
  heard: ReadonlySet<string>;
  playing: boolean;
}

/** The engine behind `getEngine`. */
export class Engine implements MediaEngine {
  readonly capability: ReadonlySignal<Capability> = signal(detectCapability());
  readonly microphone: ReadonlySignal<DeviceState>;
  readonly camera: ReadonlySignal<DeviceState>;
  readonly selfStream = signal<MediaStream | null>(null);
  readonly pictures = signal<ReadonlySet<string>>(new Set());
  readonly speaking = signal<ReadonlySet<string>>(new Set());
  readonly levels = signal<ReadonlyMap<string, number>>(new Map());
  readonly stats = signal<ReadonlyMap<string, StreamStats>>(new Map());
  readonly playbackBlocked = signal(false);
  readonly screen = signal<DeviceState>({ kind: "off" });
  readonly selfScreen = signal<MediaStream | null>(null);
  readonly mutedSpeech = signal(false);
  readonly ownLevel = signal(0);
  readonly #speakers: Speakers;
  readonly #speech = new SpeechDetector();
  readonly #camera: Device;
  readonly #microphone: Device;
  #frames: FrameSource | null = null;
  #running: Running | null = null;

  constructor(readonly session: Session) {
    const { camera, microphone, reason } = this.capability.peek();
    this.#camera = new Device(
      "camera",
      { start: (track) => this.#cameraOn(track), stop: () => this.#cameraOff() },
      camera ? undefined : reason,
    );
    this.#microphone = new Device(
      "microphone",
      { start: (track) => this.#microphoneOn(track), stop: () => this.#microphoneOff() },
      microphone ? undefined : reason,
    );
    this.#speakers = new Speakers((reason) => session.notify("info", "speaker", reason));
    this.camera = this.#camera.state;
    this.microphone = this.#microphone.state;
    session.on("moderated", ({ action, target }) => {
      const me = session.you.peek()?.id;
      if (action === "mute" && (target === null || target === me)) this.#microphone.off();
    });
    effect(() => {
      const { kind } = session.phase.value;
      // Who was in and waits again shows nothing to anybody: their devices go off.
      const out = kind === "ended" || kind === "idle" || kind === "waiting";
      untracked(() => (out ? this.#end() : this.#begin()));
    });
    effect(() => {
      if (!session.rights.value.publish) untracked(() => this.#silence());
    });
  }

  get cameras(): ReadonlySignal<DeviceChoice> {
    return this.#camera.choice;
  }

  get microphones(): ReadonlySignal<DeviceChoice> {
    return this.#microphone.choice;
  }

  chooseCamera(id: string): Promise<void> {
    return this.#camera.choose(id);
  }

  chooseMicrophone(id: string): Promise<void> {
    return this.#microphone.choose(id);
  }

  toggleMicrophone(): Promise<void> {
    return this.#microphone.toggle();
  }

  toggleCamera(): Promise<void> {
    return this.#camera.toggle();
  }

  async toggleScreen(): Promise<void> {}

  holdToTalk(_on: boolean): void {}

  get speakers(): ReadonlySignal<DeviceChoice> {
    return this.#speakers.choice;
  }

  async chooseSpeaker(id: string): Promise<void> {
    this.#speakers.choose(id);
  }

  testSpeaker(): void {
    void this.#speakers.test();
  }

  attachCanvas(
    streamId: string,
    canvas: HTMLCanvasElement,
    size: TileSize,
    fit: Fit = "cover",
  ): CanvasHandle {
    return this.#running?.watching.attach(streamId, canvas, size, fit) ?? NOT_SHOWN;
  }

  unblockPlayback(): void {
    this.#running?.sound.unblock();
  }

  #post(message: ToWorker, transfer?: Transferable[]): void {
    this.#running?.link.post(message, transfer);
  }

  #begin(): void {
    if (this.#running || !this.capability.peek().watch) return;
    const ending = new AbortController();
    const { signal } = ending;
    const { session } = this;
    const link = new WorkerLink(
      (message) => this.#take(message),
      (reason) => session.notify("error", "media-failed", `Sound and pictures stopped: ${reason}`),
    );
    const post = (message: ToWorker, transfer?: Transferable[]) => link.post(message, transfer);
    const failed = (what: "camera" | "microphone", error: unknown) =>
      this.#deviceFailed(what, error instanceof Error ? error.message : String(error));
    const running: Running = {
      link,
      sound: new Sound(),
      watching: new Watching(session, post, signal),
      publishing: new Publishing(session, post, failed, signal),
      ending,
      heard: new Set(),
      playing: false,
    };
    this.#running = running;
    const disposers = [
      effect(() => post({ type: "clock", offsetUs: session.clockOffset.value ?? 0 })),
      effect(() => post({ type: "endpoint", endpoint: session.mediaEndpoint.value })),
      effect(() => this.#follow(running)),
      effect(() => {
        const speaker = this.#speakers.choice.value.chosen ?? "";
        running.sound.setSpeaker(speaker).catch(() => this.#speakers.failed());
      }),
      effect(() => {
        const blocked = running.sound.blocked.value;
        post({ type: "audible", on: !blocked });
        this.playbackBlocked.value = blocked;
      }),
    ];
    signal.addEventListener("abort", () => {
      for (const dispose of disposers) dispose();
    });
  }

  /** Tells the worker what there is, and asks for everybody's voice. */
  #follow(running: Running): void {
    const you = this.session.you.value?.id;
    const streams = remoteStreams(this.session.streams.value, you);
    untracked(() => this.#watch(running, streams));
  }

  #watch(running: Running, streams: readonly RemoteStream[]): void {
    running.link.post({ type: "streams", streams });
    const voices = streams.filter(({ kind }) => kind === "audio").map(({ id }) => id);
    for (const id of voices) {
      if (!running.heard.has(id)) this.session.watch(id, { width: 0, height: 0 });
    }
    running.heard = new Set(voices);
    running.watching.keep(new Set(streams.map(({ id }) => id)));
    if (!running.playing && voices.length) void this.#play(running);
  }

  async #play(running: Running): Promise<void> {
    running.playing = true;
    try {
      const port = await running.sound.play();
      running.link.post({ type: "playback", port }, [port]);
    } catch (error) {
      const text = `No sound can be played on this page (${String(error)}).`;
      if (!running.ending.signal.aborted) this.session.notify("error", "no-sound", text);
    }
  }

  /** This person may no longer share: the relay has taken back what they announced. */
  #silence(): void {
    this.#camera.off();
    this.#microphone.off();
    this.#running?.publishing.forget();
  }

  #end(): void {
    const running = this.#running;
    if (!running) return;
    this.#camera.off();
    this.#microphone.off();
    this.#running = null;
    running.publishing.forget();
    running.ending.abort();
    running.sound.close();
    running.link.close();
    batch(() => {
      this.pictures.value = new Set();
      this.speaking.value = new Set();
      this.levels.value = new Map();
      this.stats.value = new Map();
      this.playbackBlocked.value = false;
    });
  }

  async #cameraOn(track: MediaStreamTrack): Promise<void> {
    this.#requireRunning();
    this.selfStream.value = new MediaStream([track]);
    this.#frames = new FrameSource(track, (message, transfer) => this.#post(message, transfer));
    this.session.setState({ camera: true });
  }

  #cameraOff(): void {
    this.#frames?.stop();
    this.#frames = null;
    this.selfStream.value = null;
    void this.#running?.publishing.cameraOff();
    this.session.setState({ camera: false });
  }

  async #microphoneOn(track: MediaStreamTrack): Promise<void> {
    const running = this.#requireRunning();
    const port = await running.sound.capture(track);
    void this.#speakers.list(); // an allowed microphone lets the browser tell names
    this.#post({ type: "microphone", port }, [port]);
    const { publishing } = running;
    const published = publishing.hasMicrophone || (await publishing.microphone());
    if (track.readyState === "ended")
      this.#microphoneOff(); // turned off meanwhile
    else if (published) this.session.setState({ microphone: true });
  }

  #microphoneOff(): void {
    this.#running?.sound.stopCapture();
    this.#post({ type: "microphone-off" });
    this.session.setState({ microphone: false });
  }

  #requireRunning(): Running {
    if (!this.#running) throw new Error("join the meeting first");
    return this.#running;
  }

  #deviceFailed(what: "camera" | "microphone", reason: string): void {
    const device = what === "camera" ? this.#camera : this.#microphone;
    device.off({ kind: "unsupported", reason });
  }

  #take(message: FromWorker): void {
    const running = this.#running;
    if (!running) return;
    switch (message.type) {
      case "camera-shape":
        if (this.#frames) void running.publishing.camera(message.shape);
        break;
      case "colors":
        void running.publishing.colors(message.handle, message.colorSpace);
        break;
      case "tick":
        this.#frames?.tick();
        break;
      case "need-key":
        running.watching.repeat(message.stream);
        break;
      case "pictures":
        this.pictures.value = new Set(message.streams);
        break;
      case "levels":
        this.#heard(message.levels);
        break;
      case "stats":
        this.stats.value = new Map(message.stats);
        break;
      case "cannot-send":
        this.#deviceFailed(message.what, message.reason);
        break;
      case "lane":
        break;
    }
  }

  #heard(byStream: readonly (readonly [string, number])[]): void {
    const levels = new Map<string, number>();
    const streams = this.session.streams.peek();
    for (const [stream, level] of byStream) {
      const owner = stream === "" ? this.session.you.peek()?.id : streams.get(stream)?.owner;
      if (owner) levels.set(owner, Math.max(level, levels.get(owner) ?? 0));
    }
    const speaking = this.#speech.update(levels, performance.now());
    batch(() => {
      this.levels.value = levels;
      const before = this.speaking.peek();
      const same = speaking.size === before.size && [...speaking].every((who) => before.has(who));
      if (!same) this.speaking.value = speaking;
    });
  }
}
