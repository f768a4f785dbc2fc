/**
 * Emoji by their short names, for writing: `:tada:` and the list that `:ta` opens.
 *
 * The names (those that people know from GitHub and Slack) come with the part for rich text, which
 * reads them in messages, too. Until that is there, nothing is completed.
 */

import { USUAL } from "../emoji.js";

export interface EmojiName {
  readonly emoji: string;
  readonly name: string;
}

let table: Readonly<Record<string, string>> = {};

/** Takes the names from now on from `names`: short name to emoji. */
export function learn(names: Readonly<Record<string, string>>): void {
  table = names;
}

/** The emoji of that very name; undefined: there is none. */
export function emojiNamed(name: string): string | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

/** Without what only changes how it is drawn. */
function bare(emoji: string): string {
  return emoji.replace(/\uFE0F/g, "");
}

const usual = new Set(USUAL.map(bare));

/** How far down the list a name belongs: what people use stands before what only begins alike. */
function rank({ name, emoji }: EmojiName, query: string): number {
  if (name === query) return 0;
  return (usual.has(bare(emoji)) ? 1 : 2) + (name.startsWith(query) ? 0 : 2);
}

/** Emoji whose names have a word that begins with `query`, each once; the best first. */
export function emojiFitting(query: string, most: number): readonly EmojiName[] {
  const wanted = query.toLowerCase();
  const seen = new Set<string>();
  return Object.entries(table)
    .filter(([name]) => name.startsWith(wanted) || name.includes(`_${wanted}`))
    .map(([name, emoji]) => ({ name, emoji }))
    .sort((a, b) => rank(a, wanted) - rank(b, wanted) || a.name.length - b.name.length)
    .filter(({ emoji }) => !seen.has(emoji) && seen.add(emoji))
    .slice(0, most);
}
