/**
 * What the media engine shows to a user interface, and nothing of how it works.
 *
 * Everything that changes is a signal, so that a view can be thrown away and made
 * anew (a re-run cell) while the meeting goes on.
 */

import type { ReadonlySignal } from "@preact/signals-core";

/** How one of this person's devices is; `reason` is one sentence for people. */
export interface DeviceState {
  readonly kind: "off" | "starting" | "on" | "denied" | "missing" | "unsupported" | "busy";
  /** Set for every failure, and for `off` when it was not the person who turned it off. */
  readonly reason?: string;
}

/** The devices of one kind; empty until the browser tells their names, after the first use. */
export interface DeviceChoice {
  readonly options: readonly { readonly id: string; readonly label: string }[];
  /** The one in use, or to be used next; null: the browser's default. */
  readonly chosen: string | null;
}

/** How well one stream arrives; `undefined` fields are not known (yet). */
export interface StreamStats {
  /** Capture to drawn (video) or to the ear, buffers included (audio), median of the last seconds, ms. */
  readonly latencyMs?: number | undefined;
  /** The same, 95 of 100 are faster. */
  readonly latencyP95Ms?: number | undefined;
  /** Pictures drawn a second; 0 for audio. */
  readonly fps: number;
  /** Pixels of the picture as received. */
  readonly width: number;
  readonly height: number;
  /** Payload bits a second. */
  readonly bitrate: number;
  /** Sound waiting in the jitter buffer, ms; and how often it ran out. */
  readonly bufferMs?: number | undefined;
  readonly underruns?: number | undefined;
  /** Sound that was not there in time since the stream began, ms; a silent sender's pauses are none. */
  readonly missingMs?: number | undefined;
  /** Frames that were left out on the way or not decodable, since the stream began. */
  readonly lost: number;
  /** Of the frames the sender numbered in the last second, the part that came, 0 to 1. */
  readonly share?: number | undefined;
  /** Since the last picture was drawn, ms, while the stream is asked for; video only: the silent send nothing. */
  readonly stalledMs?: number | undefined;
  /** As published: `vp8`, `vp09.00.10.08`, `opus` … */
  readonly codec?: string | undefined;
  /** Of an own stream: how long its largest rendition in demand takes to encode, ms a picture. */
  readonly encodeMs?: number | undefined;
  /** Of an own stream: whether line or machine bear clearly less than was to be sent. */
  readonly squeezed?: boolean | undefined;
  /** Picture minus sound of the same moment, as played, ms; positive: the sound is early. */
  readonly lipSyncMs?: number | undefined;
}

/** What this browser can do in a meeting; `reason` says in one sentence why something is missing. */
export interface Capability {
  readonly camera: boolean;
  readonly microphone: boolean;
  /** Can show others' pictures and play their sound. */
  readonly watch: boolean;
  readonly reason?: string;
}

/** CSS pixels of a tile. */
export interface TileSize {
  readonly width: number;
  readonly height: number;
}

/** How a picture fills its tile: cut to fill it, or whole with bars. */
export type Fit = "cover" | "contain";

/** A canvas that shows a stream. */
export interface CanvasHandle {
  /** The tile's new size, CSS pixels; 0 × 0 (hidden) asks for nothing until it is shown again. */
  resize(width: number, height: number): void;
  setFit(fit: Fit): void;
  /** 0 to 9: what the relay gives up last on a bad line (pinned 9, screen 8, speaker 6, others 3). */
  setPriority(priority: number): void;
  /** The canvas is gone for good: a canvas can be handed to a worker only once. */
  detach(): void;
}

/** One per session and page, shared by every view of it; outlives them all. */
export interface MediaEngine {
  readonly capability: ReadonlySignal<Capability>;
  readonly microphone: ReadonlySignal<DeviceState>;
  readonly camera: ReadonlySignal<DeviceState>;
  /** Turns the device on or off; call it from a click. Never rejects: see the device's state. */
  toggleMicrophone(): Promise<void>;
  toggleCamera(): Promise<void>;
  /**
   * Before the meeting both turn on as well: seen in `selfStream`, heard in `ownLevel`, and announced
   * on joining. A muted microphone stays open (state `off`, nothing is sent), so that a held key
   * speaks at once and a muted speaker can be told.
   */
  /** Turns on what was on when this person last decided (both at the first visit); from a click. */
  startPreview(): Promise<void>;
  /** No view shows the preview any more: without a meeting the devices close. */
  stopPreview(): void;
  /** Whether this person had the device on when they last decided in this browser. */
  wished(kind: "camera" | "microphone"): boolean;
  /** Shares a window, tab or screen, with its sound where the browser offers it; or ends that. */
  toggleScreen(): Promise<void>;
  readonly screen: ReadonlySignal<DeviceState>;
  /** What this person shares, for a muted `<video>`. */
  readonly selfScreen: ReadonlySignal<MediaStream | null>;
  /** Speaks while `on`, muted again afterwards; nothing when the microphone was on anyway. */
  holdToTalk(on: boolean): void;
  /** This person speaks while muted; for a hint, true for a few seconds. */
  readonly mutedSpeech: ReadonlySignal<boolean>;
  /** Loudness of the own microphone, 0 to 1, also before the meeting and while muted. */
  readonly ownLevel: ReadonlySignal<number>;
  readonly microphones: ReadonlySignal<DeviceChoice>;
  readonly cameras: ReadonlySignal<DeviceChoice>;
  /** Uses that device from now on, and on this browser's next visit; never turns anything on. */
  chooseMicrophone(id: string): Promise<void>;
  chooseCamera(id: string): Promise<void>;
  /** Empty where the browser cannot choose. */
  readonly speakers: ReadonlySignal<DeviceChoice>;
  chooseSpeaker(id: string): Promise<void>;
  /** Plays a short sound through the chosen speaker. */
  testSpeaker(): void;
  /** This person's own camera for a muted `<video>`; the view mirrors it. */
  readonly selfStream: ReadonlySignal<MediaStream | null>;
  /**
   * Shows a stream on a fresh canvas, which moves to the worker (`transferControlToOffscreen`).
   * Its bitmap gets the picture's size and CSS `object-fit` does the fitting, so give the element
   * a CSS size. The last picture appears at once. Attaching the same stream to several canvases
   * is fine; the largest decides the size asked for. A canvas that is scrolled out of sight asks
   * for nothing by itself.
   */
  attachCanvas(
    streamId: string,
    canvas: HTMLCanvasElement,
    size: TileSize,
    fit?: Fit,
  ): CanvasHandle;
  /** Streams of which at least one picture has come; a canvas attached now shows it at once. */
  readonly pictures: ReadonlySignal<ReadonlySet<string>>;
  /** Participants who are speaking now, oneself included. */
  readonly speaking: ReadonlySignal<ReadonlySet<string>>;
  /** Loudness per participant, 0 to 1 (0 = -60 dBFS), about ten times a second while it changes. */
  readonly levels: ReadonlySignal<ReadonlyMap<string, number>>;
  /** Per received stream, and per own stream what is sent; once a second. */
  readonly stats: ReadonlySignal<ReadonlyMap<string, StreamStats>>;
  /** The browser wants a click before it plays sound: show a button that calls `unblockPlayback`. */
  readonly playbackBlocked: ReadonlySignal<boolean>;
  unblockPlayback(): void;
}
