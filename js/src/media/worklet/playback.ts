/** The audio thread's end of the receiving path: one jitter buffer per stream, mixed. */

import { JitterBuffer } from "./jitter.js";
import { PLAYBACK, type PlaybackReport, type ToPlayback } from "./names.js";
import { scope, type WorkletProcessor } from "./scope.js";

/** Between two reports to the worker. */
const REPORT_S = 0.2;

interface Voice {
  readonly buffer: JitterBuffer;
  energy: number;
  samples: number;
}

class Playback extends scope.AudioWorkletProcessor implements WorkletProcessor {
  readonly #voices = new Map<string, Voice>();
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
    let voice = this.#voices.get(message.stream);
    if (!voice) {
      voice = { buffer: new JitterBuffer(), energy: 0, samples: 0 };
      this.#voices.set(message.stream, voice);
    }
    voice.buffer.push(message.samples, message.lost, scope.currentTime);
  }

  process(_inputs: Float32Array[][], outputs: Float32Array[][]): boolean {
    const [left, ...others] = outputs[0] ?? [];
    if (!left) return true;
    if (this.#mono.length !== left.length) this.#mono = new Float32Array(left.length);
    for (const voice of this.#voices.values()) {
      voice.buffer.pull(this.#mono);
      for (let i = 0; i < left.length; i++) {
        const sample = this.#mono[i]!;
        left[i]! += sample;
        voice.energy += sample * sample;
      }
      voice.samples += left.length;
    }
    for (const channel of others) channel.set(left);
    this.#report();
    return true;
  }

  #report(): void {
    if (scope.currentTime < this.#reportAt || !this.#voices.size) return;
    this.#reportAt = scope.currentTime + REPORT_S;
    const reports: PlaybackReport[] = [];
    for (const [stream, voice] of this.#voices) {
      const { bufferedMs, targetMs, underruns } = voice.buffer;
      const rms = Math.sqrt(voice.energy / Math.max(1, voice.samples));
      reports.push({ stream, bufferedMs, targetMs, underruns, rms });
      voice.energy = 0;
      voice.samples = 0;
    }
    this.#worker?.postMessage(reports);
  }
}

scope.registerProcessor(PLAYBACK, Playback);
