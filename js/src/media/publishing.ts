/** Own streams in the room: announced, announced again after a relay's restart, withdrawn. */

import type { RenditionOffer, Session } from "../session/index.js";
import type { ColorSpace } from "../wire/index.js";
import type { CameraShape, OwnRendition, ToWorker } from "./messages.js";
import { cameraRenditions, VOICE } from "./renditions.js";

/** Publishes what the devices give. */
export class Publishing {
  #shape: CameraShape | null = null;
  #camera: OwnRendition[] = [];
  #cameraStream: string | null = null;
  #microphoneStream: string | null = null;

  constructor(
    readonly session: Session,
    readonly post: (message: ToWorker) => void,
    readonly failed: (what: "camera" | "microphone", error: unknown) => void,
    signal: AbortSignal,
  ) {
    session.on("demand", ({ renditions }) => post({ type: "demand", renditions }), { signal });
    session.on(
      "republish",
      ({ streams }) => {
        for (const { source } of streams) {
          if (source === "microphone") void this.microphone();
          if (source === "camera" && this.#shape) void this.camera(this.#shape);
        }
      },
      { signal },
    );
  }

  /** Whether a microphone stream is announced; it stays so while it is muted. */
  get hasMicrophone(): boolean {
    return this.#microphoneStream !== null;
  }

  /** The camera's pictures look like this: announces or updates its renditions. */
  async camera(shape: CameraShape): Promise<void> {
    this.#shape = shape;
    const { width, height, colorSpace } = shape;
    await this.#publishCamera(cameraRenditions(width, height, colorSpace));
  }

  /** The encoder wrote other colours than announced. */
  async colors(handle: number, colorSpace: ColorSpace): Promise<void> {
    const shape = this.#shape;
    if (!shape || !this.#camera.some((rendition) => rendition.handle === handle)) return;
    await this.camera({ ...shape, colorSpace });
  }

  async cameraOff(): Promise<void> {
    const stream = this.#cameraStream;
    this.#shape = null;
    this.#camera = [];
    this.#cameraStream = null;
    if (stream) await this.session.unpublish(stream).catch(() => {}); // gone with the session
  }

  /** Announces the microphone; false when that failed. */
  async microphone(): Promise<boolean> {
    try {
      const { stream, handles } = await this.session.publish("microphone", [VOICE]);
      this.#microphoneStream = stream;
      const [handle] = handles;
      if (handle === undefined) return false;
      this.post({ type: "own-audio", stream, handle });
      this.post({ type: "demand", renditions: this.session.demandOf(stream) });
      return true;
    } catch (error) {
      this.failed("microphone", error);
      return false;
    }
  }

  /** The meeting is over: nothing is announced any more. */
  forget(): void {
    this.#shape = null;
    this.#camera = [];
    this.#cameraStream = null;
    this.#microphoneStream = null;
  }

  async #publishCamera(offers: readonly RenditionOffer[]): Promise<void> {
    const shape = this.#shape;
    try {
      const { stream, handles } = await this.session.publish("camera", offers);
      if (this.#shape === null) {
        // Turned off while the answer was under way.
        await this.session.unpublish(stream).catch(() => {});
        return;
      }
      if (this.#shape !== shape) return; // a newer announcement is under way
      this.#cameraStream = stream;
      this.#camera = offers.flatMap((offer, index) => {
        const handle = handles[index];
        return handle === undefined ? [] : [{ handle, offer }];
      });
      this.post({ type: "own-video", stream, renditions: this.#camera });
      this.post({ type: "demand", renditions: this.session.demandOf(stream) });
    } catch (error) {
      if (this.#shape === shape) this.failed("camera", error);
    }
  }
}
