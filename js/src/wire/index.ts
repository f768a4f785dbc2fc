/** The protocol for the browser: generated control types, media frames, close codes, room names. */

import type { Moderate, Participant } from "./control.js";

export type * from "./control.js";
export { roomNameProblem } from "./rooms.js";

export type Role = Participant["role"];
export type ParticipantKind = Participant["kind"];
export type ModerateAction = Moderate["action"];

/** Version of the protocol this code speaks. */
export const PROTOCOL_VERSION = 1;
