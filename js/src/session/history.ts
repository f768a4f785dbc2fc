/** Pages of the room's log, oldest first, over REST. */

import type { LoggedEvent } from "../wire/control.js";
import { keepKnownEvents } from "../wire/relay-frames.js";
import { MeetingError } from "./failure.js";
import type { RoomRest } from "./rest.js";

export interface LogPage {
  readonly events: readonly LoggedEvent[];
  /** Events after the page that are about its messages. */
  readonly later: readonly LoggedEvent[];
  /** Whether the log has events before the page. */
  readonly more: boolean;
  /** Whether it has events after it. */
  readonly newer: boolean;
}

/** Which events are wanted: before or after an offset, around a message, or about one. */
export type Which =
  | { readonly before: number }
  | { readonly after: number }
  | { readonly around: string }
  | { readonly about: string };

/** At most `limit` events, or however many a page of the server has. */
export async function fetchPage(
  rest: RoomRest,
  which: Which,
  otherwise: string,
  limit?: number,
): Promise<LogPage> {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(which)) query.set(name, String(value));
  if (limit !== undefined) query.set("limit", String(limit));
  const answer = ((await rest.ask(`messages?${query}`, otherwise)) ?? {}) as Record<
    string,
    unknown
  >;
  if (!Array.isArray(answer.events)) throw new MeetingError("history", otherwise);
  return {
    events: keepKnownEvents(answer.events),
    later: keepKnownEvents(Array.isArray(answer.later) ? answer.later : []),
    more: answer.more === true,
    newer: answer.newer === true,
  };
}
