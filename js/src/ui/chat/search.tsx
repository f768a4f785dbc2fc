/**
 * Looks for words in everything that was said in the room.
 *
 * The hits lie over the chat until one is chosen; then the bar stays, and Enter goes on to the
 * next older one, as in a browser's own search.
 */

import type { ComponentChildren, JSX, TargetedKeyboardEvent } from "preact";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { SearchHit } from "../../session/index.js";
import { Icon, type IconName } from "../icons.js";
import { words } from "../later/words.js";
import { plainName } from "../people.js";
import { strings } from "../strings.js";
import { dayLabel, timeOfDay } from "../time.js";
import { useRoom } from "../view.js";
import { Finder, wordsOf } from "./finder.js";
import { readingOf, showMessage } from "./reading.js";

let panes = 0;

function nextId(): string {
  panes += 1;
  return `mw-search-${panes}`;
}

export function Search({ onClose }: { readonly onClose: () => void }): JSX.Element {
  const view = useRoom();
  const { session } = view;
  const finder = useMemo(() => new Finder(session), [session]);
  const id = useMemo(nextId, []);
  const input = useRef<HTMLInputElement>(null);
  const [open, setOpen] = useState(true);
  const hits = finder.hits.value;
  const at = finder.at.value;
  const query = finder.query.value.trim();
  const listed = open && query !== "";

  useLayoutEffect(() => input.current?.focus({ preventScroll: true }), []);
  useEffect(
    () => () => {
      finder.stop();
      readingOf(session).words.value = [];
    },
    [finder, session],
  );

  const choose = (index: number): void => {
    const hit = finder.hits.peek()[index];
    if (!hit) return;
    finder.at.value = index;
    readingOf(session).words.value = wordsOf(hit);
    showMessage(view, hit.id);
    setOpen(false);
  };
  const further = (): void => {
    // The button that was pressed goes away.
    input.current?.focus({ preventScroll: true });
    void finder.further();
  };
  const step = (by: number): void => {
    const next = Math.max(0, Math.min(hits.length - 1, at + by));
    if (next + 1 >= hits.length && finder.more.peek()) void finder.further();
    if (open) finder.at.value = hits.length > 0 ? next : -1;
    else if (next !== at) choose(next);
  };
  const onKeyDown = (event: TargetedKeyboardEvent<HTMLElement>): void => {
    // A browser's own search is one more press away; all other keys belong to the words.
    if (event.key.toLowerCase() === "f" && (event.ctrlKey || event.metaKey)) return;
    event.stopPropagation();
    const { target } = event;
    if (event.isComposing) return;
    if (event.key === "Escape") onClose();
    else if (target !== input.current) return;
    else if (event.key === "ArrowDown") step(1);
    else if (event.key === "ArrowUp") step(-1);
    else if (event.key !== "Enter") return;
    else if (open) choose(at);
    else step(event.shiftKey ? -1 : 1);
    event.preventDefault();
  };
  const tool = (icon: IconName, label: string, off: boolean, act: () => void): JSX.Element => (
    <button
      type="button"
      class="mw-tool"
      title={label}
      aria-label={label}
      disabled={off}
      onClick={act}
    >
      <Icon name={icon} size={16} />
    </button>
  );
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it takes the keys of the field in it
    <div class="mw-search" onKeyDown={onKeyDown} data-lm-suppress-shortcuts="true">
      <div class="mw-search-bar">
        <Icon name="search" size={16} />
        <input
          type="text"
          ref={input}
          value={finder.query.value}
          placeholder={strings.search}
          aria-label={strings.search}
          data-testid="mw-search-input"
          role="combobox"
          aria-autocomplete="list"
          aria-expanded={listed}
          aria-controls={`${id}-hits`}
          aria-activedescendant={listed && at >= 0 ? `${id}-${at}` : undefined}
          onInput={(event) => {
            setOpen(true);
            finder.type(event.currentTarget.value);
          }}
        />
        {!open && hits.length > 0 && (
          <>
            <span class="mw-count" data-testid="mw-search-place">
              {words.searchPlace(at + 1, hits.length, finder.more.value)}
            </span>
            {tool("up", words.searchOlder, at + 1 >= hits.length, () => step(1))}
            {tool("down", words.searchNewer, at <= 0, () => step(-1))}
          </>
        )}
        {tool("close", words.searchClose, false, onClose)}
      </div>
      <p class="mw-hidden" role="status">
        {query !== "" && <Outcome finder={finder} place={open ? null : at} />}
      </p>
      {listed && (
        <div class="mw-hits">
          <div id={`${id}-hits`} role="listbox" aria-label={words.searchHits}>
            {hits.map((hit, index) => (
              <Hit
                key={hit.id}
                id={`${id}-${index}`}
                hit={hit}
                active={index === at}
                onChoose={() => choose(index)}
              />
            ))}
          </div>
          <p class="mw-older">
            <Outcome finder={finder} place={null} />
            {finder.error.value === null && finder.more.value && !finder.busy.value && (
              <button type="button" class="mw-link" onClick={further}>
                {words.searchMore}
              </button>
            )}
            {finder.error.value !== null && (
              <button type="button" class="mw-link" onClick={further}>
                {strings.retry}
              </button>
            )}
          </p>
        </div>
      )}
    </div>
  );
}

/** What has come of it, in words. */
function Outcome(props: { readonly finder: Finder; readonly place: number | null }): JSX.Element {
  const { finder, place } = props;
  const { length } = finder.hits.value;
  const more = finder.more.value;
  let text = words.searchNone(finder.answered.value);
  if (finder.error.value !== null) text = finder.error.value;
  else if (finder.busy.value) text = words.searching;
  else if (place !== null) text = words.searchPlace(place + 1, length, more);
  else if (length > 0) text = words.searchCount(length, more);
  return <span>{text} </span>;
}

interface HitProps {
  readonly id: string;
  readonly hit: SearchHit;
  readonly active: boolean;
  readonly onChoose: () => void;
}

function Hit({ id, hit, active, onChoose }: HitProps): JSX.Element {
  const item = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    if (active) item.current?.scrollIntoView({ block: "nearest" });
  }, [active]);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the field it belongs to has the keys
    <div
      class="mw-hit"
      ref={item}
      id={id}
      role="option"
      aria-selected={active}
      tabIndex={-1}
      data-testid="mw-hit"
      onClick={onChoose}
    >
      <span class="mw-message-head">
        <b class="mw-ellipsis">{plainName(hit.by)}</b>
        <time>
          {dayLabel(hit.at, Date.now())} {timeOfDay(hit.at)}
        </time>
      </span>
      <span class="mw-hit-text">{marked(hit)}</span>
    </div>
  );
}

/** The snippet with what was found marked. */
function marked({ snippet, marks }: SearchHit): ComponentChildren {
  const parts: ComponentChildren[] = [];
  let from = 0;
  for (const [start, length] of marks) {
    if (start < from) continue;
    parts.push(snippet.slice(from, start));
    from = start + length;
    parts.push(<mark key={start}>{snippet.slice(start, from)}</mark>);
  }
  parts.push(snippet.slice(from));
  return parts;
}
