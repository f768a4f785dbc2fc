/** Why a session is over, in a sentence, and whether joining again makes sense. */

import { CloseCode } from "../wire/close.js";
import type { EndCode } from "./types.js";

export interface Ending {
  readonly code: EndCode;
  readonly reason: string;
  readonly canRejoin: boolean;
}

const REASONS: Readonly<Record<EndCode, string>> = {
  left: "You left the meeting.",
  idle: "You left the meeting, since no view showed it any more.",
  removed: "A moderator removed you from this room.",
  replaced: "This meeting goes on in another tab or window.",
  "room-locked": "This room is locked: ask somebody inside to unlock it.",
  denied: "A moderator did not let you in.",
  "not-invited": "Only invited people come into this room: ask somebody inside to invite you.",
  "too-many": "You are in this room too often: leave it in another tab or window first.",
  "not-allowed": "You may not join this room.",
  "signed-out": "The server does not accept this page's sign-in: sign in and reload the page.",
  "not-installed": "This server has no meetwidget extension.",
  "invalid-room": "This room name is not valid.",
  protocol: "This page and the meeting server do not understand each other: reload the page.",
};

/** Endings in which the relay's own words say more than ours. */
const TOLD: ReadonlySet<EndCode> = new Set([
  "not-allowed",
  "room-locked",
  "denied",
  "not-invited",
  "too-many",
  "not-installed",
  "invalid-room",
  "signed-out",
  "removed",
  "protocol",
]);

/** What the relay, or the server that gives tickets, may say besides "not allowed". */
const REFUSALS: readonly EndCode[] = [
  "room-locked",
  "denied",
  "not-invited",
  "too-many",
  "signed-out",
  "removed",
];

/** The ending for a refusal's stable code; what this version does not know is `not-allowed`. */
export function endOf(refusal: unknown): EndCode {
  return REFUSALS.find((code) => code === refusal) ?? "not-allowed";
}

function codeOf(close: number, error: string | undefined): EndCode {
  switch (close) {
    case CloseCode.NOT_ALLOWED:
      return endOf(error);
    case CloseCode.REPLACED:
      return "replaced";
    case CloseCode.REMOVED:
      return "removed";
    case 1000:
      return "left";
    default:
      return "protocol";
  }
}

/** The ending for a close code (with the last `error` before it) or for a known reason. */
export function ending(why: EndCode | number, told?: string, error?: string): Ending {
  const code = typeof why === "number" ? codeOf(why, error) : why;
  return {
    code,
    reason: (TOLD.has(code) && told) || REASONS[code],
    canRejoin: code !== "removed" && code !== "invalid-room",
  };
}
