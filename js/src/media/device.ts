/**
 * One device of this person: off until a click, on until a click, and honest about failures.
 *
 * Another device of the kind takes the place of the one in use without being off in between, by
 * choice or because the one in use was unplugged.
 */

import { type ReadonlySignal, type Signal, signal } from "@preact/signals-core";
import {
  type DeviceKind,
  deviceFailure,
  deviceGone,
  deviceInstead,
  listDevices,
  mayBeTaken,
  openDevice,
  othersIfUnplugged,
} from "./devices.js";
import { prefer, preference, wish } from "./preference.js";
import type { DeviceChoice, DeviceState } from "./types.js";

/** What follows from a device being on; the device itself knows neither worker nor session. */
export interface DeviceUse {
  /** Uses this track from now on, in the place of an earlier one. */
  start(track: MediaStreamTrack): Promise<void>;
  stop(): void;
  /** Stays open without sending, or sends again; false where off has to mean closed. */
  pause?(on: boolean): boolean;
  /** Something happened that the person did not do; one sentence. */
  tell?(sentence: string): void;
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
      // A browser that remembers the permission tells the names before the first use.
      void this.#list();
    }
  }

  get state(): ReadonlySignal<DeviceState> {
    return this.#state;
  }

  get choice(): ReadonlySignal<DeviceChoice> {
    return this.#choice;
  }

  /** What it gives now, also while paused; null while closed. */
  get track(): MediaStreamTrack | null {
    return this.#track;
  }

  /** Open, but nothing is sent. */
  get paused(): boolean {
    return this.#track !== null && this.#state.peek().kind === "off";
  }

  /** Uses another device of the kind, at once if one is open. */
  async choose(id: string): Promise<void> {
    prefer(this.kind, id);
    this.#choice.value = { ...this.#choice.peek(), chosen: id };
    const { kind } = this.#state.peek();
    if (this.#track) await this.#change(this.#track, id);
    else if (kind === "starting") await this.#on();
  }

  /** The person's click: turns it on, or off when it is on or about to be; remembers the wish. */
  async toggle(): Promise<void> {
    if (this.unsupported) return;
    const { kind } = this.#state.peek();
    const on = kind !== "on" && kind !== "starting";
    wish(this.kind, on);
    await (on ? this.on() : this.rest());
  }

  /** Turns it on. */
  async on(): Promise<void> {
    if (this.unsupported) return;
    if (this.paused && this.use.pause?.(false)) this.#state.value = { kind: "on" };
    else await this.#on();
  }

  /** Turns it off in the way that lets it come back at once, where there is one. */
  rest(): void {
    const on = this.#state.peek().kind === "on";
    if (on && this.use.pause?.(true)) this.#state.value = { kind: "off" };
    else this.off();
  }

  /** Closes it: the track stops, and the light with it. */
  off(state: DeviceState = { kind: "off" }): void {
    this.#turn++;
    if (this.#track) {
      release(this.#track);
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
      await this.#take(track);
      if (turn === this.#turn) this.#state.value = { kind: "on" };
    } catch (error) {
      if (turn === this.#turn) this.off(deviceFailure(this.kind, error));
    }
  }

  async #take(track: MediaStreamTrack): Promise<void> {
    this.#track = track;
    track.onended = () => void this.#lost(track);
    await this.use.start(track);
    void this.#list();
  }

  /** Puts another device in the place of the open one, which goes on if that fails. */
  async #change(before: MediaStreamTrack, id: string | null): Promise<boolean> {
    const turn = ++this.#turn;
    try {
      let track: MediaStreamTrack;
      try {
        track = await openDevice(this.kind, id);
      } catch (error) {
        // Phones open one camera at a time.
        if (!mayBeTaken(error) || before.readyState === "ended") throw error;
        release(before);
        track = await openDevice(this.kind, id);
      }
      if (turn !== this.#turn) {
        track.stop();
        return false;
      }
      release(before);
      await this.#take(track);
      return true;
    } catch (error) {
      if (turn !== this.#turn) return false;
      const failure = deviceFailure(this.kind, error);
      if (before.readyState === "ended") this.off(failure);
      else {
        this.use.tell?.(failure.reason ?? "");
        void this.#list();
      }
      return false;
    }
  }

  /** Unplugged, or taken away by the system or in the browser's own menu. */
  async #lost(track: MediaStreamTrack): Promise<void> {
    const turn = this.#turn;
    const rest = await othersIfUnplugged(this.kind, track.getSettings());
    if (turn !== this.#turn || track !== this.#track) return;
    // Whoever takes it away in the browser's menu does not want to be asked for another.
    if (!rest?.length || !(await this.#change(track, null))) {
      if (track === this.#track) this.off(deviceGone(this.kind));
      return;
    }
    this.use.tell?.(deviceInstead(this.kind, this.#track?.label ?? ""));
  }

  /** Names are told only after the person once allowed a device. */
  async #list(): Promise<void> {
    const options = await listDevices(this.kind);
    const used = this.#track?.getSettings().deviceId;
    this.#choice.value = { options, chosen: used ?? this.#choice.peek().chosen };
  }
}

function release(track: MediaStreamTrack): void {
  track.onended = null;
  track.stop();
}
