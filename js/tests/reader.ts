/**
 * Reads logs for `tests/unit/fold`, as the browser's chat does: takes one walk through a room a line
 * (JSON on standard input) and answers with what is to be read then, one line each.
 */

import { createInterface } from "node:readline";
import { Chat } from "../src/session/chat.js";
import { Outbox } from "../src/session/outbox.js";
import type { ChatMessage } from "../src/session/types.js";
import type { By, LoggedEvent } from "../src/wire/index.js";
import { keepKnownEvents } from "../src/wire/relay-frames.js";

type Step =
  | { readonly live: LoggedEvent }
  /** A page of history; `from`: everything from this offset on is known with it. */
  | { readonly page: readonly LoggedEvent[]; readonly from?: number; readonly more?: boolean }
  | {
      readonly welcome: readonly LoggedEvent[];
      readonly pinned: readonly LoggedEvent[];
      readonly anew: boolean;
    };

interface Walk {
  readonly me: By;
  readonly steps: readonly Step[];
  /** Message ids to be told of, wherever they are in the log. */
  readonly ids: readonly string[];
}

const known = (events: readonly LoggedEvent[]) => {
  const kept = keepKnownEvents(events);
  if (kept.length !== events.length) throw new Error("the browser does not know an event");
  return kept;
};

const names = (people: readonly By[]) => people.map(({ id }) => id);

/** The same words as `reading.py`. */
function canonical(message: ChatMessage): unknown {
  const { poll } = message;
  return {
    id: message.id,
    offset: message.offset,
    at: message.at,
    by: message.by.id,
    body: message.body,
    data: message.data,
    reply_to: message.replyTo,
    readers: message.readers?.map(({ name }) => name) ?? null,
    files: message.files.map(({ id }) => id),
    mentions: message.mentions.map(({ name }) => name),
    location: message.location?.path ?? null,
    edited_at: message.editedAt,
    deleted: message.deleted,
    pinned: message.pinned,
    reactions: message.reactions.map(({ emoji, by }) => [emoji, names(by)]),
    poll: poll && {
      options: poll.options.map(({ by }) => names(by)),
      voters: poll.voters,
      closed: poll.closed,
    },
  };
}

function walk({ me, steps, ids }: Walk): unknown {
  const missing: string[] = [];
  const chat = new Chat(new Outbox(() => {}), (id) => missing.push(id));
  for (const step of steps) {
    if ("live" in step) chat.take(known([step.live]));
    else if ("welcome" in step) {
      chat.welcome(me, known(step.welcome), step.anew, known(step.pinned));
    } else {
      chat.learn(known(step.page));
      if (step.from !== undefined) chat.extend(step.from, step.more ?? false);
    }
  }
  return {
    newest: chat.messages.value.map(canonical),
    pinned: chat.pinned.value.map(({ id }) => id),
    missing,
    messages: ids.flatMap((id) => {
      const message = chat.message(id);
      return message ? [canonical(message)] : [];
    }),
  };
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(walk(JSON.parse(line)))}\n`);
}
