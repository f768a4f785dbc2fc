/**
 * The page's end of sound: one AudioContext, the playback worklet and the capture worklet.
 *
 * Playback stays in WebAudio: Chromium's echo canceller hears whatever the browser plays, on any
 * speaker (tests/browser/test_sound.py), so no loopback connection is needed in front of it.
 */

import captureSource from "worklet:./worklet/capture.ts";
import playbackSource from "worklet:./worklet/playback.ts";
import { type ReadonlySignal, signal } from "@preact/signals-core";
import { routeTo } from "./speakers.js";
import { SAMPLE_RATE } from "./worklet/format.js";
import { CAPTURE, PLAYBACK } from "./worklet/names.js";

const GESTURES = ["pointerdown", "keydown"] as const;

/** Plays what the worker decodes and captures the microphone; silent until asked. */
export class Sound {
  readonly #blocked = signal(false);
  readonly #closing = new AbortController();
  #context: AudioContext | null = null;
  #playback: AudioWorkletNode | null = null;
  /** What the playback is connected to: the context's end, or an `<audio>` (Firefox). */
  #out: AudioNode | null = null;
  #speaker = "";
  /** Firefox connects a microphone only to a context of the microphone's own rate. */
  #captureContext: AudioContext | null = null;
  #source: MediaStreamAudioSourceNode | null = null;
  #capture: AudioWorkletNode | null = null;

  /** The browser holds sound back until the person does something on the page. */
  get blocked(): ReadonlySignal<boolean> {
    return this.#blocked;
  }

  /** Starts playing what comes through the returned port. */
  async play(): Promise<MessagePort> {
    const context = this.#open();
    await addModule(context, playbackSource);
    const node = new AudioWorkletNode(context, PLAYBACK, {
      numberOfInputs: 0,
      outputChannelCount: [2],
    });
    this.#playback = node;
    await this.#route();
    const { port1, port2 } = new MessageChannel();
    node.port.postMessage(port2, [port2]);
    this.#watchState(context);
    return port1;
  }

  /** Starts capturing; packets of samples come through the returned port. */
  async capture(track: MediaStreamTrack): Promise<MessagePort> {
    const stream = new MediaStream([track]);
    let context = this.#open();
    let source: MediaStreamAudioSourceNode;
    try {
      source = context.createMediaStreamSource(stream);
    } catch {
      this.#captureContext = context = new AudioContext({ latencyHint: "interactive" });
      source = context.createMediaStreamSource(stream);
    }
    await addModule(context, captureSource);
    const node = new AudioWorkletNode(context, CAPTURE, { numberOfOutputs: 0 });
    source.connect(node);
    this.#source = source;
    this.#capture = node;
    const { port1, port2 } = new MessageChannel();
    node.port.postMessage(port2, [port2]);
    // A granted microphone unlocks the context in Chromium; it stays pending elsewhere.
    void context.resume();
    return port1;
  }

  /** From the playback worklet to the ear, ms, as far as the browser knows. */
  get outputMs(): number {
    const { baseLatency = 0, outputLatency = 0 } = this.#context ?? {};
    return Math.max(baseLatency, outputLatency) * 1000;
  }

  /** Plays through another speaker ("" is the default), at once; rejects when it does not open. */
  async setSpeaker(id: string): Promise<void> {
    if (id === this.#speaker) return;
    this.#speaker = id;
    await this.#route();
  }

  stopCapture(): void {
    this.#source?.disconnect();
    this.#capture?.port.postMessage(null);
    this.#capture?.disconnect();
    void this.#captureContext?.close();
    this.#source = null;
    this.#capture = null;
    this.#captureContext = null;
  }

  /** From a click: lets the sound out. */
  unblock(): void {
    // Never awaited: it stays pending for as long as the browser wants a gesture.
    void this.#context?.resume();
  }

  close(): void {
    this.#closing.abort();
    this.stopCapture();
    this.#playback?.disconnect();
    void this.#context?.close();
    this.#context = null;
    this.#blocked.value = false;
  }

  async #route(): Promise<void> {
    const context = this.#context;
    const node = this.#playback;
    if (!context || !node) return;
    const speaker = this.#speaker;
    let out: AudioNode = context.destination;
    try {
      out = await routeTo(context, speaker);
    } finally {
      // The default one plays where the chosen one does not; what was chosen meanwhile wins.
      if (speaker === this.#speaker && this.#context) {
        if (out !== this.#out) node.disconnect();
        node.connect(out);
        this.#out = out;
      }
    }
  }

  #open(): AudioContext {
    this.#context ??= new AudioContext({ sampleRate: SAMPLE_RATE, latencyHint: "interactive" });
    return this.#context;
  }

  #watchState(context: AudioContext): void {
    const { signal } = this.#closing;
    const look = () => {
      this.#blocked.value = context.state === "suspended" && !signal.aborted;
    };
    context.addEventListener("statechange", look, { signal });
    // Any click or key on the page is gesture enough.
    for (const gesture of GESTURES) {
      document.addEventListener(
        gesture,
        () => {
          if (this.#blocked.value) this.unblock();
        },
        { signal, capture: true },
      );
    }
    look();
  }
}

const loaded = new WeakMap<AudioContext, Map<string, Promise<void>>>();

/** Loads a worklet's module once per context. */
function addModule(context: AudioContext, source: string): Promise<void> {
  const modules = loaded.get(context) ?? new Map<string, Promise<void>>();
  loaded.set(context, modules);
  let loading = modules.get(source);
  if (!loading) {
    const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
    loading = context.audioWorklet.addModule(url).finally(() => URL.revokeObjectURL(url));
    modules.set(source, loading);
  }
  return loading;
}
