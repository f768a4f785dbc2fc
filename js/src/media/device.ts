/** One device of this person: off until a click, on until a click, and honest about failures. */

import { type ReadonlySignal, type Signal, signal } from "@preact/signals-core";
import { type DeviceKind, deviceFailure, deviceGone, listDevices, openDevice } from "./devices.js";
import { prefer, preference } from "./preference.js";
import type { DeviceChoice, DeviceState } from "./types.js";

/** What follows from a device being on; the device itself knows neither worker nor session. */
export interface DeviceUse {
  start(track: MediaStreamTrack): Promise<void>;
  stop(): void;
}

/** A camera or a microphone. */
export class Device {
  readonly #state: Signal<DeviceState> = signal<DeviceState>({ kind: "off" });
  readonly #choice: Signal<DeviceChoice>;
  #track: MediaStreamTrack | null = null;
  /** Changes with every turn, so that an answer that comes late is recognised. */
  #turn = 0;

  constructor(
    readonly kind: DeviceKind,
    readonly use: DeviceUse,
    /** Why it cannot work here at all; undefined if it can. */
    readonly unsupported: string | undefined,
  ) {
    if (unsupported) this.#state.value = { kind: "unsupported", reason: unsupported };
    this.#choice = signal<DeviceChoice>({ options: [], chosen: preference(kind) });
    if (!unsupported) {
      navigator.mediaDevices.addEventListener("devicechange", () => void this.#list());
    }
  }

  get state(): ReadonlySignal<DeviceState> {
    return this.#state;
  }

  get choice(): ReadonlySignal<DeviceChoice> {
    return this.#choice;
  }

  /** Uses another device of the kind, at once if it is on. */
  async choose(id: string): Promise<void> {
    prefer(this.kind, id);
    this.#choice.value = { ...this.#choice.peek(), chosen: id };
    if (this.#state.peek().kind !== "on") return;
    this.off();
    await this.#on();
  }

  /** Turns it on, or off when it is on or about to be. */
  async toggle(): Promise<void> {
    const { kind } = this.#state.peek();
    if (this.unsupported) return;
    if (kind === "on" || kind === "starting") this.off();
    else await this.#on();
  }

  /** Turns it off: the track stops, and the light with it. */
  off(state: DeviceState = { kind: "off" }): void {
    this.#turn++;
    if (this.#track) {
      this.#track.onended = null;
      this.#track.stop();
      this.#track = null;
      this.use.stop();
    }
    if (!this.unsupported) this.#state.value = state;
  }

  async #on(): Promise<void> {
    const turn = ++this.#turn;
    this.#state.value = { kind: "starting" };
    try {
      const track = await openDevice(this.kind, this.#choice.peek().chosen);
      if (turn !== this.#turn) {
        track.stop();
        return;
      }
      this.#track = track;
      track.onended = () => this.off(deviceGone(this.kind));
      await this.use.start(track);
      void this.#list();
      if (turn === this.#turn) this.#state.value = { kind: "on" };
    } catch (error) {
      if (turn === this.#turn) this.off(deviceFailure(this.kind, error));
    }
  }

  /** Names are told only after the person once allowed a device. */
  async #list(): Promise<void> {
    const options = await listDevices(this.kind);
    const used = this.#track?.getSettings().deviceId;
    this.#choice.value = { options, chosen: used ?? this.#choice.peek().chosen };
  }
}
