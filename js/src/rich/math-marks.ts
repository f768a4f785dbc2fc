/**
 * Finds math in Markdown: `$…$` in a line, `$$…$$` on lines of its own. A plugin of markdown-it.
 *
 * The rules are Pandoc's, so that prices stay prices: no space inside of the marks, no digit
 * after the closing one.
 */

import type { Env, MarkdownIt } from "markdown-it";

/** A formula in a line is not longer than this, characters; bounds the search for its end. */
const MAX_INLINE = 2000;
/** Further formulas of one text stay as typed: each costs time to typeset. */
const MAX_FORMULAS = 200;
/** Where the reader's `env` counts them. */
const COUNT = Symbol("formulas");

const DOLLAR = 0x24;
const BACKSLASH = 0x5c;

/** The next mark that is not escaped, from `from` on; -1: none. */
function closing(text: string, mark: string, from: number, to: number): number {
  for (let at = text.indexOf(mark, from); at >= 0 && at < to; at = text.indexOf(mark, at + 1)) {
    let slashes = 0;
    while (text.charCodeAt(at - 1 - slashes) === BACKSLASH) slashes += 1;
    if (slashes % 2 === 0) return at;
  }
  return -1;
}

function within(env: Env): boolean {
  const count = (env[COUNT] as number | undefined) ?? 0;
  env[COUNT] = count + 1;
  return count < MAX_FORMULAS;
}

export function mathMarks(md: MarkdownIt): void {
  md.inline.ruler.after("escape", "math", (state, silent) => {
    const { src, pos, posMax } = state;
    if (src.charCodeAt(pos) !== DOLLAR) return false;
    const mark = src.charCodeAt(pos + 1) === DOLLAR ? "$$" : "$";
    const start = pos + mark.length;
    const end = closing(src, mark, start, Math.min(posMax, start + MAX_INLINE));
    const whole = end > start && (mark === "$$" || fits(src, start, end));
    if (!whole) {
      if (!silent) state.pending += mark;
      state.pos += mark.length;
      return true;
    }
    if (!silent) {
      const token = state.push(within(state.env) ? "math" : "text", "", 0);
      token.content =
        token.type === "math" ? src.slice(start, end).trim() : src.slice(pos, end + mark.length);
      token.markup = mark;
    }
    state.pos = end + mark.length;
    return true;
  });

  md.block.ruler.before(
    "fence",
    "math_block",
    (state, startLine, endLine, silent) => {
      const lineOf = (line: number): string =>
        state.src.slice(
          (state.bMarks[line] ?? 0) + (state.tShift[line] ?? 0),
          state.eMarks[line] ?? 0,
        );
      const first = lineOf(startLine);
      if ((state.sCount[startLine] ?? 0) - state.blkIndent >= 4) return false;
      if (!first.startsWith("$$")) return false;
      const lines: string[] = [];
      let line = startLine;
      let text = first.slice(2);
      for (;;) {
        const end = closing(text, "$$", 0, text.length);
        if (end >= 0) {
          // Words after the formula: it is one in a line.
          if (text.slice(end + 2).trim() !== "") return false;
          lines.push(text.slice(0, end));
          break;
        }
        lines.push(text);
        line += 1;
        if (line >= endLine || (state.sCount[line] ?? 0) < state.blkIndent) return false;
        text = lineOf(line);
      }
      if (silent) return true;
      const token = state.push("math_block", "", 0);
      token.block = true;
      token.content = lines.join("\n").trim();
      token.map = [startLine, line + 1];
      state.line = line + 1;
      return true;
    },
    { alt: ["paragraph", "blockquote", "list"] },
  );
}

function fits(src: string, start: number, end: number): boolean {
  return (
    /\S/.test(src.charAt(start)) &&
    /\S/.test(src.charAt(end - 1)) &&
    !/\d/.test(src.charAt(end + 1))
  );
}
