/** What a shared tab plays, as packets for the worker: as it is, without a voice's processing. */

import captureSource from "worklet:./worklet/capture.ts";
import { SAMPLE_RATE } from "./worklet/format.js";
import { CAPTURE } from "./worklet/names.js";

/** Captures a tab's sound until closed; the AudioContext is its own, since sharing begins and ends. */
export class TabSound {
  readonly #context = new AudioContext({ sampleRate: SAMPLE_RATE });

  /** Starts; mono packets come through the returned port. */
  async start(track: MediaStreamTrack): Promise<MessagePort> {
    const context = this.#context;
    const url = URL.createObjectURL(new Blob([captureSource], { type: "text/javascript" }));
    await context.audioWorklet.addModule(url).finally(() => URL.revokeObjectURL(url));
    const node = new AudioWorkletNode(context, CAPTURE, { numberOfOutputs: 0 });
    context.createMediaStreamSource(new MediaStream([track])).connect(node);
    const { port1, port2 } = new MessageChannel();
    node.port.postMessage(port2, [port2]);
    void context.resume(); // stays pending where the browser wants a gesture
    return port1;
  }

  close(): void {
    void this.#context.close();
  }
}
