/** The emoji that people put on a message. */

import type { JSX } from "preact";
import type { ChatMessage } from "../../session/index.js";
import { plainName } from "../people.js";
import { strings } from "../strings.js";
import { useRoom } from "../view.js";
import { attempt } from "./attempt.js";

export function Reactions({ message }: { message: ChatMessage }): JSX.Element {
  const { session } = useRoom();
  return (
    <div class="mw-chips">
      {message.reactions.map(({ emoji, by, mine }) => {
        const who = strings.reactedBy(emoji, strings.names(by.map(plainName)));
        return (
          <button
            type="button"
            class="mw-chip"
            key={emoji}
            aria-pressed={mine}
            aria-label={who}
            title={who}
            onClick={() => {
              if (message.id) attempt(session, session.react(message.id, emoji, !mine));
            }}
          >
            {emoji} <span>{by.length}</span>
          </button>
        );
      })}
    </div>
  );
}
