/**
 * Ears and eyes on the real media path, put in before the engine starts: what reaches a loudspeaker,
 * and when frames come out of the media sockets. Nothing of the path itself is replaced.
 */

import { type Heard, listen } from "./tones.js";

/** When (ms since 1970), kind, age since capture (ms), bytes. */
export type Arrival = readonly [number, number, number, number];

const CHANNEL = "meetwidget-bench-arrivals";

/** Goes before the code of every Blob worker: notes binary frames as they come. */
const IN_WORKER = `
if (typeof WorkerGlobalScope !== "undefined" && typeof WebSocket !== "undefined") {
  const channel = new BroadcastChannel(${JSON.stringify(CHANNEL)});
  let arrivals = [];
  setInterval(() => { if (arrivals.length) { channel.postMessage(arrivals); arrivals = []; } }, 200);
  const Socket = WebSocket;
  self.WebSocket = class extends Socket {
    constructor(...given) {
      super(...given);
      this.addEventListener("message", ({ data }) => {
        if (!(data instanceof ArrayBuffer) || data.byteLength < 20) return;
        const view = new DataView(data);
        const captured = (view.getUint32(8) * 2 ** 32 + view.getUint32(12)) / 1000;
        const now = performance.timeOrigin + performance.now();
        arrivals.push([Math.round(now), view.getUint8(0), Math.round(now - captured), data.byteLength]);
      });
    }
  };
}
`;

/** Installs both; `heard` and `arrived` are told a few times a second. */
export function install(
  heard: (batch: Heard[], context: BaseAudioContext) => void,
  arrived: (batch: Arrival[]) => void,
): void {
  const make = URL.createObjectURL.bind(URL);
  URL.createObjectURL = (blob) =>
    make(
      blob instanceof Blob && blob.type === "text/javascript"
        ? new Blob([IN_WORKER, blob], { type: blob.type })
        : blob,
    );
  new BroadcastChannel(CHANNEL).onmessage = ({ data }) => arrived(data);

  const hear = (node: AudioNode) =>
    void listen(node, (batch) => heard(batch, node.context)).catch(console.error);
  const connect = AudioNode.prototype.connect;
  AudioNode.prototype.connect = function (
    this: AudioNode,
    target: AudioNode | AudioParam,
    ...rest
  ) {
    if (target instanceof AudioDestinationNode) hear(this);
    return Reflect.apply(connect, this, [target, ...rest]);
  } as typeof connect;

  // Sound may also leave the page through an element.
  const play = HTMLMediaElement.prototype.play;
  const known = new WeakSet<MediaStream>();
  HTMLMediaElement.prototype.play = function (this: HTMLMediaElement) {
    const { srcObject } = this;
    if (srcObject instanceof MediaStream && !this.muted && !known.has(srcObject)) {
      known.add(srcObject);
      if (srcObject.getAudioTracks().length) {
        const context = new AudioContext({ sampleRate: 48_000, latencyHint: "interactive" });
        hear(context.createMediaStreamSource(srcObject));
      }
    }
    return play.call(this);
  };
}
