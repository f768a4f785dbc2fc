/** What can be done with a message: appears on it under the pointer and with the focus. */

import type { JSX } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { ChatMessage, Participant } from "../../session/index.js";
import { EmojiPicker } from "../emoji.js";
import { Icon, type IconName } from "../icons.js";
import { Popover } from "../popover.js";
import { strings } from "../strings.js";
import { ToolButton } from "../tool-button.js";
import { type RoomView, startEditing, startReply, useRoom } from "../view.js";
import { attempt } from "./attempt.js";
import { writeTo } from "./composing.js";
import { othersIn } from "./private.js";

export function Tools({ message }: { message: ChatMessage }): JSX.Element {
  const { session, state } = useRoom();
  const [sure, setSure] = useState(false);
  const confirm = useRef<HTMLButtonElement>(null);
  // The button that was pressed gives way to the question: the focus goes on there.
  useLayoutEffect(() => {
    if (sure) confirm.current?.focus({ preventScroll: true });
  }, [sure]);
  if (sure) {
    return (
      <div class="mw-tools" data-sure>
        <span>{strings.deleteSure}</span>
        <button
          type="button"
          class="mw-link mw-danger"
          ref={confirm}
          onClick={() => attempt(session, session.remove(message.id ?? ""))}
        >
          {strings.deleteYes}
        </button>
        <button type="button" class="mw-link" onClick={() => setSure(false)}>
          {strings.cancel}
        </button>
      </div>
    );
  }
  const may = session.rights.value.chat;
  const reply = (): void => {
    startReply(state, message);
    // What was said in private is answered in private, unless one chooses otherwise.
    if (message.to) writeTo(session, othersIn(session, message));
  };
  return (
    <div class="mw-tools">
      {may && <AddReaction message={message} />}
      {may && <ToolButton icon="reply" label={strings.reply} onClick={reply} />}
      {may && message.own && message.body !== "" && (
        <ToolButton icon="edit" label={strings.edit} onClick={() => startEditing(state, message)} />
      )}
      <More message={message} onDelete={() => setSure(true)} />
    </div>
  );
}

function AddReaction({ message }: { message: ChatMessage }): JSX.Element {
  const { session } = useRoom();
  const button = useRef<HTMLButtonElement>(null);
  const [picking, setPicking] = useState(false);
  return (
    <>
      <ToolButton
        icon="smile"
        label={strings.addReaction}
        opens={{ anchor: button, open: picking }}
        onClick={() => setPicking(!picking)}
      />
      {picking && (
        <EmojiPicker
          anchor={button}
          onClose={() => setPicking(false)}
          onPick={(emoji) => {
            const mine = message.reactions.some((had) => had.emoji === emoji && had.mine);
            attempt(session, session.react(message.id ?? "", emoji, !mine));
            setPicking(false);
          }}
        />
      )}
    </>
  );
}

interface Entry {
  readonly icon: IconName;
  readonly label: string;
  readonly onClick: () => void;
  readonly danger?: boolean;
}

/** What is done less often, with words. */
function More(props: { message: ChatMessage; onDelete: () => void }): JSX.Element {
  const view = useRoom();
  const button = useRef<HTMLButtonElement>(null);
  const [open, setOpen] = useState(false);
  return (
    <>
      <ToolButton
        icon="more"
        label={strings.moreTools}
        testId="mw-message-more"
        opens={{ anchor: button, open }}
        onClick={() => setOpen(!open)}
      />
      {open && (
        <Popover
          anchor={button}
          label={strings.moreTools}
          onClose={() => setOpen(false)}
          className="mw-menu"
        >
          <ul>
            {entriesFor(view, props.message, props.onDelete).map(({ icon, label, ...entry }) => (
              <li key={label}>
                <button
                  type="button"
                  class={`mw-menu-item ${entry.danger ? "mw-danger" : ""}`}
                  onClick={() => {
                    setOpen(false);
                    entry.onClick();
                  }}
                >
                  <Icon name={icon} size={16} />
                  {label}
                </button>
              </li>
            ))}
          </ul>
        </Popover>
      )}
    </>
  );
}

function entriesFor(
  { session, state }: RoomView,
  message: ChatMessage,
  onDelete: () => void,
): readonly Entry[] {
  const { moderate } = session.rights.value;
  const { by, own, pinned, poll } = message;
  const id = message.id ?? "";
  const entries: Entry[] = [];
  if (message.body !== "") {
    entries.push({
      icon: "copy",
      label: strings.copyText,
      onClick: () => copy(message.body).catch(refused),
    });
  }
  const here = [...session.participants.value.values()];
  const may = session.rights.value.chat;
  if (may && by.user.name !== session.you.value?.user.name && here.some(isAuthor)) {
    entries.push({
      icon: "lock",
      label: strings.privateReply,
      onClick: () => {
        startReply(state, message);
        writeTo(session, [by.user]);
      },
    });
  }
  if (moderate && message.to === null) {
    entries.push({
      icon: "pin",
      label: pinned ? strings.unpinMessage : strings.pinMessage,
      onClick: () => attempt(session, session.pin(id, !pinned)),
    });
  }
  if (poll && !poll.closed && (own || moderate)) {
    entries.push({
      icon: "check",
      label: strings.pollClose,
      onClick: () => attempt(session, session.closePoll(id)),
    });
  }
  if (own || moderate) {
    entries.push({ icon: "trash", label: strings.delete, danger: true, onClick: onDelete });
  }
  return entries;

  function isAuthor({ user }: Participant): boolean {
    return user.name === by.user.name;
  }
  function refused(): void {
    session.notify("error", "copy", strings.copyRefused);
  }
}

/** Copies text; rejects where the browser does not allow it (plain HTTP). */
async function copy(text: string): Promise<void> {
  await navigator.clipboard.writeText(text);
}
