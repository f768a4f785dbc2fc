/** Text of a terminal, with its colours: a cell's streams and tracebacks. */

import Anser from "anser";
import type { ComponentChildren, JSX } from "preact";
import { useMemo } from "preact/hooks";

/** Longer texts are cut here, characters. */
const MAX_TEXT = 200_000;

/** Pieces of one colour each; what comes after is in one colour. */
const MAX_PIECES = 5_000;

/** Names of the 16 colours; those of the theme stand in rich.css. */
const NAMED = /^ansi-(bright-)?(black|red|green|yellow|blue|magenta|cyan|white)$/;
const TRUE_COLOR = /^\d{1,3}, ?\d{1,3}, ?\d{1,3}$/;
/** Everything of a terminal but text and colours: cursor movements, titles, links. */
const OTHER_SEQUENCES =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: terminals use them
  /\x1b\][^\x07\x1b]{0,4096}(?:\x07|\x1b\\)|\x1b\[[0-9;?]{0,64}[A-LN-Za-ln-z]|\x1b[()][A-Z0-9]/g;

/** The text as a terminal leaves it: what a progress bar overwrote is gone. */
function settled(text: string): string {
  return text
    .slice(0, MAX_TEXT)
    .replace(OTHER_SEQUENCES, "")
    .split("\n")
    .map((line) => line.replace(/\r+$/, "").replace(/^.*\r/, ""))
    .join("\n");
}

export function Ansi({ text }: { readonly text: string }): JSX.Element {
  const pieces = useMemo(() => {
    const plain = settled(text);
    if (!plain.includes("\x1b")) return plain;
    const pieces = Anser.ansiToJson(plain, { json: true, use_classes: true, remove_empty: true });
    const rest = pieces.slice(MAX_PIECES).map(({ content }) => content);
    return [...pieces.slice(0, MAX_PIECES).map(show), rest.join("")];
  }, [text]);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: scrolls, so it must be reachable by keyboard
    <pre class="mw-terminal" tabIndex={0}>
      {pieces}
    </pre>
  );
}

function show(entry: Anser.AnserJsonEntry, key: number): ComponentChildren {
  const style = { ...trueColor("color", entry.fg_truecolor), ...bgColor(entry) };
  const names = [named(entry.fg, "fg"), named(entry.bg, "bg")]
    .concat(entry.decorations.map((decoration) => `mw-ansi-${decoration}`))
    .filter((name) => name !== "");
  if (names.length === 0 && Object.keys(style).length === 0) return entry.content;
  return (
    <span key={key} class={names.join(" ")} style={style}>
      {entry.content}
    </span>
  );
}

function named(color: string | null, where: "fg" | "bg"): string {
  const found = NAMED.exec(color ?? "");
  return found ? `mw-ansi-${where}-${found[1] ?? ""}${found[2]}` : "";
}

function bgColor(entry: Anser.AnserJsonEntry): Record<string, string> {
  return trueColor("backgroundColor", entry.bg_truecolor);
}

function trueColor(name: string, value: string | null): Record<string, string> {
  return value !== null && TRUE_COLOR.test(value) ? { [name]: `rgb(${value})` } : {};
}
