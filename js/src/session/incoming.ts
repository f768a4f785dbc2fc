/** Hands what the relay says to the part of the session it is for. */

import type {
  Bye,
  FromRelay,
  Error as Refusal,
  Rights,
  Waiting,
  Welcome,
} from "../wire/control.js";
import type { Chat } from "./chat.js";
import type { Emitter } from "./events.js";
import type { Outbox } from "./outbox.js";
import type { Passing } from "./passing.js";
import type { Publications } from "./publications.js";
import type { RoomState } from "./room-state.js";
import type { Roster } from "./roster.js";
import type { OwnStanding } from "./standing.js";
import type { SessionEvents, StatePatch } from "./types.js";
import type { Typing } from "./typing.js";
import type { Watches } from "./watches.js";

export interface Parts {
  readonly state: RoomState;
  readonly roster: Roster;
  readonly standing: OwnStanding;
  readonly chat: Chat;
  readonly typing: Typing;
  readonly passing: Passing;
  readonly outbox: Outbox;
  readonly publications: Publications;
  readonly watches: Watches;
  readonly emitter: Emitter<SessionEvents>;
  readonly setState: (patch: StatePatch) => void;
}

/** Takes one message of a live connection. */
export function receive(parts: Parts, message: Exclude<FromRelay, Welcome | Bye | Waiting>): void {
  const { roster, chat, typing, passing, outbox, publications, emitter } = parts;
  if (roster.apply(message)) {
    if (message.type === "stream.removed") parts.watches.gone(message.id);
    if (message.type === "participant.left") typing.heard(message.id, false);
    return;
  }
  const own = roster.you.peek()?.id;
  switch (message.type) {
    case "event":
      chat.take([message]);
      if (message.event.kind === "message") typing.heard(message.by.id, false);
      break;
    case "ack":
      outbox.answered(message);
      break;
    case "error":
      if (!outbox.answered(message)) refused(passing, message);
      break;
    case "demand":
      publications.demand(message.stream, message.renditions);
      emitter.emit("demand", message);
      break;
    case "stream.flow":
      parts.watches.flow(message.stream, message);
      break;
    case "chat.typing":
      if (message.by !== own) typing.heard(message.by, message.on);
      break;
    case "reaction":
      if (message.by !== own) passing.float(message.by, message.emoji);
      break;
    case "signal":
      emitter.emit("signal", message);
      break;
    case "lobby":
      parts.standing.waiting(message.waiting);
      break;
    case "rights":
      regarded(parts, message.rights);
      break;
    case "room.updated":
      parts.state.info.value = message.room;
      break;
    case "moderated":
      moderated(parts, message);
      break;
  }
}

function refused(passing: Passing, error: Refusal): void {
  if (error.code === "unknown-type") {
    console.warn(`meetwidget: ${error.message}`); // a newer page on an older relay
  } else if (error.cid === undefined) {
    passing.notify("error", error.code, error.message);
  }
}

/** More or fewer rights than before: what of it somebody would notice is said. */
function regarded({ standing, passing }: Parts, rights: Rights): void {
  const before = standing.rights.peek();
  standing.changed(rights);
  const tell = (text: string) => passing.notify("info", "rights", text);
  if (rights.moderate && !before.moderate) tell("You are a moderator of this room now.");
  else if (!rights.publish && before.publish)
    tell("You may no longer share sound and picture here.");
  else if (rights.publish && !before.publish) tell("You may share sound and picture here now.");
}

function moderated(parts: Parts, message: Extract<FromRelay, { type: "moderated" }>): void {
  const { roster, passing, emitter } = parts;
  const { action, by } = message;
  const target = message.target ?? null;
  if (action === "mute" && target !== null && target === roster.you.peek()?.id) {
    const name = roster.participants.peek().get(by)?.user.display_name ?? "A moderator";
    parts.setState({ microphone: false });
    passing.notify("info", "muted", `${name} muted you.`);
  }
  emitter.emit("moderated", { action, by, target });
}
