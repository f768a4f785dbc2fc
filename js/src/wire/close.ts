/** WebSocket close codes and what a client does about each (`meetwidget/wire/close.py`). */

export const CloseCode = {
  RESTARTING: 1012,
  TOO_SLOW: 1013,
  BAD_FRAME: 4400,
  BAD_TICKET: 4401,
  NOT_ALLOWED: 4403,
  NO_HELLO: 4408,
  REPLACED: 4409,
  REMOVED: 4410,
  TOO_LARGE: 4413,
  TOO_FAST: 4429,
} as const;

export type Remedy = "stop" | "new-ticket" | "resume" | "wait";

/**
 * What a client does after a close with `code`: 4400 to 4499 are final but for three; every
 * other code, 1006 included, means: resume, with exponential back-off and full jitter.
 */
export function remedy(code: number): Remedy {
  switch (code) {
    case CloseCode.BAD_TICKET:
      return "new-ticket";
    case CloseCode.NO_HELLO:
      return "resume";
    case CloseCode.TOO_FAST:
      return "wait";
    default:
      return code >= 4400 && code <= 4499 ? "stop" : "resume";
  }
}
