/** The media engine of a session: devices, sending, watching and playing. */

import type { Session } from "../session/index.js";
import { Engine } from "./engine.js";
import type { MediaEngine } from "./types.js";

export type {
  CanvasHandle,
  Capability,
  DeviceChoice,
  DeviceState,
  Fit,
  MediaEngine,
  StreamStats,
  TileSize,
} from "./types.js";

const SLOT = "media";

/** The one engine of `session`, made on first use and shared by all views of the page. */
export function getEngine(session: Session): MediaEngine {
  const found = session.slots.get(SLOT) as MediaEngine | undefined;
  if (found) return found;
  const engine = new Engine(session);
  session.slots.set(SLOT, engine);
  return engine;
}
