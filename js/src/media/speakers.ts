/**
 * Where the meeting's sound comes out: listed, chosen, remembered, and tried with a short tone.
 *
 * It exists before the meeting does, so that the tone can be heard while one still prepares.
 */

import { type ReadonlySignal, type Signal, signal } from "@preact/signals-core";
import { prefer, preference } from "./preference.js";
import type { DeviceChoice } from "./types.js";

/** The tone that tries a speaker: two notes, Hz and seconds. */
const NOTES = [523, 784] as const;
const NOTE_S = 0.22;
/** Loud enough to be heard, not to startle. */
const GAIN = 0.2;

/** TypeScript's library lacks it; Chromium has it. */
export interface SinkContext {
  setSinkId?(id: string): Promise<void>;
}

/** Whether a speaker can be chosen here, for a context or, in Firefox, for an `<audio>`. */
export function canChooseSpeaker(): boolean {
  const context = globalThis.AudioContext?.prototype as SinkContext | undefined;
  return (
    Boolean(globalThis.navigator?.mediaDevices) &&
    (context?.setSinkId !== undefined ||
      globalThis.HTMLMediaElement?.prototype.setSinkId !== undefined)
  );
}

/** Makes what goes into `context` come out of speaker `id` ("" is the default). */
export async function routeTo(context: AudioContext, id: string): Promise<AudioNode> {
  const chooser = context as AudioContext & SinkContext;
  if (chooser.setSinkId) await chooser.setSinkId(id);
  if (chooser.setSinkId || !id) return context.destination;
  const out = context.createMediaStreamDestination();
  const element = new Audio();
  element.srcObject = out.stream;
  await element.setSinkId(id);
  void element.play();
  return out;
}

/** The speakers of this browser. */
export class Speakers {
  readonly #choice: Signal<DeviceChoice> = signal({ options: [], chosen: preference("speaker") });

  /** `gone` is told when the chosen speaker is no longer there: the default one plays. */
  constructor(readonly gone: (reason: string) => void) {
    if (!canChooseSpeaker()) return;
    navigator.mediaDevices.addEventListener("devicechange", () => void this.list());
    void this.list();
  }

  /** Empty where the browser cannot choose, or tells no names before a device was allowed. */
  get choice(): ReadonlySignal<DeviceChoice> {
    return this.#choice;
  }

  /** Looks again what there is. */
  async list(): Promise<void> {
    if (!canChooseSpeaker()) return;
    const all = await navigator.mediaDevices.enumerateDevices();
    const options = all
      .filter(({ kind, deviceId, label }) => kind === "audiooutput" && deviceId && label)
      .map(({ deviceId: id, label }) => ({ id, label }));
    const { chosen, options: before } = this.#choice.peek();
    const there = (list: DeviceChoice["options"]) => list.some(({ id }) => id === chosen);
    const lost = chosen !== null && there(before) && !there(options);
    this.#choice.value = { options, chosen: lost ? null : chosen };
    if (lost) this.gone("The chosen speaker is gone: sound comes from the default one.");
  }

  /** Uses that speaker from now on and on the next visit. */
  choose(id: string): void {
    prefer("speaker", id);
    this.#choice.value = { ...this.#choice.peek(), chosen: id };
  }

  /** The chosen speaker does not open: back to the default one, until another is chosen. */
  failed(): void {
    if (this.#choice.peek().chosen === null) return;
    this.#choice.value = { ...this.#choice.peek(), chosen: null };
    this.gone("The chosen speaker does not open: sound comes from the default one.");
  }

  /** Plays two notes through the chosen speaker. */
  async test(): Promise<void> {
    const context = new AudioContext();
    const id = this.#choice.peek().chosen ?? "";
    const out = await routeTo(context, id).catch(() => {
      this.failed();
      return context.destination;
    });
    // Never awaited: it stays pending where the browser wants a click; this is called from one.
    void context.resume();
    const volume = new GainNode(context, { gain: 0 });
    volume.connect(out);
    NOTES.forEach((frequency, index) => {
      const note = new OscillatorNode(context, { frequency });
      const at = context.currentTime + 0.05 + index * NOTE_S;
      volume.gain.setTargetAtTime(GAIN, at, 0.01);
      volume.gain.setTargetAtTime(0, at + NOTE_S * 0.7, 0.02);
      note.connect(volume);
      note.start(at);
      note.stop(at + NOTE_S);
      if (index === NOTES.length - 1) note.onended = () => void context.close();
    });
  }
}
