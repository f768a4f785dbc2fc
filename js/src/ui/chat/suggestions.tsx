/** The list that hangs over the composer while somebody names a person or an emoji. */

import type { JSX } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { Avatar } from "../avatar.js";
import { plainName } from "../people.js";
import { strings } from "../strings.js";
import type { Offer } from "./completion.js";

interface Props {
  readonly id: string;
  readonly offers: readonly Offer[];
  readonly active: number;
  readonly onPick: (offer: Offer) => void;
}

/** The id of one offer, for `aria-activedescendant`. */
export function offerId(id: string, place: number): string {
  return `${id}-${place}`;
}

export function Suggestions({ id, offers, active, onPick }: Props): JSX.Element {
  const list = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    list.current?.children[active]?.scrollIntoView({ block: "nearest" });
  }, [active]);
  return (
    <>
      <div
        class="mw-suggestions"
        ref={list}
        id={id}
        role="listbox"
        aria-label={strings.suggestions}
        data-testid="mw-suggestions"
      >
        {offers.map((offer, place) => (
          // biome-ignore lint/a11y/useFocusableInteractive: the text box keeps the focus
          // biome-ignore lint/a11y/useKeyWithClickEvents: the text box has the keys
          <div
            key={offer.key}
            id={offerId(id, place)}
            role="option"
            aria-selected={place === active}
            // The text box keeps the focus.
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => onPick(offer)}
          >
            {offer.kind === "person" ? (
              <>
                <Avatar who={offer.who} size={20} />
                <span class="mw-ellipsis">{plainName(offer.who)}</span>
                <span class="mw-muted mw-ellipsis">{offer.who.user.name}</span>
              </>
            ) : (
              <>
                <span class="mw-suggestion-emoji">{offer.text.trim()}</span>
                <span class="mw-ellipsis">:{offer.name}:</span>
              </>
            )}
          </div>
        ))}
      </div>
      <span class="mw-hidden" role="status">
        {strings.suggestionCount(offers.length)}
      </span>
    </>
  );
}
