/** What the worker says about own pictures and sound, carried out by whoever has them on the page. */

import type { Session } from "../session/index.js";
import type { FromWorker, SoundSource, VideoSource } from "./messages.js";
import type { OwnDevices } from "./own_devices.js";
import type { Publishing } from "./publishing.js";
import { ScreenShare } from "./screen.js";
import { type Outlet, ScreenSending } from "./screen_sending.js";

/** Camera, microphone and screen of this person, as far as the worker has a say in them. */
export class OwnStreams {
  readonly screen: ScreenShare;
  readonly #sending: ScreenSending;

  constructor(
    readonly session: Session,
    readonly devices: OwnDevices,
    outlet: () => Outlet | null,
  ) {
    this.#sending = new ScreenSending(session, outlet);
    this.screen = new ScreenShare(this.#sending);
  }

  /** Takes what is about own streams, and leaves the rest. */
  take(message: FromWorker, publishing: Publishing): void {
    switch (message.type) {
      case "video-shape": {
        const on = message.source === "screen" ? this.#sending.on : this.devices.showing;
        if (message.source === "screen") this.#sending.seen();
        if (on) void publishing.video(message.source, message.shape);
        break;
      }
      case "bearable":
        void publishing.bearable(message.source, message.renditions);
        break;
      case "colors":
        void publishing.colors(message.source, message.handle, message.colorSpace);
        break;
      case "tick":
        (message.source === "screen" ? this.#sending : this.devices).tick();
        break;
      case "cannot-send": {
        const { what } = message;
        const video = what === "camera" || what === "screen";
        if (!video || !publishing.withoutCodec(what)) this.failed(what, message.reason);
        break;
      }
    }
  }

  /** Encoding is not possible, or was refused; `reason` is for people. */
  failed(what: VideoSource | SoundSource, reason: string): void {
    if (what === "screen") this.screen.off({ kind: "unsupported", reason });
    else if (what === "screen-audio") this.session.notify("error", "no-tab-sound", reason);
    else this.devices.failed(what, reason);
  }
}
