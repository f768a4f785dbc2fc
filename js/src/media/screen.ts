/** A shared window, tab or screen: asked for by a click, ended here or in the browser's own bar. */

import { type ReadonlySignal, type Signal, signal } from "@preact/signals-core";
import type { DeviceState } from "./types.js";

/** Text stands still most of the time; a shared video still moves. */
export const SCREEN_FPS = 15;
/** The screen's own size up to this; larger ones are scaled by the browser. */
const MOST_WIDTH = 2560;
const MOST_HEIGHT = 1440;

/** Not yet in TypeScript's library: whether a tab's sound and this very tab are offered. */
const OPTIONS: DisplayMediaStreamOptions & Record<string, unknown> = {
  video: {
    frameRate: { ideal: SCREEN_FPS, max: SCREEN_FPS },
    width: { max: MOST_WIDTH },
    height: { max: MOST_HEIGHT },
  },
  // As it is: a voice's processing spoils music, and the meeting's own sound must not go round.
  audio: {
    echoCancellation: false,
    noiseSuppression: false,
    autoGainControl: false,
    suppressLocalAudioPlayback: false,
  } as MediaTrackConstraints,
  systemAudio: "exclude",
  selfBrowserSurface: "include",
  surfaceSwitching: "include",
};

const ENDED_ELSEWHERE = "Sharing was ended by the browser or the shared window was closed.";

/** What follows from sharing; the share itself knows neither worker nor session. */
export interface ScreenUse {
  start(video: MediaStreamTrack, sound: MediaStreamTrack | null): Promise<void>;
  stop(): void;
}

/** This person's screen share. */
export class ScreenShare {
  readonly #state: Signal<DeviceState>;
  readonly #stream = signal<MediaStream | null>(null);
  /** Changes with every turn, so that an answer that comes late is recognised. */
  #turn = 0;

  constructor(readonly use: ScreenUse) {
    this.#state = signal(able() ?? { kind: "off" });
  }

  get state(): ReadonlySignal<DeviceState> {
    return this.#state;
  }

  /** What is shared, for a muted `<video>`. */
  get stream(): ReadonlySignal<MediaStream | null> {
    return this.#stream;
  }

  /** Asks what to share, or ends the share. */
  async toggle(): Promise<void> {
    const { kind } = this.#state.peek();
    if (kind === "on" || kind === "starting") this.off();
    else if (kind !== "unsupported" || !able()) await this.#on();
  }

  /** Ends it; nothing when nothing is shared. */
  off(state: DeviceState = { kind: "off" }): void {
    this.#turn++;
    const stream = this.#stream.peek();
    this.#stream.value = null;
    if (stream) {
      close(stream);
      this.use.stop();
    }
    if (!able()) this.#state.value = state;
  }

  async #on(): Promise<void> {
    const turn = ++this.#turn;
    this.#state.value = { kind: "starting" };
    try {
      const stream = await navigator.mediaDevices.getDisplayMedia(OPTIONS);
      const [video] = stream.getVideoTracks();
      if (turn !== this.#turn || !video) {
        close(stream);
        return;
      }
      video.contentHint = "detail"; // sharp text before smooth motion
      video.onended = () => this.off({ kind: "off", reason: ENDED_ELSEWHERE });
      this.#stream.value = stream;
      await this.use.start(video, stream.getAudioTracks()[0] ?? null);
      if (turn === this.#turn) this.#state.value = { kind: "on" };
    } catch (error) {
      if (turn === this.#turn) this.off(refusal(error));
    }
  }
}

function close(stream: MediaStream): void {
  for (const track of stream.getTracks()) {
    track.onended = null;
    track.stop();
  }
}

/** Why nothing can be shared here at all; null if it can. */
function able(): DeviceState | null {
  if (globalThis.navigator?.mediaDevices && "getDisplayMedia" in navigator.mediaDevices) {
    if ("VideoEncoder" in globalThis) return null;
  }
  const reason = globalThis.isSecureContext
    ? "This browser cannot share a screen; Chrome, Edge or Firefox on a computer can."
    : "Browsers share a screen on HTTPS or localhost only; this page came over plain HTTP.";
  return { kind: "unsupported", reason };
}

/** What a failed `getDisplayMedia` means; closing the browser's own question is no failure. */
function refusal(error: unknown): DeviceState {
  const name = error instanceof Error ? error.name : "";
  if (name === "NotAllowedError" || name === "AbortError") return { kind: "off" };
  const reason =
    name === "NotReadableError"
      ? "The system did not let the browser see the screen: allow it in the system's settings and click again."
      : `Nothing can be shared here (${String(error)}).`;
  return { kind: name === "NotReadableError" ? "busy" : "unsupported", reason };
}
