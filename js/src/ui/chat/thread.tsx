/** The scrolling list of messages: sticks to the newest, loads older ones on the way up. */

import { useComputed, useSignalEffect } from "@preact/signals";
import type { JSX, TargetedKeyboardEvent } from "preact";
import { useEffect, useLayoutEffect, useMemo, useReducer, useRef, useState } from "preact/hooks";
import { Icon } from "../icons.js";
import { strings } from "../strings.js";
import { dayLabel } from "../time.js";
import { unreadCount, useRoom } from "../view.js";
import { Edge } from "./edge.js";
import { markFound } from "./found.js";
import { ListWindow } from "./list-window.js";
import { Message } from "./message.js";
import { readingOf } from "./reading.js";
import { rowsOf } from "./rows.js";
import { Reader } from "./seen.js";
import { useGoal } from "./use-goal.js";

/** Nearer to the beginning, or to the end of a passage, than this loads more messages, pixels. */
const LOAD_PX = 600;
/** How long a message that was looked for stands out, ms. */
const FLASH_MS = 1600;

/** Key of the message in `list` that has the focus. */
function focusedKey(list: HTMLElement | null): string | undefined {
  const at = list?.ownerDocument.activeElement;
  return at && list.contains(at) ? at.closest<HTMLElement>(".mw-message")?.dataset.key : undefined;
}

export function Thread(): JSX.Element {
  const view = useRoom();
  const { session, state } = view;
  const reading = useMemo(() => readingOf(session), [session]);
  const reader = useMemo(() => new Reader(view), [view]);
  const passage = session.passage.value;
  const messages = passage?.messages ?? session.messages.value;
  const { more, loading, error } = passage
    ? { more: passage.older, loading: passage.loading, error: passage.error }
    : session.history.value;

  const scroller = useRef<HTMLDivElement>(null);
  const list = useRef<HTMLOListElement>(null);
  const inSight = useRef(true);
  const settled = useRef(false);
  const focusNext = useRef<string | null>(null);
  const lastOwn = useRef<string | null>(null);
  const moved = useRef((): void => undefined);
  const [, render] = useReducer((count: number) => count + 1, 0);
  const [away, setAway] = useState(false);
  const [day, setDay] = useState("");
  const [current, setCurrent] = useState<string | null>(null);
  const [flash, setFlash] = useState<string | null>(null);
  const part = useMemo(
    () => new ListWindow({ onRange: () => render(undefined), onMove: () => moved.current() }),
    [],
  );

  const newAfter = reader.newAfter;
  const rows = useMemo(() => rowsOf(messages, newAfter), [messages, newAfter]);
  const byId = useMemo(() => new Map(messages.map((message) => [message.id, message])), [messages]);
  const unread = useComputed(() => unreadCount(session.messages.value, state.seen.value)).value;

  part.follows = passage === null;
  part.setRows(rows);
  const shown = rows.slice(part.from, part.to);
  const focused = focusedKey(list.current);

  const load = (direction: "older" | "newer"): void => {
    const done = passage ? session.loadPassage(direction) : session.loadHistory();
    // Told by the edge of the list, with a way to try again.
    done.catch(() => undefined);
  };
  const look = (): void => {
    if (!settled.current) return;
    const watching = part.atEnd && part.follows && inSight.current;
    reader.look(watching && document.visibilityState !== "hidden");
  };
  // Words that were looked for stand out in what comes into the document too.
  const mark = (): void => {
    if (reading.words.peek().length > 0) markFound(list.current, reading.words.peek());
  };
  moved.current = () => {
    const end = part.atEnd && part.follows;
    setAway(!end);
    look();
    mark();
    const top = rows[part.first];
    const label = end || top?.kind !== "message" ? "" : dayLabel(top.message.at, Date.now());
    setDay(label === strings.today ? "" : label);
    if (loading || error !== null || messages.length === 0) return;
    if (more && part.above < LOAD_PX) load("older");
    else if (passage?.newer && part.below < LOAD_PX) load("newer");
  };

  // An own message is a reason to be at the end, wherever one was reading.
  const own = session.messages.value.at(-1);
  const sending = own?.delivery.kind === "pending" ? own.key : null;
  useLayoutEffect(() => {
    if (sending === null || sending === lastOwn.current) return;
    lastOwn.current = sending;
    reader.answered();
    session.leavePassage();
    part.toEnd();
  }, [sending]);

  useLayoutEffect(() => {
    part.rendered();
    const items = list.current?.children ?? [];
    // A part of a list tells its rows' places in the whole.
    let place = rows.slice(0, part.from).filter((row) => row.kind === "message").length;
    shown.forEach((row, at) => {
      const item = items[at] as HTMLElement | undefined;
      if (!item || row.kind !== "message") return;
      place += 1;
      item.setAttribute("aria-posinset", String(place));
      item.setAttribute("aria-setsize", String(more ? -1 : messages.length));
      item.toggleAttribute("data-flash", row.key === flash);
      if (row.key === focusNext.current) {
        focusNext.current = null;
        item.focus({ preventScroll: true });
      }
    });
    // Who scrolls far away from the message with the focus keeps the keyboard in the list.
    const page = list.current?.ownerDocument;
    if (focused !== undefined && page?.activeElement === page?.body) {
      list.current?.focus({ preventScroll: true });
    }
  });

  useEffect(() => {
    const element = scroller.current;
    if (!element || !list.current) return;
    const detach = part.attach(element, list.current);
    part.rendered();
    const abort = new AbortController();
    document.addEventListener("visibilitychange", look, { signal: abort.signal });
    const sight = new IntersectionObserver((entries) => {
      inSight.current = entries.at(-1)?.isIntersecting ?? true;
      look();
    });
    sight.observe(element);
    return () => {
      detach();
      abort.abort();
      sight.disconnect();
      reader.look(false);
    };
  }, []);

  // Who comes back reads on where they stopped.
  const ready = state.seen.value !== null;
  useEffect(() => {
    if (!ready) return;
    const stopped = rows.findIndex((row) => row.kind === "new");
    if (stopped >= 0 && stopped < part.first && reading.goal.peek() === null) {
      part.show("new", "upper");
    }
    settled.current = true;
    look();
  }, [ready]);

  const showRow = (key: string): boolean => {
    const had = list.current?.contains(list.current.ownerDocument.activeElement) ?? false;
    if (!part.show(key)) return false;
    setCurrent(key);
    setFlash(key);
    if (had) focusNext.current = key;
    return true;
  };
  useEffect(() => {
    if (flash === null) return;
    const timer = setTimeout(() => setFlash(null), FLASH_MS);
    return () => clearTimeout(timer);
  }, [flash]);

  useGoal(byId, showRow);
  useSignalEffect(() => markFound(list.current, reading.words.value));

  const moveCurrent = (event: TargetedKeyboardEvent<HTMLElement>): void => {
    const target = event.target as HTMLElement;
    const item = target === list.current || target.matches(".mw-message");
    if (!item || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    const from = messages.findIndex((message) => message.key === (target.dataset.key ?? current));
    const last = messages.length - 1;
    const to = { ArrowDown: from + 1, ArrowUp: from - 1, Home: 0, End: last }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const next = messages[Math.max(0, Math.min(last, to))];
    if (!next) return;
    setCurrent(next.key);
    focusNext.current = next.key;
    part.show(next.key, "nearest");
    render(undefined);
  };
  const inPart = shown.filter((row) => row.kind === "message");
  const currentKey = inPart.some((row) => row.key === current) ? current : inPart.at(-1)?.key;

  return (
    <div class="mw-thread-frame">
      <div class="mw-thread" ref={scroller} data-testid="mw-thread">
        <Edge
          side="older"
          more={more}
          loading={loading}
          error={error}
          count={messages.length}
          onLoad={() => load("older")}
        />
        <ol
          class="mw-messages"
          ref={list}
          tabIndex={-1}
          aria-label={strings.messages}
          aria-busy={loading}
          onKeyDown={moveCurrent}
        >
          {shown.map((row) => {
            switch (row.kind) {
              case "day":
                return (
                  <li class="mw-day" key={row.key}>
                    <span>{dayLabel(row.at, Date.now())}</span>
                  </li>
                );
              case "new":
                return (
                  <li class="mw-day mw-new" key={row.key} data-testid="mw-new">
                    <span>{strings.newLine}</span>
                  </li>
                );
              default:
                return (
                  <Message
                    key={row.key}
                    message={row.message}
                    compact={row.compact}
                    answered={
                      row.message.replyTo === null
                        ? undefined
                        : (byId.get(row.message.replyTo) ?? session.message(row.message.replyTo))
                    }
                    current={row.key === currentKey}
                    onShow={showRow}
                  />
                );
            }
          })}
        </ol>
        {passage?.newer && (
          <Edge
            side="newer"
            more
            loading={loading}
            error={error}
            count={messages.length}
            onLoad={() => load("newer")}
          />
        )}
      </div>
      {day !== "" && (
        <span class="mw-day-here" aria-hidden="true">
          {day}
        </span>
      )}
      {(away || passage) && (
        <button
          type="button"
          class="mw-pill"
          data-testid="mw-to-newest"
          data-unread={unread > 0}
          onClick={() => {
            session.leavePassage();
            part.follows = true;
            part.toEnd();
          }}
        >
          <Icon name="down" size={14} />
          {unread > 0 ? strings.newMessages(unread) : strings.toNewest}
        </button>
      )}
    </div>
  );
}
