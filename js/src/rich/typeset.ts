/** Typesets formulas by KaTeX; a file of its own, loaded with the first formula. */

import katex from "katex";
import { ensureStyle } from "./styles.js";

/** Longer formulas are shown as typed, characters. */
const MAX_SOURCE = 8_000;
/** Most of any size in a formula, em: nothing covers the neighbours. */
const MAX_SIZE = 20;
/** Most macro expansions: a formula cannot keep the page busy. */
const MAX_EXPAND = 400;

/** Puts the formula into `host`; returns null, or in words why that cannot be. */
export function typeset(host: HTMLElement, tex: string, display: boolean): string | null {
  host.replaceChildren();
  if (tex.length > MAX_SOURCE) return "too long";
  void ensureStyle(host, __RICH_STYLES__.katex);
  try {
    katex.render(tex, host, {
      displayMode: display,
      throwOnError: true,
      // No links, no pictures, no classes or styles of the writer's own.
      trust: false,
      strict: "ignore",
      maxSize: MAX_SIZE,
      maxExpand: MAX_EXPAND,
      macros: {},
    });
  } catch (error) {
    host.replaceChildren();
    return (error as Error).message.replace(/^KaTeX parse error: /, "");
  }
  // A policy against styles in the markup does not hold for styles that a script sets.
  for (const part of host.querySelectorAll<HTMLElement>("[style]")) {
    if (part.style.length === 0) part.style.cssText = part.getAttribute("style") ?? "";
  }
  return null;
}
