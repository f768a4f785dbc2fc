/** Where messages are written: Enter sends, Shift+Enter starts a new line. */

import type { JSX, TargetedKeyboardEvent } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { EmojiPicker } from "../emoji.js";
import { Icon } from "../icons.js";
import { plainName } from "../people.js";
import { strings } from "../strings.js";
import { startEditing, useRoom } from "../view.js";
import { preview } from "./message.js";

/** The composer grows to this height, then scrolls, pixels. */
const MAX_HEIGHT = 160;

const utf8 = new TextEncoder();

/** As high as its text; an empty one has one line, however narrow its placeholder is. */
function fit(element: HTMLTextAreaElement): void {
  element.style.height = "auto";
  const needed = element.value === "" ? 0 : element.scrollHeight;
  if (needed > 0) element.style.height = `${Math.min(MAX_HEIGHT, needed)}px`;
  element.style.overflowY = needed > MAX_HEIGHT ? "auto" : "hidden";
}

export function Composer(): JSX.Element {
  const { session, state } = useRoom();
  const box = useRef<HTMLTextAreaElement>(null);
  const smile = useRef<HTMLButtonElement>(null);
  const [picking, setPicking] = useState(false);
  const replyTo = state.replyTo.value;
  const editing = state.editing.value;
  const draft = state.draft.value;
  const most = session.limits.value?.body_bytes ?? Number.POSITIVE_INFINITY;
  const over = utf8.encode(draft).byteLength - most;
  const live = session.phase.value.kind === "live";
  const observer = session.you.value?.role === "observer";
  const mute = !session.rights.value.chat;

  useEffect(() => {
    if (editing || replyTo) box.current?.focus({ preventScroll: true });
  }, [editing, replyTo]);

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

  const done = (): void => {
    state.draft.value = "";
    state.replyTo.value = null;
    state.editing.value = null;
    session.setTyping(false);
  };
  const fail = (error: unknown): void => {
    const failure = error as { code?: string; message?: string };
    session.notify("error", failure.code ?? "failed", failure.message ?? strings.failed(undefined));
  };
  const send = (): void => {
    const body = draft.trim();
    if (body === "" || over > 0) return;
    try {
      if (editing?.id) void session.edit(editing.id, body).catch(fail);
      else session.say(body, replyTo?.id ? { replyTo: replyTo.id } : {});
      done();
    } catch (error) {
      fail(error);
    }
  };
  const cancel = (): void => {
    if (editing) state.draft.value = "";
    state.replyTo.value = null;
    state.editing.value = null;
    box.current?.focus({ preventScroll: true });
  };
  const insert = (text: string): void => {
    const element = box.current;
    const at = element?.selectionStart ?? draft.length;
    const end = element?.selectionEnd ?? at;
    state.draft.value = draft.slice(0, at) + text + draft.slice(end);
    setPicking(false);
    requestAnimationFrame(() => {
      element?.focus({ preventScroll: true });
      element?.setSelectionRange(at + text.length, at + text.length);
    });
  };
  const onKeyDown = (event: TargetedKeyboardEvent<HTMLTextAreaElement>): void => {
    // Every key belongs to the text: Ctrl+Enter, for one, would run the notebook's cell.
    event.stopPropagation();
    if (event.isComposing) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      send();
    } else if (event.key === "Escape" && (replyTo || editing)) {
      cancel();
    } else if (event.key === "ArrowUp" && draft === "" && !editing) {
      const own = session.messages.value.filter((message) => message.own && !message.deleted);
      const last = own.at(-1);
      if (!last?.id) return;
      event.preventDefault();
      startEditing(state, last);
    }
  };
  if (mute) {
    return (
      <p class="mw-composer-note" data-testid="mw-read-only">
        {observer ? strings.readOnly : strings.noChat}
      </p>
    );
  }
  const about = editing ?? replyTo;
  return (
    <div class="mw-composer-frame">
      {about && (
        <div class="mw-about">
          <Icon name={editing ? "edit" : "reply"} size={14} />
          <b>{editing ? strings.editing : strings.replyTo(plainName(about.by))}</b>
          <span class="mw-ellipsis">{preview(about)}</span>
          <button
            type="button"
            class="mw-tool"
            aria-label={editing ? strings.cancelEdit : strings.cancelReply}
            title={editing ? strings.cancelEdit : strings.cancelReply}
            onClick={cancel}
          >
            <Icon name="close" size={14} />
          </button>
        </div>
      )}
      <div class="mw-composer" data-over={over > 0}>
        <textarea
          ref={box}
          rows={1}
          value={draft}
          placeholder={strings.placeholder(session.room)}
          aria-label={strings.placeholder(session.room)}
          data-testid="mw-chat-input"
          data-lm-suppress-shortcuts="true"
          onInput={(event) => {
            state.draft.value = event.currentTarget.value;
            session.setTyping(event.currentTarget.value !== "");
          }}
          onKeyDown={onKeyDown}
          onBlur={() => session.setTyping(false)}
        />
        <button
          type="button"
          class="mw-tool"
          ref={smile}
          title={strings.insertEmoji}
          aria-label={strings.insertEmoji}
          aria-haspopup="dialog"
          aria-expanded={picking}
          onClick={() => setPicking(!picking)}
        >
          <Icon name="smile" size={18} />
        </button>
        {picking && (
          <EmojiPicker anchor={smile} all onPick={insert} onClose={() => setPicking(false)} />
        )}
        <button
          type="button"
          class="mw-tool mw-send"
          data-testid="mw-chat-send"
          title={editing ? strings.saveEdit : strings.sendMessage}
          aria-label={editing ? strings.saveEdit : strings.sendMessage}
          disabled={draft.trim() === "" || over > 0}
          onClick={send}
        >
          <Icon name={editing ? "check" : "send"} size={18} />
        </button>
      </div>
      {over > 0 && (
        <p class="mw-composer-note mw-failed" role="alert">
          {strings.tooLong(over)}
        </p>
      )}
      {!live && over <= 0 && draft !== "" && <p class="mw-composer-note">{strings.offline}</p>}
    </div>
  );
}
