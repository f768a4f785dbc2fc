/** The media engine of a session: devices, sending, watching and playing. */

import type { Session } from "../session/index.js";
import type { MediaEngine } from "./types.js";

export type {
  CanvasHandle,
  Capability,
  DeviceState,
  Fit,
  MediaEngine,
  StreamStats,
  TileSize,
} from "./types.js";

/** The one engine of `session`, made on first use and shared by all bundles on the page. */
export function getEngine(session: Session): MediaEngine {
  throw new Error(`media engine of ${session.room}: not built yet`);
}
