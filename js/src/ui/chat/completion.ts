/** What may be completed at the cursor: a person after `@`, an emoji after `:`. */

import type { By, Session } from "../../session/index.js";
import { plainName } from "../people.js";
import { emojiFitting, emojiNamed } from "./emoji-names.js";
import { mentionable, whoFits } from "./mentions.js";

/** So many are offered at once. */
const MOST_OFFERS = 8;
/** Before the cursor: `@` and up to three words, or `:` and a name. */
const PERSON = /(?:^|[\s([{"'*_~>])@((?:[^\s@:]{0,40})(?: [^\s@:]{1,40}){0,2})$/u;
const EMOJI = /(?:^|[\s([{"'*_~>])(?::)([a-z0-9_+-]{2,32})$/i;
const WHOLE_EMOJI = /(?:^|[\s([{"'*_~>])(?::)([a-z0-9_+-]{1,32}):$/i;

export type Offer =
  | { readonly kind: "person"; readonly key: string; readonly who: By; readonly text: string }
  | { readonly kind: "emoji"; readonly key: string; readonly name: string; readonly text: string };

export interface Completion {
  /** Where what is replaced begins; it ends at the cursor. */
  readonly from: number;
  readonly offers: readonly Offer[];
}

/** Whether `text` ends within code, where an `@` and a `:` are only that. */
export function endsInCode(text: string): boolean {
  const fences = text.match(/^\s{0,3}(```|~~~)/gm)?.length ?? 0;
  if (fences % 2 === 1) return true;
  const line = text.slice(text.lastIndexOf("\n") + 1);
  return (line.match(/`/g)?.length ?? 0) % 2 === 1;
}

/** What can be completed before the cursor, if anything. */
export function completionAt(session: Session, before: string): Completion | null {
  const person = PERSON.exec(before);
  const emoji = person ? null : EMOJI.exec(before);
  const query = (person ?? emoji)?.[1];
  if (query === undefined || endsInCode(before)) return null;
  const offers: readonly Offer[] = person
    ? whoFits(mentionable(session), query)
        .slice(0, MOST_OFFERS)
        .map((who) => ({ kind: "person", key: who.user.name, who, text: `@${plainName(who)} ` }))
    : emojiFitting(query, MOST_OFFERS).map(({ name, emoji: sign }) => ({
        kind: "emoji",
        key: name,
        name,
        text: `${sign} `,
      }));
  return offers.length === 0 ? null : { from: before.length - query.length - 1, offers };
}

/** `before` with a short name that has just been finished replaced by its emoji; null: there is none. */
export function withEmoji(before: string): string | null {
  const found = WHOLE_EMOJI.exec(before);
  const name = found?.[1];
  const emoji =
    name === undefined || endsInCode(before) ? undefined : emojiNamed(name.toLowerCase());
  return emoji === undefined || name === undefined
    ? null
    : before.slice(0, before.length - name.length - 2) + emoji;
}
