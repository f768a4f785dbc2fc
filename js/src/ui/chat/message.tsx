/** One message of the chat. */

import { Component, type JSX } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { ChatMessage, Session } from "../../session/index.js";
import { Avatar } from "../avatar.js";
import { EmojiPicker } from "../emoji.js";
import { Icon } from "../icons.js";
import { plainName } from "../people.js";
import { strings } from "../strings.js";
import { dateTime, timeOfDay, timeShort } from "../time.js";
import { startEditing, startReply, useRoom } from "../view.js";
import { BundleCard } from "./bundle.js";
import { Markup } from "./markup.js";

export interface MessageProps {
  readonly message: ChatMessage;
  readonly compact: boolean;
  /** The message answered, if this one answers one; undefined when it is not loaded. */
  readonly answered: ChatMessage | undefined;
  /** Whether the arrow keys are on this message. */
  readonly current: boolean;
  readonly onShow: (key: string) => void;
}

/** Rendered again only when something it shows has changed: a long chat stays cheap. */
export class Message extends Component<MessageProps> {
  override shouldComponentUpdate(next: MessageProps): boolean {
    const now = this.props;
    return (
      next.message !== now.message ||
      next.compact !== now.compact ||
      next.answered !== now.answered ||
      next.current !== now.current
    );
  }

  override render(): JSX.Element {
    return <Row {...this.props} />;
  }
}

/** The words of a message in one line, for previews and announcements. */
export function preview(message: ChatMessage): string {
  if (message.deleted) return strings.deleted;
  const body = message.body
    .replace(/```\w*/g, "")
    .replace(/[`*_~>#]+/g, "")
    .replace(/\s+/g, " ")
    .trim();
  return body === "" ? strings.output : body.slice(0, 140);
}

function Row({ message, compact, answered, current, onShow }: MessageProps): JSX.Element {
  const [pointed, setPointed] = useState(false);
  const [focused, setFocused] = useState(false);
  const who = plainName(message.by);
  const { session } = useRoom();
  const live = session.phase.value.kind === "live";
  const showTools = (pointed || focused) && live && !message.deleted && message.id !== null;
  return (
    <li
      class="mw-message"
      data-testid="mw-message"
      data-key={message.key}
      data-compact={compact}
      data-own={message.own}
      data-delivery={message.delivery.kind}
      tabIndex={current ? 0 : -1}
      onPointerEnter={() => setPointed(true)}
      onPointerLeave={() => setPointed(false)}
      onFocusIn={() => setFocused(true)}
      onFocusOut={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget as Node | null)) setFocused(false);
      }}
    >
      {compact ? (
        <time class="mw-message-aside" title={dateTime(message.at)}>
          {timeShort(message.at)}
        </time>
      ) : (
        <Avatar who={message.by} size={28} />
      )}
      <div class="mw-message-main">
        {message.replyTo !== null && <Answered message={answered} onShow={onShow} />}
        {!compact && (
          <p class="mw-message-head">
            <b class="mw-ellipsis">{who}</b>
            {message.by.kind !== "person" && (
              <span class="mw-tag">
                {message.by.kind === "kernel" ? strings.kernelTag : strings.guestTag}
              </span>
            )}
            <time title={dateTime(message.at)}>{timeOfDay(message.at)}</time>
          </p>
        )}
        {!compact && message.to && <Audience to={message.to} />}
        {message.deleted ? (
          <p class="mw-muted mw-gone">{strings.deleted}</p>
        ) : (
          <>
            {message.body !== "" && <Markup body={message.body} />}
            {message.data && <BundleCard data={message.data} from={who} />}
            {message.editedAt !== null && (
              <span class="mw-muted mw-edited" title={dateTime(message.editedAt)}>
                {strings.edited}
              </span>
            )}
          </>
        )}
        {message.reactions.length > 0 && <Chips message={message} />}
        <Fate message={message} />
      </div>
      {showTools && <Tools message={message} />}
    </li>
  );
}

function Answered({
  message,
  onShow,
}: {
  message: ChatMessage | undefined;
  onShow: (key: string) => void;
}): JSX.Element {
  if (!message) return <p class="mw-answered">{strings.replyGone}</p>;
  return (
    <button type="button" class="mw-answered" onClick={() => onShow(message.key)}>
      <Icon name="reply" size={14} />
      <b>{plainName(message.by)}</b> <span class="mw-ellipsis">{preview(message)}</span>
    </button>
  );
}

function Audience({ to }: { to: readonly string[] }): JSX.Element {
  const { session } = useRoom();
  const people = session.participants.value;
  const list = to.map((id) => {
    const who = people.get(id);
    return who ? plainName(who) : "…";
  });
  return (
    <span class="mw-tag">
      <Icon name="lock" size={11} /> {strings.privateTo(strings.names(list))}
    </span>
  );
}

/** Settles an action on a message; a refusal becomes a line for the person. */
function attempt(session: Session, action: Promise<void>): void {
  action.catch((error: unknown) => {
    const failure = error as { code?: string; message?: string };
    session.notify("error", failure.code ?? "failed", failure.message ?? strings.moderateFailed);
  });
}

function Chips({ message }: { message: ChatMessage }): JSX.Element {
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

/** What became of an own message that is not yet, or not at all, with the others. */
function Fate({ message }: { message: ChatMessage }): JSX.Element | null {
  const { session } = useRoom();
  const { delivery, cid } = message;
  if (delivery.kind === "pending") return <p class="mw-fate mw-muted">{strings.sending}</p>;
  if (delivery.kind === "sent" || cid === null) return null;
  return (
    <p class="mw-fate mw-failed" role="alert">
      <Icon name="alert" size={14} />
      <span>{strings.failed(delivery.reason)}</span>
      <button type="button" class="mw-link" onClick={() => session.retry(cid)}>
        {strings.retry}
      </button>
      <button type="button" class="mw-link" onClick={() => session.discard(cid)}>
        {strings.discard}
      </button>
    </p>
  );
}

function Tools({ message }: { message: ChatMessage }): JSX.Element {
  const { session, state } = useRoom();
  const add = useRef<HTMLButtonElement>(null);
  const [picking, setPicking] = useState(false);
  const [sure, setSure] = useState(false);
  const confirm = useRef<HTMLButtonElement>(null);
  // The button that was pressed gives way to the question: the focus goes on there.
  useLayoutEffect(() => {
    if (sure) confirm.current?.focus({ preventScroll: true });
  }, [sure]);
  const id = message.id ?? "";
  if (sure) {
    return (
      <div class="mw-tools" data-sure>
        <span>{strings.deleteSure}</span>
        <button
          type="button"
          class="mw-link mw-danger"
          ref={confirm}
          onClick={() => attempt(session, session.remove(id))}
        >
          {strings.deleteYes}
        </button>
        <button type="button" class="mw-link" onClick={() => setSure(false)}>
          {strings.cancel}
        </button>
      </div>
    );
  }
  const tool = (
    icon: "reply" | "edit" | "trash",
    label: string,
    onClick: () => void,
  ): JSX.Element => (
    <button type="button" class="mw-tool" title={label} aria-label={label} onClick={onClick}>
      <Icon name={icon} size={16} />
    </button>
  );
  return (
    <div class="mw-tools">
      <button
        type="button"
        class="mw-tool"
        ref={add}
        title={strings.addReaction}
        aria-label={strings.addReaction}
        aria-haspopup="dialog"
        aria-expanded={picking}
        onClick={() => setPicking(!picking)}
      >
        <Icon name="smile" size={16} />
      </button>
      {picking && (
        <EmojiPicker
          anchor={add}
          onClose={() => setPicking(false)}
          onPick={(emoji) => {
            const mine = message.reactions.some((had) => had.emoji === emoji && had.mine);
            attempt(session, session.react(id, emoji, !mine));
            setPicking(false);
          }}
        />
      )}
      {tool("reply", strings.reply, () => startReply(state, message))}
      {message.own && tool("edit", strings.edit, () => startEditing(state, message))}
      {message.own && tool("trash", strings.delete, () => setSure(true))}
    </div>
  );
}
