/** The audio thread's end of the sending path: mono packets of 20 ms, straight to the worker. */

import { PACKET_SAMPLES, SAMPLE_RATE } from "./format.js";
import { CAPTURE } from "./names.js";
import { scope, type WorkletProcessor } from "./scope.js";

class Capture extends scope.AudioWorkletProcessor implements WorkletProcessor {
  #packet = new Float32Array(PACKET_SAMPLES);
  #filled = 0;
  /** Where the next sample at 48 kHz lies in the input, which may run at the device's own rate. */
  #position = 0;
  #before = 0;
  #worker: MessagePort | null = null;
  #stopped = false;

  constructor() {
    super();
    this.port.onmessage = ({ data }: MessageEvent<MessagePort | null>) => {
      this.#worker = data;
      this.#stopped = data === null;
    };
  }

  process(inputs: Float32Array[][]): boolean {
    const channels = inputs[0] ?? [];
    const length = channels[0]?.length ?? 0;
    const step = scope.sampleRate / SAMPLE_RATE;
    for (; this.#position < length; this.#position += step) {
      const at = Math.floor(this.#position);
      const rest = this.#position - at;
      const before = at > 0 ? mixed(channels, at - 1) : this.#before;
      this.#packet[this.#filled++] = before + (mixed(channels, at) - before) * rest;
      if (this.#filled === PACKET_SAMPLES) this.#post();
    }
    if (length) {
      this.#position -= length;
      this.#before = mixed(channels, length - 1);
    }
    return !this.#stopped; // false lets the browser drop this processor
  }

  #post(): void {
    this.#worker?.postMessage(this.#packet, [this.#packet.buffer]);
    this.#packet = new Float32Array(PACKET_SAMPLES);
    this.#filled = 0;
  }
}

function mixed(channels: readonly Float32Array[], at: number): number {
  let sum = 0;
  for (const channel of channels) sum += channel[at]!;
  return sum / channels.length;
}

scope.registerProcessor(CAPTURE, Capture);
