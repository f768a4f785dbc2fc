/** Errors whose message is one sentence for people. */

import type { EndCode, SessionFailure } from "./types.js";

/** A refusal by the relay or by the session itself. */
export class MeetingError extends Error implements SessionFailure {
  override readonly name = "MeetingError";

  constructor(
    readonly code: string,
    message: string,
    /** Seconds, when waiting helps. */
    readonly retryAfter: number | null = null,
  ) {
    super(message);
  }
}

/** An attempt to connect that failed; trying again may help unless `end` is set. */
export class ConnectFailure extends MeetingError {
  constructor(
    message: string,
    readonly end: EndCode | null = null,
    retryAfter: number | null = null,
  ) {
    super(end ?? "unreachable", message, retryAfter);
  }
}
