/** The audio thread's end of the receiving path: one jitter buffer per stream, mixed. */

import { JitterBuffer } from "./jitter.js";
import { PLAYBACK, type PlaybackReport, type ToPlayback } from "./names.js";
import { scope, type WorkletProcessor } from "./scope.js";

/** Between two reports to the worker. */
const REPORT_S = 0.2;

class Playback extends scope.AudioWorkletProcessor implements WorkletProcessor {
  readonly #voices = new Map<string, JitterBuffer>();
  #mono = new Float32Array(128);
  #reportAt = 0;
  #worker: MessagePort | null = null;

  constructor() {
    super();
    // The page hands over the port to the worker and is out of the way from then on.
    this.port.onmessage = ({ data }: MessageEvent<MessagePort>) => {
      this.#worker = data;
      data.onmessage = (event: MessageEvent<ToPlayback>) => this.#take(event.data);
    };
  }

  #take(message: ToPlayback): void {
    if (message.samples === null) {
      this.#voices.delete(message.stream);
      return;
    }
    let buffer = this.#voices.get(message.stream);
    if (!buffer) {
      buffer = new JitterBuffer();
      this.#voices.set(message.stream, buffer);
    }
    buffer.push(message.samples, message.captureUs, message.lost);
  }

  process(_inputs: Float32Array[][], outputs: Float32Array[][]): boolean {
    const [left, ...others] = outputs[0] ?? [];
    if (!left) return true;
    if (this.#mono.length !== left.length) this.#mono = new Float32Array(left.length);
    for (const buffer of this.#voices.values()) {
      buffer.pull(this.#mono);
      for (let i = 0; i < left.length; i++) left[i]! += this.#mono[i]!;
    }
    for (const channel of others) channel.set(left);
    this.#report();
    return true;
  }

  #report(): void {
    if (scope.currentTime < this.#reportAt || !this.#voices.size) return;
    this.#reportAt = scope.currentTime + REPORT_S;
    const at = Date.now();
    const reports: PlaybackReport[] = [...this.#voices].map(([stream, buffer]) => {
      const { bufferedMs, targetMs, underruns, missingMs, playingUs } = buffer;
      return { stream, bufferedMs, targetMs, underruns, missingMs, playingUs, at };
    });
    this.#worker?.postMessage(reports);
  }
}

scope.registerProcessor(PLAYBACK, Playback);
