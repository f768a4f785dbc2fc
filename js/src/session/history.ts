/** Pages of the room's log, oldest first, over REST. */

import type { LoggedEvent } from "../wire/control.js";
import { keepKnownEvents } from "../wire/relay-frames.js";
import type { Environment } from "./environment.js";
import { MeetingError } from "./failure.js";
import { callRest } from "./rest.js";

const FAILED = "Older messages could not be loaded; try again.";

/** Up to `limit` events before offset `before`, and whether there are older ones. */
export async function fetchHistory(
  environment: Environment,
  apiUrl: string,
  room: string,
  before: number,
  limit: number,
): Promise<{ events: readonly LoggedEvent[]; more: boolean }> {
  const url = `${apiUrl}rooms/${room}/messages?before=${before}&limit=${limit}`;
  const { events, more } = ((await callRest(environment, url, FAILED)) ?? {}) as {
    readonly events?: unknown;
    readonly more?: unknown;
  };
  if (!Array.isArray(events)) throw new MeetingError("history", FAILED);
  return { events: keepKnownEvents(events), more: more === true };
}
