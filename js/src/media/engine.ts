/**
 * The engine of one session: devices, worker, sound and wishes, wired by signals.
 *
 * It lives as long as the meeting, whatever views come and go, and gives everything back
 * (tracks, worker, sound) when the meeting ends.
 */

import { batch, effect, type ReadonlySignal, signal, untracked } from "@preact/signals-core";
import type { Session } from "../session/index.js";
import { detectCapability } from "./capability.js";
import type { DeviceKind } from "./devices.js";
import { WorkerLink } from "./link.js";
import type { FromWorker, RemoteStream, SoundSource, ToWorker, VideoSource } from "./messages.js";
import { OwnDevices } from "./own_devices.js";
import { OwnStreams } from "./own_streams.js";
import { wished } from "./preference.js";
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
  readonly post: (message: ToWorker, transfer?: Transferable[]) => void;
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
  readonly pictures = signal<ReadonlySet<string>>(new Set());
  readonly speaking = signal<ReadonlySet<string>>(new Set());
  readonly levels = signal<ReadonlyMap<string, number>>(new Map());
  readonly stats = signal<ReadonlyMap<string, StreamStats>>(new Map());
  readonly playbackBlocked = signal(false);
  readonly #speakers: Speakers;
  readonly #speech = new SpeechDetector();
  readonly #own: OwnDevices;
  readonly #streams: OwnStreams;
  #sound: Sound | null = null;
  #running: Running | null = null;

  constructor(readonly session: Session) {
    this.#speakers = new Speakers((reason) => session.notify("info", "speaker", reason));
    const sound = {
      open: () => {
        this.#sound ??= new Sound();
        return this.#sound;
      },
      release: () => {
        if (!this.#running) this.#closeSound();
      },
    };
    // An allowed microphone lets the browser tell names.
    this.#own = new OwnDevices(session, sound, this.capability.peek(), () => this.#speakers.list());
    this.#streams = new OwnStreams(session, this.#own, () => this.#running);
    session.on("moderated", ({ action, target }) => {
      const me = session.you.peek()?.id;
      if (action === "mute" && (target === null || target === me)) this.#own.microphone.off();
    });
    effect(() => {
      const { kind } = session.phase.value;
      untracked(() => {
        // Who was in and waits again shows nothing to anybody: their devices go off. Who waits
        // for the first time keeps their preview.
        if (kind === "ended" || (kind === "waiting" && this.#own.announced)) this.#end();
        else if (kind !== "idle") this.#begin(sound.open());
        if (kind === "live" && this.#running) this.#own.begin(this.#running);
      });
    });
    effect(() => {
      if (!session.rights.value.publish) untracked(() => this.#silence());
    });
  }

  get screen(): ReadonlySignal<DeviceState> {
    return this.#streams.screen.state;
  }

  get selfScreen(): ReadonlySignal<MediaStream | null> {
    return this.#streams.screen.stream;
  }

  get camera(): ReadonlySignal<DeviceState> {
    return this.#own.camera.state;
  }

  get microphone(): ReadonlySignal<DeviceState> {
    return this.#own.microphone.state;
  }

  get cameras(): ReadonlySignal<DeviceChoice> {
    return this.#own.camera.choice;
  }

  get microphones(): ReadonlySignal<DeviceChoice> {
    return this.#own.microphone.choice;
  }

  get selfStream(): ReadonlySignal<MediaStream | null> {
    return this.#own.selfStream;
  }

  get ownLevel(): ReadonlySignal<number> {
    return this.#own.level;
  }

  get mutedSpeech(): ReadonlySignal<boolean> {
    return this.#own.mutedSpeech;
  }

  chooseCamera(id: string): Promise<void> {
    return this.#own.camera.choose(id);
  }

  chooseMicrophone(id: string): Promise<void> {
    return this.#own.microphone.choose(id);
  }

  toggleMicrophone(): Promise<void> {
    return this.#own.microphone.toggle();
  }

  toggleCamera(): Promise<void> {
    return this.#own.camera.toggle();
  }

  wished(kind: DeviceKind): boolean {
    return wished(kind);
  }

  startPreview(): Promise<void> {
    return this.#own.preview();
  }

  stopPreview(): void {
    if (!this.#running) this.#own.close();
  }

  toggleScreen(): Promise<void> {
    return this.#streams.screen.toggle();
  }

  holdToTalk(on: boolean): void {
    this.#own.holdToTalk(on);
  }

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

  #begin(sound: Sound): void {
    if (this.#running || !this.capability.peek().watch) return;
    const ending = new AbortController();
    const { signal } = ending;
    const { session } = this;
    const link = new WorkerLink(
      (message) => this.#take(message),
      (reason) => session.notify("error", "media-failed", `Sound and pictures stopped: ${reason}`),
    );
    const post = (message: ToWorker, transfer?: Transferable[]) => link.post(message, transfer);
    const failed = (what: VideoSource | SoundSource, error: unknown) =>
      this.#streams.failed(what, error instanceof Error ? error.message : String(error));
    const running: Running = {
      link,
      post,
      sound,
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
    this.#own.close();
    this.#streams.screen.off();
    this.#running?.publishing.forget();
  }

  #closeSound(): void {
    this.#sound?.close();
    this.#sound = null;
  }

  #end(): void {
    this.#streams.screen.off();
    this.#own.end();
    const running = this.#running;
    if (!running) return;
    this.#running = null;
    running.publishing.forget();
    running.ending.abort();
    this.#closeSound();
    running.link.close();
    batch(() => {
      this.pictures.value = new Set();
      this.speaking.value = new Set();
      this.levels.value = new Map();
      this.stats.value = new Map();
      this.playbackBlocked.value = false;
    });
  }

  #take(message: FromWorker): void {
    const running = this.#running;
    if (!running) return;
    switch (message.type) {
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
        running.post({ type: "output-delay", ms: running.sound.outputMs });
        break;
      default:
        this.#streams.take(message, running.publishing);
    }
  }

  #heard(byStream: readonly (readonly [string, number])[]): void {
    const levels = new Map<string, number>();
    const streams = this.session.streams.peek();
    for (const [stream, measured] of byStream) {
      const own = stream === "";
      const owner = own ? this.session.you.peek()?.id : streams.get(stream)?.owner;
      const level = own ? this.#own.heard(measured) : measured;
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
