/** Above the composer: the answers of a poll that is being asked; its question is the text below. */

import type { JSX, TargetedKeyboardEvent } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { words } from "../later/words.js";
import { strings } from "../strings.js";
import { ToolButton } from "../tool-button.js";
import { useRoom } from "../view.js";
import { About } from "./about.js";
import { composingOf, type PollDraft, summon } from "./composing.js";

/** As the relay takes them (`Poll` in meetwidget/wire/values.py). */
const MOST_OPTIONS = 20;
const LONGEST_OPTION = 200;

export function PollForm(): JSX.Element | null {
  const { session } = useRoom();
  const composing = composingOf(session);
  const poll = composing.poll.value;
  const list = useRef<HTMLOListElement>(null);
  const count = useRef(poll?.options.length ?? 0);
  const size = poll?.options.length ?? 0;
  useLayoutEffect(() => {
    // A new answer is written at once.
    if (count.current > 0 && size > count.current) {
      list.current?.querySelector<HTMLInputElement>("li:last-child input")?.focus();
    }
    count.current = size;
  }, [size]);
  if (!poll) return null;
  const change = (draft: Partial<PollDraft>): void => {
    composing.poll.value = { ...poll, ...draft };
  };
  const more = (): void => {
    if (poll.options.length < MOST_OPTIONS) change({ options: [...poll.options, ""] });
  };
  const cancel = (): void => {
    composing.poll.value = null;
    summon(session);
  };
  const onKeyDown = (event: TargetedKeyboardEvent<HTMLElement>): void => {
    event.stopPropagation();
    if (event.key === "Escape") cancel();
    if (event.key !== "Enter" || event.isComposing) return;
    if (!(event.target instanceof HTMLInputElement) || event.target.type !== "text") return;
    event.preventDefault();
    const inputs = [...(list.current?.querySelectorAll("input") ?? [])];
    const next = inputs[inputs.indexOf(event.target) + 1];
    if (next) next.focus();
    else if (event.target.value.trim() === "") summon(session);
    else more();
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a <fieldset> cannot be laid out like a card
    <div
      class="mw-poll-form"
      role="group"
      aria-label={words.pollOptions}
      data-testid="mw-poll-form"
      data-lm-suppress-shortcuts="true"
      onKeyDown={onKeyDown}
    >
      <About icon="poll" end={words.pollCancel} onEnd={cancel}>
        <b>{strings.poll}</b>
      </About>
      <ol ref={list}>
        {poll.options.map((option, place) => (
          <li key={place}>
            <input
              type="text"
              value={option}
              maxLength={LONGEST_OPTION}
              placeholder={words.pollOption(place + 1)}
              aria-label={words.pollOption(place + 1)}
              data-testid="mw-poll-answer"
              onInput={(event) =>
                change({ options: poll.options.with(place, event.currentTarget.value) })
              }
            />
            {poll.options.length > 2 && (
              <ToolButton
                icon="close"
                size={14}
                label={words.pollLess(place + 1)}
                onClick={() => change({ options: poll.options.toSpliced(place, 1) })}
              />
            )}
          </li>
        ))}
      </ol>
      <p class="mw-poll-form-foot">
        <label>
          <input
            type="checkbox"
            class="mw-check"
            checked={poll.multiple}
            data-testid="mw-poll-multiple"
            onChange={(event) => change({ multiple: event.currentTarget.checked })}
          />
          {words.pollMultiple}
        </label>
        <span class="mw-space" />
        {poll.options.length < MOST_OPTIONS && (
          <button type="button" class="mw-link" onClick={more}>
            {words.pollMore}
          </button>
        )}
      </p>
    </div>
  );
}
