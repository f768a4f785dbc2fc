/** One message of the chat. */

import { Component, type JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { ChatMessage } from "../../session/index.js";
import { Avatar } from "../avatar.js";
import { Icon } from "../icons.js";
import { plainName } from "../people.js";
import { PlaceChip } from "../place-chip.js";
import { strings } from "../strings.js";
import { dateTime, timeOfDay, timeShort } from "../time.js";
import { useRoom } from "../view.js";
import { BundleCard } from "./bundle.js";
import { Fate } from "./fate.js";
import { Files } from "./files.js";
import { Markup } from "./markup.js";
import { PollCard } from "./poll.js";
import { preview } from "./preview.js";
import { PrivateMark } from "./private.js";
import { Reactions } from "./reactions.js";
import { showMessage } from "./reading.js";
import { Tools } from "./tools.js";

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

function Row({ message, compact, answered, current, onShow }: MessageProps): JSX.Element {
  const row = useRef<HTMLLIElement>(null);
  const [pointed, setPointed] = useState(false);
  const [focused, setFocused] = useState(false);
  useEffect(() => {
    const page = row.current?.ownerDocument;
    if (!pointed || !page) return;
    // Browsers tell nothing of leaving when what is under the pointer goes: a menu that closes.
    const over = (event: Event): void => {
      if (row.current && !event.composedPath().includes(row.current)) setPointed(false);
    };
    page.addEventListener("pointerover", over);
    return () => page.removeEventListener("pointerover", over);
  }, [pointed]);
  const who = plainName(message.by);
  const { session } = useRoom();
  const live = session.phase.value.kind === "live";
  const showTools = (pointed || focused) && live && !message.deleted && message.id !== null;
  return (
    <li
      ref={row}
      class="mw-message"
      data-testid="mw-message"
      data-key={message.key}
      data-compact={compact}
      data-own={message.own}
      data-private={message.to !== null}
      data-mentions-me={message.mentionsMe}
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
        {message.replyTo !== null && (
          <Answered message={answered} id={message.replyTo} onShow={onShow} />
        )}
        {!compact && (
          <p class="mw-message-head">
            <b class="mw-ellipsis">{who}</b>
            {message.by.kind !== "person" && (
              <span class="mw-tag">
                {message.by.kind === "kernel" ? strings.kernelTag : strings.guestTag}
              </span>
            )}
            <time title={dateTime(message.at)}>{timeOfDay(message.at)}</time>
            {message.pinned && <PinMark />}
          </p>
        )}
        {message.to && <PrivateMark message={message} hidden={compact} />}
        {message.deleted ? (
          <p class="mw-muted mw-gone">{strings.deleted}</p>
        ) : (
          <>
            {message.body !== "" && <Markup body={message.body} mentions={message.mentions} />}
            {message.poll && <PollCard message={message} poll={message.poll} />}
            {message.data && (
              <BundleCard data={message.data} from={who} location={message.location} />
            )}
            {message.files.length > 0 && <Files files={message.files} />}
            {message.location && !message.data && (
              <PlaceChip place={message.location} verb={strings.lookAt} />
            )}
            {compact && message.pinned && <PinMark />}
            {message.editedAt !== null && (
              <span class="mw-muted mw-edited" title={dateTime(message.editedAt)}>
                {strings.edited}
              </span>
            )}
          </>
        )}
        {message.reactions.length > 0 && <Reactions message={message} />}
        <Fate message={message} />
      </div>
      {showTools && <Tools message={message} />}
    </li>
  );
}

function PinMark(): JSX.Element {
  return (
    <span class="mw-message-pin" title={strings.pinnedTag}>
      <Icon name="pin" size={12} />
      <span class="mw-hidden">{strings.pinnedTag}</span>
    </span>
  );
}

function Answered({
  message,
  id,
  onShow,
}: {
  message: ChatMessage | undefined;
  id: string;
  onShow: (key: string) => void;
}): JSX.Element {
  const view = useRoom();
  return (
    <button
      type="button"
      class="mw-answered"
      onClick={() => (message ? onShow(message.key) : showMessage(view, id))}
    >
      <Icon name="reply" size={14} />
      {message ? (
        <>
          <b>{plainName(message.by)}</b> <span class="mw-ellipsis">{preview(message)}</span>
        </>
      ) : (
        strings.replyGone
      )}
    </button>
  );
}
