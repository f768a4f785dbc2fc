/** Marks the names of people who are mentioned in a text. */

import type { ComponentChildren } from "preact";
import type { RichMention } from "./types.js";

export interface NamePattern {
  readonly pattern: RegExp;
  readonly mine: ReadonlySet<string>;
}

/** What finds these names after an `@`, the longest first; null: nobody is mentioned. */
export function namePattern(mentions: readonly RichMention[]): NamePattern | null {
  const texts = mentions.map(({ text }) => text).filter((text) => text !== "");
  if (texts.length === 0) return null;
  texts.sort((a, b) => b.length - a.length);
  const names = texts.map((text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|");
  return {
    pattern: new RegExp(`(?<![\\p{L}\\p{N}_@])@(?:${names})(?![\\p{L}\\p{N}_])`, "gu"),
    mine: new Set(mentions.filter(({ me }) => me).map(({ text }) => `@${text}`)),
  };
}

/** The text with its names marked. */
export function withNames(text: string, names: NamePattern | null): ComponentChildren {
  if (names === null || !text.includes("@")) return text;
  const parts: ComponentChildren[] = [];
  let at = 0;
  for (const found of text.matchAll(names.pattern)) {
    const [name] = found;
    parts.push(text.slice(at, found.index));
    parts.push(
      <span key={found.index} class="mw-mention" data-me={names.mine.has(name)}>
        {name}
      </span>,
    );
    at = found.index + name.length;
  }
  parts.push(text.slice(at));
  return parts;
}
