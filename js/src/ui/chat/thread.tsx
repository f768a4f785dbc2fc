/** The scrolling list of messages: sticks to the newest, loads older ones on the way up. */

import { useComputed } from "@preact/signals";
import type { JSX, TargetedKeyboardEvent } from "preact";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { ChatMessage } from "../../session/index.js";
import { Icon } from "../icons.js";
import { strings } from "../strings.js";
import { dayLabel } from "../time.js";
import { newestOffset, unreadCount, useRoom } from "../view.js";
import { Message } from "./message.js";
import { rowsOf } from "./rows.js";

/** Nearer to the end than this counts as being at the end, pixels. */
const END_PX = 48;
/** Nearer to the beginning than this loads older messages, pixels. */
const OLDER_PX = 120;

export function Thread(): JSX.Element {
  const { session, state } = useRoom();
  const messages = session.messages.value;
  const scroller = useRef<HTMLDivElement>(null);
  const list = useRef<HTMLOListElement>(null);
  const atEnd = useRef(true);
  const before = useRef({ height: 0, client: 0, first: "", last: "" });
  const [away, setAway] = useState(false);
  const [current, setCurrent] = useState<string | null>(null);
  const rows = useMemo(() => rowsOf(messages), [messages]);
  const byId = useMemo(() => new Map(messages.map((message) => [message.id, message])), [messages]);
  const unread = useComputed(() => unreadCount(session.messages.value, state.seen.value)).value;

  const markSeen = (): void => {
    if (document.visibilityState === "hidden") return;
    const newest = newestOffset(session.messages.value);
    if (newest > (state.seen.value ?? 0)) state.seen.value = newest;
  };
  const toEnd = (): void => {
    const element = scroller.current;
    if (element) element.scrollTop = element.scrollHeight;
  };

  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element) return;
    const first = messages[0]?.key ?? "";
    const newest = messages[messages.length - 1];
    const last = newest?.key ?? "";
    const justSent = newest?.delivery.kind === "pending" && last !== before.current.last;
    if (atEnd.current || justSent) {
      toEnd();
      markSeen();
    } else if (first !== before.current.first) {
      // Older messages came in above: what is being read stays where it is.
      element.scrollTop += element.scrollHeight - before.current.height;
    }
    before.current = { height: element.scrollHeight, client: element.clientHeight, first, last };
  }, [messages]);

  useEffect(() => {
    const element = scroller.current;
    if (!element || !list.current) return;
    // Pictures that load late and a composer that grows must not push the newest out of sight.
    const observer = new ResizeObserver(() => {
      if (atEnd.current) toEnd();
      before.current.height = element.scrollHeight;
      before.current.client = element.clientHeight;
    });
    observer.observe(element);
    observer.observe(list.current);
    const abort = new AbortController();
    document.addEventListener("visibilitychange", () => atEnd.current && markSeen(), {
      signal: abort.signal,
    });
    return () => {
      observer.disconnect();
      abort.abort();
    };
  }, []);

  const onScroll = (): void => {
    const element = scroller.current;
    if (!element) return;
    // A list that changes its size moves too, without anybody having scrolled; the observer follows.
    const { height, client } = before.current;
    if (element.scrollHeight !== height || element.clientHeight !== client) return;
    atEnd.current = element.scrollHeight - element.scrollTop - element.clientHeight < END_PX;
    setAway(!atEnd.current);
    if (atEnd.current) markSeen();
    const { more, loading, error } = session.history.value;
    if (element.scrollTop < OLDER_PX && more && !loading && error === null) older();
  };
  const older = (): void => {
    void session.loadHistory().catch(() => undefined);
  };
  const show = (key: string): void => {
    const item = [...(list.current?.children ?? [])].find(
      (child) => (child as HTMLElement).dataset.key === key,
    );
    item?.scrollIntoView({ block: "center" });
    item?.setAttribute("data-flash", "");
    setTimeout(() => item?.removeAttribute("data-flash"), 1600);
  };
  const moveCurrent = (event: TargetedKeyboardEvent<HTMLElement>): void => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step === 0 || !(event.target as HTMLElement).matches(".mw-message")) return;
    event.preventDefault();
    const at = messages.findIndex(
      (message) => message.key === (event.target as HTMLElement).dataset.key,
    );
    const next = messages[Math.max(0, Math.min(messages.length - 1, at + step))];
    if (!next) return;
    setCurrent(next.key);
    const item = list.current?.querySelector<HTMLElement>(`[data-key="${CSS.escape(next.key)}"]`);
    item?.focus();
  };
  const last: ChatMessage | undefined = messages[messages.length - 1];
  const currentKey = messages.some((message) => message.key === current) ? current : last?.key;

  return (
    <div class="mw-thread-frame">
      <div class="mw-thread" ref={scroller} onScroll={onScroll}>
        <Older onLoad={older} empty={messages.length === 0} />
        <ol class="mw-messages" ref={list} aria-label={strings.messages} onKeyDown={moveCurrent}>
          {rows.map((row) =>
            row.kind === "day" ? (
              <li class="mw-day" key={row.key}>
                <span>{dayLabel(row.at, Date.now())}</span>
              </li>
            ) : (
              <Message
                key={row.message.key}
                message={row.message}
                compact={row.compact}
                answered={row.message.replyTo === null ? undefined : byId.get(row.message.replyTo)}
                current={row.message.key === currentKey}
                onShow={show}
              />
            ),
          )}
        </ol>
      </div>
      {away && (
        <button
          type="button"
          class="mw-pill"
          data-unread={unread > 0}
          title={strings.toNewest}
          onClick={() => {
            toEnd();
            atEnd.current = true;
            setAway(false);
            markSeen();
          }}
        >
          <Icon name="down" size={14} />
          {unread > 0 ? strings.newMessages(unread) : strings.toNewest}
        </button>
      )}
    </div>
  );
}

function Older({ onLoad, empty }: { onLoad: () => void; empty: boolean }): JSX.Element | null {
  const { session } = useRoom();
  const { more, loading, error } = session.history.value;
  if (loading) return <p class="mw-older">{strings.loadingOlder}</p>;
  if (error !== null) {
    return (
      <p class="mw-older">
        {strings.olderFailed}{" "}
        <button type="button" class="mw-link" onClick={onLoad}>
          {strings.retry}
        </button>
      </p>
    );
  }
  if (more) {
    return (
      <p class="mw-older">
        <button type="button" class="mw-link" onClick={onLoad}>
          {strings.loadOlder}
        </button>
      </p>
    );
  }
  if (!empty) return null;
  return (
    <div class="mw-empty">
      <Icon name="chat" size={28} />
      <b>{strings.noMessages}</b>
      <p>{strings.noMessagesHint}</p>
    </div>
  );
}
