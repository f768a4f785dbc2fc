/**
 * A camera and a microphone that tell the time: real moving pictures with a code of the clock, and a
 * melody whose every tone belongs to one moment. They stand in for `getUserMedia` on this page.
 */

import { drawCode, nowMs } from "./clock_code.js";
import { toneSource } from "./tones.js";

const WIDTH = 640;
const HEIGHT = 360;
const FPS = 24;

/** Pictures a second and their size: what a usual camera gives. */
export const CAMERA = { width: WIDTH, height: HEIGHT, fps: FPS };

class Camera {
  readonly #canvas = document.createElement("canvas");
  readonly #context: CanvasRenderingContext2D;
  #tracks: CanvasCaptureMediaStreamTrack[] = [];
  #turn = 0;

  constructor(readonly pictures: readonly ImageBitmap[]) {
    this.#canvas.width = WIDTH;
    this.#canvas.height = HEIGHT;
    this.#context = this.#canvas.getContext("2d", { alpha: false })!;
    setInterval(() => this.#draw(), 1000 / FPS);
  }

  track(): MediaStreamTrack {
    const [track] = this.#canvas.captureStream(0).getVideoTracks();
    this.#tracks.push(track as CanvasCaptureMediaStreamTrack);
    return track as MediaStreamTrack;
  }

  #draw(): void {
    this.#tracks = this.#tracks.filter((track) => track.readyState === "live");
    if (!this.#tracks.length) return;
    const { length } = this.pictures;
    // There and back again: a loop without a cut.
    const place = this.#turn++ % (2 * length - 2);
    const picture = this.pictures[place < length ? place : 2 * length - 2 - place]!;
    this.#context.drawImage(picture, 0, 0, WIDTH, HEIGHT);
    drawCode(this.#context, WIDTH, HEIGHT, nowMs());
    for (const track of this.#tracks) track.requestFrame();
  }
}

class Microphone {
  readonly #context = new AudioContext({ sampleRate: 48_000, latencyHint: "interactive" });
  #source: Promise<AudioWorkletNode> | null = null;

  async track(): Promise<MediaStreamTrack> {
    this.#source ??= toneSource(this.#context);
    const target = this.#context.createMediaStreamDestination();
    target.channelCount = 1;
    (await this.#source).connect(target);
    await this.#context.resume();
    return target.stream.getAudioTracks()[0]!;
  }
}

/** Camera and microphone of this page; `getUserMedia` gives them from now on. */
export class BenchDevices {
  #camera: Camera | null = null;
  readonly #microphone = new Microphone();

  /** Loads the pictures, `count` JPEG files beside the page. */
  async prepare(count: number): Promise<void> {
    const names = Array.from({ length: count }, (_, index) => `picture-${index}.jpg`);
    const pictures = await Promise.all(
      names.map(async (name) => createImageBitmap(await (await fetch(name)).blob())),
    );
    this.#camera = new Camera(pictures);
    navigator.mediaDevices.getUserMedia = (wish) => this.open(wish ?? {});
  }

  async open({ video, audio }: MediaStreamConstraints): Promise<MediaStream> {
    const tracks: MediaStreamTrack[] = [];
    if (video && this.#camera) tracks.push(this.#camera.track());
    if (audio) tracks.push(await this.#microphone.track());
    return new MediaStream(tracks);
  }
}
