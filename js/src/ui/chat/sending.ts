/** From what stands in the composer to a message. */

import type { SayOptions } from "../../session/index.js";
import { plainName } from "../people.js";
import { strings } from "../strings.js";
import type { RoomView } from "../view.js";
import { attempt } from "./attempt.js";
import { composingOf } from "./composing.js";
import { mentionable, mentionsIn } from "./mentions.js";
import { answersOf } from "./poll-draft.js";
import { addresses } from "./private.js";

const utf8 = new TextEncoder();

/** Why what is written cannot be sent as it is. */
export interface Problem {
  readonly kind: "empty" | "long" | "poll" | "files" | "readers";
  /** One sentence; empty where nothing needs to be said. */
  readonly text: string;
}

export function problemOf({ session, state }: RoomView): Problem | null {
  const { poll, readers, uploads } = composingOf(session);
  const body = state.draft.value.trim();
  const most = session.limits.value?.body_bytes ?? Number.POSITIVE_INFINITY;
  const over = utf8.encode(state.draft.value).byteLength - most;
  if (over > 0) return { kind: "long", text: strings.tooLong(over) };
  if (state.editing.value) return body === "" ? { kind: "empty", text: "" } : null;
  const draft = poll.value;
  if (draft && (body === "" || !answersOf(draft))) {
    return { kind: "poll", text: strings.pollNeeds };
  }
  const files = uploads.list.value;
  const failed = files.find(({ problem }) => problem !== null);
  if (failed) return { kind: "files", text: strings.uploadFailedNamed(failed.name) };
  if (files.some(({ file }) => file === null)) {
    return { kind: "files", text: strings.uploadsFirst };
  }
  if (body === "" && files.length === 0) return { kind: "empty", text: "" };
  const gone = readers.value ? addresses(session, readers.value).gone : [];
  if (gone.length > 0) {
    const names = strings.names(gone.map((user) => plainName({ user })));
    return { kind: "readers", text: strings.privateGone(names) };
  }
  return null;
}

/** Sends or saves what is written; throws if it cannot be. Call only without a problem. */
export function sendNext(view: RoomView): void {
  const { session, state } = view;
  const composing = composingOf(session);
  const body = state.draft.value.trim();
  const editing = state.editing.value;
  if (editing?.id) {
    attempt(session, session.edit(editing.id, body));
  } else {
    session.say(body, optionsOf(view, body));
    composing.uploads.clear();
    composing.poll.value = null;
    composing.place.value = null;
  }
  state.draft.value = "";
  state.replyTo.value = null;
  state.editing.value = null;
  session.setTyping(false);
}

function optionsOf({ session, state }: RoomView, body: string): SayOptions {
  const { poll, place, readers, uploads } = composingOf(session);
  const files = uploads.list.value.flatMap(({ file }) => file ?? []);
  const mentions = mentionsIn(body, mentionable(session));
  const answers = poll.value && answersOf(poll.value);
  const replyTo = state.replyTo.value?.id;
  return {
    ...(replyTo ? { replyTo } : {}),
    ...(readers.value ? { to: addresses(session, readers.value).ids } : {}),
    ...(poll.value && answers
      ? { poll: { options: [...answers], multiple: poll.value.multiple } }
      : {}),
    ...(files.length > 0 ? { files } : {}),
    ...(mentions.length > 0 ? { mentions } : {}),
    ...(place.value ? { location: place.value } : {}),
  };
}
