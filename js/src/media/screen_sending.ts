/** A shared screen on its way: its pictures and its sound to the worker, its streams to the room. */

import type { Session } from "../session/index.js";
import { FrameSource } from "./frame_source.js";
import type { ToWorker } from "./messages.js";
import type { Publishing } from "./publishing.js";
import { SCREEN_FPS, type ScreenUse } from "./screen.js";
import { TabSound } from "./tab_sound.js";

/** What of a running meeting a share needs. */
export interface Outlet {
  readonly publishing: Publishing;
  post(message: ToWorker, transfer?: Transferable[]): void;
}

/** Sends what `ScreenShare` got; needs a meeting. */
export class ScreenSending implements ScreenUse {
  #frames: FrameSource | null = null;
  #sound: TabSound | null = null;

  constructor(
    readonly session: Session,
    /** Null while there is no meeting. */
    readonly outlet: () => Outlet | null,
  ) {}

  async start(video: MediaStreamTrack, sound: MediaStreamTrack | null): Promise<void> {
    const outlet = this.outlet();
    if (!outlet) throw new Error("join the meeting first");
    const post: Outlet["post"] = (message, transfer) => outlet.post(message, transfer);
    this.#frames = new FrameSource("screen", video, SCREEN_FPS, post);
    this.session.setState({ screen: true });
    if (sound) await this.#hear(sound, outlet);
  }

  stop(): void {
    this.#frames?.stop();
    this.#frames = null;
    const outlet = this.outlet();
    void outlet?.publishing.videoOff("screen");
    this.session.setState({ screen: false });
    if (!this.#sound) return;
    this.#sound.close();
    this.#sound = null;
    outlet?.post({ type: "sound-off", source: "screen-audio" });
    void outlet?.publishing.soundOff("screen-audio");
  }

  /** Whether something is shared: what the worker tells of its pictures is about that. */
  get on(): boolean {
    return this.#frames !== null;
  }

  /** The worker has seen a picture of it. */
  seen(): void {
    this.#frames?.seen();
  }

  /** The worker wants the picture of this moment. */
  tick(): void {
    this.#frames?.tick();
  }

  /** Without its sound the share is still of use, so a failure here ends nothing. */
  async #hear(track: MediaStreamTrack, { publishing, post }: Outlet): Promise<void> {
    const sound = new TabSound();
    this.#sound = sound;
    try {
      const port = await sound.start(track);
      if (this.#sound !== sound) return; // ended meanwhile
      post({ type: "sound-on", source: "screen-audio", port }, [port]);
      await publishing.sound("screen-audio");
    } catch (error) {
      const text = `The sound of the shared tab cannot be sent (${String(error)}).`;
      if (this.#sound === sound) this.session.notify("error", "no-tab-sound", text);
    }
  }
}
