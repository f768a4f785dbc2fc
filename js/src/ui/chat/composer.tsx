/** Where messages are written: Enter sends, Shift+Enter starts a new line. */

import type { JSX, TargetedKeyboardEvent } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { EmojiPicker } from "../emoji.js";
import { Later } from "../later/later.js";
import { plainName } from "../people.js";
import { PlaceChip } from "../place-chip.js";
import { strings } from "../strings.js";
import { ToolButton } from "../tool-button.js";
import { startEditing, useRoom } from "../view.js";
import { About } from "./about.js";
import { AskNotify } from "./ask-notify.js";
import { Attach } from "./attach.js";
import { fail } from "./attempt.js";
import { withEmoji } from "./completion.js";
import { composingOf } from "./composing.js";
import { DropZone, filesPasted } from "./drop.js";
import { preview } from "./preview.js";
import { PrivateLine } from "./private.js";
import { problemOf, sendNext } from "./sending.js";
import { Suggestions } from "./suggestions.js";
import { UploadTray } from "./upload-tray.js";
import { useCompletion } from "./use-completion.js";

/** The composer grows to this height, then scrolls, pixels. */
const MAX_HEIGHT = 160;

/** As high as its text; an empty one has one line, however narrow its placeholder is. */
function fit(element: HTMLTextAreaElement): void {
  element.style.height = "auto";
  const needed = element.value === "" ? 0 : element.scrollHeight;
  if (needed > 0) element.style.height = `${Math.min(MAX_HEIGHT, needed)}px`;
  element.style.overflowY = needed > MAX_HEIGHT ? "auto" : "hidden";
}

export function Composer(): JSX.Element {
  const { session } = useRoom();
  if (!session.rights.value.chat) {
    const observer = session.you.value?.role === "observer";
    return (
      <p class="mw-composer-note" data-testid="mw-read-only">
        {observer ? strings.readOnly : strings.noChat}
      </p>
    );
  }
  return <Writing />;
}

function Writing(): JSX.Element {
  const view = useRoom();
  const { session, state } = view;
  const composing = composingOf(session);
  const box = useRef<HTMLTextAreaElement>(null);
  const smile = useRef<HTMLButtonElement>(null);
  const [picking, setPicking] = useState(false);
  /** Whether somebody wanted to send what cannot be sent yet: then it is said why. */
  const [tried, setTried] = useState(false);
  const replyTo = state.replyTo.value;
  const editing = state.editing.value;
  const draft = state.draft.value;
  const { poll, readers, place, summoned, uploads } = composing;
  const live = session.phase.value.kind === "live";
  const problem = problemOf(view);

  useEffect(() => {
    if (editing || replyTo || summoned.value > 0) box.current?.focus({ preventScroll: true });
  }, [editing, replyTo, summoned.value]);

  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    fit(element);
    // The text breaks differently at another width.
    let width = element.clientWidth;
    const watch = new ResizeObserver(() => {
      if (element.clientWidth === width) return;
      width = element.clientWidth;
      fit(element);
    });
    watch.observe(element);
    return () => watch.disconnect();
  }, [draft]);

  /** Puts `text` in the place of what stands from `from` to the end of the selection. */
  const replace = (from: number, text: string): void => {
    const element = box.current;
    const value = state.draft.peek();
    const end = element?.selectionEnd ?? value.length;
    state.draft.value = value.slice(0, from) + text + value.slice(end);
    requestAnimationFrame(() => {
      element?.focus({ preventScroll: true });
      element?.setSelectionRange(from + text.length, from + text.length);
    });
  };
  const completing = useCompletion({ session, box, onReplace: replace });
  const send = (): void => {
    setTried(problem !== null && problem.kind !== "empty");
    if (problem) return;
    completing.close();
    try {
      sendNext(view);
    } catch (error) {
      fail(session, error);
    }
  };
  const cancel = (): void => {
    if (editing) state.draft.value = "";
    state.replyTo.value = null;
    state.editing.value = null;
    box.current?.focus({ preventScroll: true });
  };
  const onInput = (element: HTMLTextAreaElement): void => {
    const before = element.value.slice(0, element.selectionEnd);
    const changed = withEmoji(before);
    state.draft.value = element.value;
    if (changed !== null) replaceBefore(element, changed);
    session.setTyping(state.draft.value !== "");
    setTried(false);
    completing.look();
  };
  /** Changes what stands before the cursor. */
  const replaceBefore = (element: HTMLTextAreaElement, text: string): void => {
    element.value = text + element.value.slice(element.selectionEnd);
    element.setSelectionRange(text.length, text.length);
    state.draft.value = element.value;
  };
  const onKeyDown = (event: TargetedKeyboardEvent<HTMLTextAreaElement>): void => {
    // Every key belongs to the text: Ctrl+Enter, for one, would run the notebook's cell.
    event.stopPropagation();
    if (event.isComposing || completing.takeKey(event)) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      send();
    } else if (event.key === "Escape" && (replyTo || editing)) {
      cancel();
    } else if (event.key === "ArrowUp" && draft === "" && !editing) {
      const last = session.messages.value.findLast(
        (message) => message.own && !message.deleted && message.body !== "" && message.id !== null,
      );
      if (!last) return;
      event.preventDefault();
      startEditing(state, last);
    }
  };
  const placeholder = poll.value
    ? strings.placeholderPoll
    : readers.value
      ? strings.placeholderPrivate
      : uploads.list.value.length > 0
        ? strings.placeholderFiles
        : strings.placeholder(session.room);
  const about = editing ?? replyTo;
  return (
    <>
      <DropZone inside={box} />
      <div class="mw-composer-frame" data-private={readers.value !== null && !editing}>
        {about && (
          <About
            icon={editing ? "edit" : "reply"}
            end={editing ? strings.cancelEdit : strings.cancelReply}
            onEnd={cancel}
          >
            <b>{editing ? strings.editing : strings.replyTo(plainName(about.by))}</b>
            <span class="mw-ellipsis">{preview(about)}</span>
          </About>
        )}
        {!editing && (
          <div class="mw-extras">
            <AskNotify />
            <PrivateLine />
            {place.value && (
              <About
                end={strings.placeEnd}
                onEnd={() => {
                  place.value = null;
                }}
              >
                <PlaceChip place={place.value} verb={strings.lookAt} />
              </About>
            )}
            {poll.value && <Later of="PollForm" props={{}} />}
            <UploadTray />
          </div>
        )}
        {completing.completion && (
          <Suggestions
            id={completing.id}
            offers={completing.completion.offers}
            active={completing.active}
            onPick={completing.pick}
          />
        )}
        <div class="mw-composer" data-over={problem?.kind === "long"}>
          {!editing && <Attach />}
          <textarea
            ref={box}
            rows={1}
            value={draft}
            placeholder={placeholder}
            aria-label={placeholder}
            data-testid="mw-chat-input"
            data-lm-suppress-shortcuts="true"
            {...completing.aria}
            onInput={(event) => onInput(event.currentTarget)}
            onKeyDown={onKeyDown}
            onKeyUp={(event) =>
              /^(Arrow(Left|Right)|Home|End)$/.test(event.key) && completing.look()
            }
            onClick={completing.look}
            onPaste={(event) => uploads.add(filesPasted(event))}
            onBlur={() => {
              session.setTyping(false);
              completing.close();
            }}
          />
          <ToolButton
            icon="smile"
            size={18}
            label={strings.insertEmoji}
            opens={{ anchor: smile, open: picking }}
            onClick={() => setPicking(!picking)}
          />
          {picking && (
            <EmojiPicker
              anchor={smile}
              all
              onPick={(emoji) => {
                setPicking(false);
                replace(box.current?.selectionStart ?? draft.length, emoji);
              }}
              onClose={() => setPicking(false)}
            />
          )}
          <ToolButton
            icon={editing ? "check" : "send"}
            size={18}
            label={editing ? strings.saveEdit : strings.sendMessage}
            className="mw-send"
            testId="mw-chat-send"
            disabled={problem !== null}
            onClick={send}
          />
        </div>
        {problem && problem.kind !== "readers" && (tried || problem.kind === "long") && (
          <p class="mw-composer-note mw-failed" role="alert">
            {problem.text}
          </p>
        )}
        {!live && problem === null && <p class="mw-composer-note">{strings.offline}</p>}
      </div>
    </>
  );
}
