/** Completion in a text box: when the list is open, what is chosen, which keys it takes. */

import type { RefObject, TargetedKeyboardEvent } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import type { Session } from "../../session/index.js";
import { type Completion, completionAt, type Offer } from "./completion.js";
import { learn } from "./emoji-names.js";
import { richOf } from "./rich.js";
import { offerId } from "./suggestions.js";

let boxes = 0;

interface Options {
  readonly session: Session;
  readonly box: RefObject<HTMLTextAreaElement | null>;
  /** Replaces the text from `from` to the cursor. */
  readonly onReplace: (from: number, text: string) => void;
}

export interface Completing {
  readonly id: string;
  readonly completion: Completion | null;
  readonly active: number;
  /** Looks anew at the text before the cursor. */
  readonly look: () => void;
  readonly close: () => void;
  readonly pick: (offer: Offer) => void;
  /** Handles a key press; true if it was the list's. */
  readonly takeKey: (event: TargetedKeyboardEvent<HTMLTextAreaElement>) => boolean;
  /** What makes the text box a combobox while the list is open. */
  readonly aria: Readonly<Record<string, string | boolean>>;
}

export function useCompletion({ session, box, onReplace }: Options): Completing {
  const id = useMemo(() => {
    boxes += 1;
    return `mw-suggestions-${boxes}`;
  }, []);
  const rich = richOf(session).value;
  useEffect(() => {
    if (rich) learn(rich.emoji);
  }, [rich]);
  const [completion, setCompletion] = useState<Completion | null>(null);
  const [active, setActive] = useState(0);
  /** Where the list was closed by Escape: it stays closed until another word is begun. */
  const [refused, setRefused] = useState<number | null>(null);

  const close = (): void => setCompletion(null);
  const look = (): void => {
    const element = box.current;
    const { selectionStart = 0, selectionEnd = 0, value = "" } = element ?? {};
    const found =
      selectionStart === selectionEnd ? completionAt(session, value.slice(0, selectionEnd)) : null;
    if (found === null || found.from !== refused) setRefused(null);
    const shown = found !== null && found.from === refused ? null : found;
    const same = shown?.offers[active]?.key === completion?.offers[active]?.key;
    if (!same) setActive(0);
    setCompletion(shown);
  };
  const pick = (offer: Offer): void => {
    if (completion) onReplace(completion.from, offer.text);
    close();
  };
  const takeKey = (event: TargetedKeyboardEvent<HTMLTextAreaElement>): boolean => {
    if (!completion || event.ctrlKey || event.metaKey || event.altKey) return false;
    const { length } = completion.offers;
    const offer = completion.offers[active];
    if (event.key === "ArrowDown") setActive((active + 1) % length);
    else if (event.key === "ArrowUp") setActive((active + length - 1) % length);
    else if (offer && !event.shiftKey && (event.key === "Enter" || event.key === "Tab")) {
      pick(offer);
    } else if (event.key === "Escape") {
      setRefused(completion.from);
      close();
    } else return false;
    event.preventDefault();
    return true;
  };
  const aria: Completing["aria"] = completion
    ? {
        role: "combobox",
        "aria-expanded": true,
        "aria-haspopup": "listbox",
        "aria-autocomplete": "list",
        "aria-controls": id,
        "aria-activedescendant": offerId(id, active),
      }
    : { "aria-autocomplete": "list" };
  return { id, completion, active, look, close, pick, takeKey, aria };
}
