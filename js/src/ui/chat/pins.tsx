/** The bar of pinned messages above the chat: the newest in one line, the others a click away. */

import type { JSX } from "preact";
import { useRef, useState } from "preact/hooks";
import type { ChatMessage } from "../../session/index.js";
import { Icon } from "../icons.js";
import { plainName } from "../people.js";
import { Popover } from "../popover.js";
import { strings } from "../strings.js";
import { dayLabel } from "../time.js";
import { useRoom } from "../view.js";
import { attempt } from "./attempt.js";
import { preview } from "./preview.js";
import { showMessage } from "./reading.js";

export function Pins(): JSX.Element | null {
  const view = useRoom();
  const all = useRef<HTMLButtonElement>(null);
  const [open, setOpen] = useState(false);
  const pinned = view.session.pinned.value;
  const newest = pinned.at(-1);
  if (!newest) return null;
  const text = preview(newest);
  return (
    <div class="mw-pins" data-testid="mw-pins">
      <button
        type="button"
        class="mw-pins-newest"
        aria-label={strings.pinnedGo(plainName(newest.by), text)}
        title={text}
        onClick={() => newest.id && showMessage(view, newest.id)}
      >
        <Icon name="pin" size={14} />
        <b class="mw-ellipsis">{plainName(newest.by)}</b>
        <span class="mw-ellipsis">{text}</span>
      </button>
      <button
        type="button"
        class="mw-tool mw-pins-all"
        ref={all}
        title={strings.pinnedShow}
        aria-label={`${strings.pinnedShow} (${pinned.length})`}
        aria-haspopup="dialog"
        aria-expanded={open}
        data-testid="mw-pins-all"
        onClick={() => setOpen(!open)}
      >
        {pinned.length > 1 && <span class="mw-count">{pinned.length}</span>}
        <Icon name="chevron" size={14} />
      </button>
      {open && (
        <Popover
          anchor={all}
          label={strings.pinnedList}
          onClose={() => setOpen(false)}
          className="mw-menu mw-pins-list"
        >
          <b>{strings.pinnedMessages(pinned.length)}</b>
          <ul>
            {[...pinned].reverse().map((message) => (
              <Pinned key={message.key} message={message} onChoose={() => setOpen(false)} />
            ))}
          </ul>
        </Popover>
      )}
    </div>
  );
}

interface PinnedProps {
  readonly message: ChatMessage;
  readonly onChoose: () => void;
}

function Pinned({ message, onChoose }: PinnedProps): JSX.Element {
  const view = useRoom();
  const { session } = view;
  const id = message.id ?? "";
  const text = preview(message);
  const live = session.phase.value.kind === "live";
  return (
    <li class="mw-pinned">
      <button
        type="button"
        class="mw-pinned-go"
        onClick={() => {
          onChoose();
          showMessage(view, id);
        }}
      >
        <span class="mw-message-head">
          <b class="mw-ellipsis">{plainName(message.by)}</b>
          <time>{dayLabel(message.at, Date.now())}</time>
        </span>
        <span class="mw-hit-text">{text}</span>
      </button>
      {live && session.rights.value.moderate && (
        <button
          type="button"
          class="mw-tool"
          title={strings.unpinMessage}
          aria-label={`${strings.unpinMessage}: ${text}`}
          onClick={() => attempt(session, session.pin(id, false))}
        >
          <Icon name="close" size={14} />
        </button>
      )}
    </li>
  );
}
