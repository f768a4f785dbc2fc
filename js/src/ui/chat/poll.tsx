/** A poll in the chat: what can be chosen, how it stands, who has chosen what. */

import type { JSX } from "preact";
import { useRef, useState } from "preact/hooks";
import type { ChatMessage, PollState } from "../../session/index.js";
import { Icon } from "../icons.js";
import { plainName } from "../people.js";
import { strings } from "../strings.js";
import { useRoom } from "../view.js";
import { attempt } from "./attempt.js";

interface Props {
  readonly message: ChatMessage;
  readonly poll: PollState;
}

export function PollCard({ message, poll }: Props): JSX.Element {
  const { session } = useRoom();
  const { id } = message;
  /** What was clicked, until the relay's word is there. */
  const [wish, setWish] = useState<readonly number[] | null>(null);
  const wishes = useRef(0);
  const mine = wish ?? poll.options.flatMap((option, place) => (option.mine ? [place] : []));
  const open = !poll.closed && id !== null && session.rights.value.chat;
  const mayClose = open && (message.own || session.rights.value.moderate);
  const choose = (place: number): void => {
    if (id === null) return;
    const others = poll.multiple ? mine.filter((one) => one !== place) : [];
    const next = mine.includes(place) ? others : [...others, place].sort((a, b) => a - b);
    wishes.current += 1;
    const wished = wishes.current;
    setWish(next);
    const voted = session.vote(id, next).finally(() => wished === wishes.current && setWish(null));
    attempt(session, voted);
  };
  const most = Math.max(...poll.options.map(({ by }) => by.length));
  const how = poll.closed
    ? strings.pollClosed
    : poll.multiple
      ? strings.pollChooseAny
      : strings.pollChooseOne;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a <fieldset> cannot be laid out like a card
    <div
      class="mw-poll"
      role="group"
      aria-label={`${strings.poll}, ${how}`}
      data-testid="mw-poll"
      data-closed={poll.closed}
    >
      <ul>
        {poll.options.map((option, place) => {
          const votes = option.by.length;
          const percent = poll.voters === 0 ? 0 : Math.round((100 * votes) / poll.voters);
          const chosen = mine.includes(place);
          const label = strings.pollResult(option.text, strings.votes(votes), percent, chosen);
          return (
            <li key={place}>
              <button
                type="button"
                class="mw-option"
                data-testid="mw-option"
                data-winner={poll.closed && votes > 0 && votes === most}
                data-several={poll.multiple}
                aria-pressed={chosen}
                aria-disabled={!open}
                aria-label={label}
                title={strings.names(option.by.map(plainName))}
                onClick={() => open && choose(place)}
              >
                <i class="mw-option-bar" style={{ transform: `scaleX(${percent / 100})` }} />
                <span class="mw-option-mark">{chosen && <Icon name="check" size={12} />}</span>
                <span class="mw-option-text">{option.text}</span>
                <span class="mw-option-votes">{votes}</span>
                <span class="mw-option-share">{percent} %</span>
              </button>
            </li>
          );
        })}
      </ul>
      <p class="mw-poll-foot">
        <span>{how}</span>
        <span aria-hidden="true"> · </span>
        <span data-testid="mw-voters">{strings.voters(poll.voters)}</span>
        <span class="mw-space" />
        {mayClose && (
          <button
            type="button"
            class="mw-link"
            data-testid="mw-poll-close"
            onClick={() => attempt(session, session.closePoll(id))}
          >
            {strings.pollClose}
          </button>
        )}
      </p>
    </div>
  );
}
