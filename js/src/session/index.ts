/** The session of a room: what a page knows and does in it, without a view. */

import { shared } from "./registry.js";
import type { Session, SessionOptions } from "./types.js";

export { nowUs } from "./clock.js";
export { shared } from "./registry.js";
export type * from "./types.js";

/** The page's session for a room, made on first use; the same for all views. */
export function getSession(options: SessionOptions): Session {
  const sessions = shared("sessions", () => new Map<string, Session>());
  const found = sessions.get(`${options.baseUrl} ${options.room}`);
  if (found) return found;
  throw new Error("session: not built yet");
}
