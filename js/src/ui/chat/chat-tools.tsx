/** What can be done with the chat as a whole: search it, save it. */

import type { JSX } from "preact";
import { Icon } from "../icons.js";
import { strings } from "../strings.js";
import { useRoom } from "../view.js";
import { readingOf } from "./reading.js";
import { Transcript } from "./transcript.js";

export function ChatTools(): JSX.Element {
  const { session } = useRoom();
  const { searching } = readingOf(session);
  return (
    <span class="mw-chat-tools">
      <button
        type="button"
        class="mw-tool"
        title={strings.searchHow}
        aria-label={strings.search}
        aria-pressed={searching.value}
        data-testid="mw-search"
        onClick={() => {
          searching.value = !searching.value;
        }}
      >
        <Icon name="search" size={18} />
      </button>
      <Transcript />
    </span>
  );
}
