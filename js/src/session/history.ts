/** Pages of the room's log, oldest first, over REST. */

import type { LoggedEvent } from "../wire/control.js";
import { keepKnownEvents } from "../wire/relay-frames.js";
import type { Environment } from "./environment.js";
import { MeetingError } from "./failure.js";

const FAILED = "Older messages could not be loaded; try again.";

/** Up to `limit` events before offset `before`, and whether there are older ones. */
export async function fetchHistory(
  environment: Environment,
  baseUrl: string,
  room: string,
  before: number,
  limit: number,
): Promise<{ events: readonly LoggedEvent[]; more: boolean }> {
  const url = `${baseUrl}meet/api/rooms/${room}/messages?before=${before}&limit=${limit}`;
  const response = await environment.fetch(url, { credentials: "same-origin" }).catch(() => null);
  const body: unknown = await response?.json().catch(() => null);
  const { events, more, message } = (body ?? {}) as Record<string, unknown>;
  if (!response?.ok || !Array.isArray(events)) {
    throw new MeetingError("history", typeof message === "string" ? message : FAILED);
  }
  return { events: keepKnownEvents(events), more: more === true };
}
