/** The chat: messages, who is typing, and where to write. */

import { useComputed } from "@preact/signals";
import type { JSX } from "preact";
import { plainName } from "../people.js";
import { strings } from "../strings.js";
import { useRoom } from "../view.js";
import { Composer } from "./composer.js";
import { Thread } from "./thread.js";

/** `readOnly`: after the meeting, when there is nobody to write to. */
export function Chat({ readOnly }: { readOnly: boolean }): JSX.Element {
  return (
    <div class="mw-chat">
      <Thread />
      {!readOnly && (
        <div class="mw-chat-foot">
          <Typing />
          <Composer />
        </div>
      )}
    </div>
  );
}

function Typing(): JSX.Element {
  const { session } = useRoom();
  const who = useComputed(() => {
    const people = session.participants.value;
    const list: string[] = [];
    for (const id of session.typing.value) {
      const participant = people.get(id);
      if (participant) list.push(plainName(participant));
    }
    return list.length === 0 ? "" : strings.typing(list);
  }).value;
  return <p class="mw-typing">{who}</p>;
}
