/**
 * Whom a message names with `@`: whom one may choose while writing, and who is meant in the end.
 *
 * People are told of a message by their user name; what stands in the text is how others know
 * them. Everybody counts who is here or has written here, for they read it later.
 */

import type { By, Mention, Session } from "../../session/index.js";
import { plainName } from "../people.js";

/** Mentions of one message, as the relay takes them (`MAX_MENTIONS` in meetwidget/wire/values.py). */
const MOST_MENTIONS = 50;

/** Everybody who can be named, those who are here first; oneself and own kernels are not among them. */
export function mentionable(session: Session): readonly By[] {
  const own = session.you.peek()?.user.name;
  const found = new Map<string, By>();
  const add = (who: By): void => {
    if (who.user.name === own) return;
    // A person stands for their kernels: they are told by the same user name.
    const known = found.get(who.user.name);
    if (!known || (known.kind === "kernel" && who.kind !== "kernel")) {
      found.set(who.user.name, who);
    }
  };
  for (const { id, user, kind } of session.participants.peek().values()) add({ id, user, kind });
  for (const { by } of session.messages.peek()) add(by);
  return [...found.values()];
}

/** How well `query` fits somebody: 0 best, null not at all. */
function fits(who: By, query: string): number | null {
  const wanted = fold(query);
  const name = fold(plainName(who));
  if (name.startsWith(wanted)) return 0;
  if (name.split(/[\s.-]+/).some((word) => word.startsWith(wanted))) return 1;
  return fold(who.user.name).startsWith(wanted) ? 2 : null;
}

/** Without case and accents: who writes "ibanez" means Ibáñez. */
function fold(text: string): string {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}

/** Those whom `query`, typed after an `@`, may mean; the best first. */
export function whoFits(people: readonly By[], query: string): readonly By[] {
  return people
    .flatMap((who) => {
      const rank = fits(who, query);
      return rank === null ? [] : [{ who, rank }];
    })
    .sort((a, b) => a.rank - b.rank)
    .map(({ who }) => who);
}

/** What follows a name must not go on with it: "@Ada" is not in "@Adam". */
const GOES_ON = /[\p{L}\p{N}_]/u;

/** The mentions in `body`: display names, and user names for those who know them. */
export function mentionsIn(body: string, people: readonly By[]): readonly Mention[] {
  if (!body.includes("@")) return [];
  // The longest first: "@Ada Lovelace" does not mean another "Ada".
  const names = people
    .flatMap((who) => [...new Set([plainName(who), who.user.name])].map((text) => ({ text, who })))
    .filter(({ text }) => text !== "")
    .sort((a, b) => b.text.length - a.text.length);
  const found: Mention[] = [];
  let at = body.indexOf("@");
  while (at >= 0 && found.length < MOST_MENTIONS) {
    const before = body[at - 1] ?? "";
    const rest = body.slice(at + 1);
    const fit = names.filter(
      ({ text }) =>
        rest.toLowerCase().startsWith(text.toLowerCase()) && !GOES_ON.test(rest[text.length] ?? ""),
    );
    const longest = fit[0]?.text.length ?? 0;
    if (longest > 0 && !GOES_ON.test(before)) {
      // Two people of one name are both meant: better told twice than not at all.
      for (const { who } of fit.filter(({ text }) => text.length === longest)) {
        const text = rest.slice(0, longest);
        if (!found.some((had) => had.name === who.user.name && had.text === text)) {
          found.push({ name: who.user.name, text });
        }
      }
    }
    at = body.indexOf("@", at + 1);
  }
  return found;
}
