/** Typesets formulas by KaTeX; a file of its own, loaded with the first formula. */

import katex, { type KatexOptions } from "katex";
import { ensureStyle } from "./styles.js";

// Without its styles a formula is there twice: for eyes, and for screen readers.
await ensureStyle(document.documentElement, __RICH_STYLES__.katex);

/** Of what may not be in a formula; to be read on light and dark. */
const ERROR_COLOR = "#d9534f";
/** Longer formulas are shown as typed, characters. */
const MAX_SOURCE = 8_000;
/** Most of any size in a formula, em: nothing covers the neighbours. */
const MAX_SIZE = 20;
/** Most macro expansions: a formula cannot keep the page busy. */
const MAX_EXPAND = 400;

/** Where a style waits until the element is there, see `withoutStyles`. */
const WAITING = "data-mw-style";

/** A node of KaTeX's own tree; only what is needed of it. */
interface BuiltNode {
  readonly attributes?: Record<string, string>;
  readonly children?: readonly BuiltNode[];
  toNode(): Node;
}

// What `katex.render` does, in the two steps that it is made of.
const { __renderToDomTree: build } = katex as unknown as {
  __renderToDomTree(tex: string, options: KatexOptions): BuiltNode;
};

/**
 * KaTeX writes a few styles as attributes, which a hub's page forbids and reports; styles that a
 * script sets are allowed.
 */
function withoutStyles(node: BuiltNode): void {
  if (node.attributes?.style !== undefined) {
    node.attributes[WAITING] = node.attributes.style;
    delete node.attributes.style;
  }
  for (const child of node.children ?? []) withoutStyles(child);
}

/** Puts the formula into `host`; returns null, or in words why that cannot be. */
export function typeset(host: HTMLElement, tex: string, display: boolean): string | null {
  host.replaceChildren();
  if (tex.length > MAX_SOURCE) return "too long";
  void ensureStyle(host, __RICH_STYLES__.katex);
  try {
    const built = build(tex, {
      displayMode: display,
      throwOnError: true,
      errorColor: ERROR_COLOR,
      // No links, no pictures, no classes or styles of the writer's own.
      trust: false,
      strict: "ignore",
      maxSize: MAX_SIZE,
      maxExpand: MAX_EXPAND,
      macros: {},
    });
    withoutStyles(built);
    host.append(built.toNode());
  } catch (error) {
    host.replaceChildren();
    return (error as Error).message.replace(/^KaTeX parse error: /, "");
  }
  for (const part of host.querySelectorAll<HTMLElement>(`[${WAITING}]`)) {
    part.style.cssText = part.getAttribute(WAITING) ?? "";
    part.removeAttribute(WAITING);
  }
  return null;
}
