/** The session of a room: what a page knows and does in it, without a view. */

import { apiBase } from "./calls.js";
import { browserEnvironment } from "./environment.js";
import { shared } from "./registry.js";
import { MeetSession } from "./session.js";
import type { Session, SessionOptions } from "./types.js";

export { nowUs } from "./clock.js";
export { endOf } from "./ending.js";
export { ConnectFailure, MeetingError } from "./failure.js";
export { shared } from "./registry.js";
export { socketUrl, xsrfToken } from "./ticket.js";
export type * from "./types.js";

/** The page's session for a room, made on first use; the same for all views. */
export function getSession(options: SessionOptions): Session {
  const sessions = shared("sessions", () => new Map<string, Session>());
  const environment = browserEnvironment();
  const key = `${apiBase(options, environment.location)} ${options.room}`;
  let session = sessions.get(key);
  if (!session) {
    session = new MeetSession(options, environment);
    sessions.set(key, session);
  }
  return session;
}
