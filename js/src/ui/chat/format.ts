/**
 * Reads the Markdown people type in a chat into a small tree.
 *
 * Hand-made, because the tree is all that is ever rendered: no HTML is read, none is
 * produced, so there is nothing to sanitize. Reading is linear in the body's length,
 * whatever is in it.
 */

export type Inline =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "code"; readonly text: string }
  | { readonly kind: "break" }
  | { readonly kind: "strong" | "em" | "strike"; readonly children: readonly Inline[] }
  | { readonly kind: "link"; readonly href: string; readonly children: readonly Inline[] };

export type Block =
  | { readonly kind: "paragraph"; readonly children: readonly Inline[] }
  | { readonly kind: "heading"; readonly children: readonly Inline[] }
  | { readonly kind: "quote"; readonly children: readonly Inline[] }
  | { readonly kind: "code"; readonly language: string; readonly text: string }
  | {
      readonly kind: "list";
      readonly ordered: boolean;
      readonly start: number;
      readonly items: readonly (readonly Inline[])[];
    };

/** Emphasis inside emphasis inside …: deeper than this it is shown as typed. */
const MAX_DEPTH = 4;
/** A link with its words is not longer than this, characters; bounds the search for its end. */
const MAX_LINK = 2048;

const FENCE = /^\s{0,3}(`{3,}|~{3,})\s*([\w+#.-]*)\s*$/;
const BULLET = /^\s{0,3}[-*+]\s+(.+)$/;
const NUMBER = /^\s{0,3}(\d{1,6})[.)]\s+(.+)$/;
const HEADING = /^#{1,6}\s+(.+)$/;
const QUOTE = /^>\s?(.*)$/;

/** Splits a body into blocks. */
export function parse(body: string): Block[] {
  const lines = body.replace(/\r\n?/g, "\n").split("\n");
  const blocks: Block[] = [];
  let at = 0;
  const line = (): string => lines[at] ?? "";
  while (at < lines.length) {
    if (line().trim() === "") {
      at += 1;
      continue;
    }
    const fence = FENCE.exec(line());
    if (fence) {
      const text: string[] = [];
      const mark = fence[1] ?? "```";
      at += 1;
      while (at < lines.length && !line().trimStart().startsWith(mark)) {
        text.push(line());
        at += 1;
      }
      at += 1;
      blocks.push({ kind: "code", language: fence[2] ?? "", text: text.join("\n") });
      continue;
    }
    const heading = HEADING.exec(line());
    if (heading) {
      blocks.push({ kind: "heading", children: parseInline(heading[1] ?? "") });
      at += 1;
      continue;
    }
    const list = BULLET.test(line()) ? BULLET : NUMBER.test(line()) ? NUMBER : null;
    if (list) {
      const ordered = list === NUMBER;
      const start = ordered ? Number(NUMBER.exec(line())?.[1] ?? 1) : 1;
      const items: Inline[][] = [];
      for (let item = list.exec(line()); item; item = list.exec(line())) {
        items.push(parseInline(item[ordered ? 2 : 1] ?? ""));
        at += 1;
        if (at >= lines.length) break;
      }
      blocks.push({ kind: "list", ordered, start, items });
      continue;
    }
    const quoted: string[] = [];
    for (let mark = QUOTE.exec(line()); mark && at < lines.length; mark = QUOTE.exec(line())) {
      quoted.push(mark[1] ?? "");
      at += 1;
    }
    if (quoted.length > 0) {
      blocks.push({ kind: "quote", children: parseInline(quoted.join("\n")) });
      continue;
    }
    const text: string[] = [];
    while (at < lines.length && line().trim() !== "" && (text.length === 0 || !opens(line()))) {
      text.push(line());
      at += 1;
    }
    blocks.push({ kind: "paragraph", children: parseInline(text.join("\n")) });
  }
  return blocks;
}

/** Whether a line starts a block of its own in the middle of a paragraph. */
function opens(line: string): boolean {
  return FENCE.test(line) || HEADING.test(line) || QUOTE.test(line) || BULLET.test(line);
}

const SAFE_SCHEME = /^(https?:\/\/|mailto:)/i;
const URL_START = /^https?:\/\/[^\s<>"'`]+/i;
const SPANS = [
  { mark: "**", kind: "strong" },
  { mark: "__", kind: "strong" },
  { mark: "~~", kind: "strike" },
  { mark: "*", kind: "em" },
  { mark: "_", kind: "em" },
] as const;

/** Reads emphasis, code and links; what does not close is text. */
export function parseInline(source: string, depth = 0): Inline[] {
  const out: Inline[] = [];
  /** Marks known not to close any more, so that a row of them is read once. */
  const hopeless = new Set<string>();
  let text = "";
  let at = 0;
  const flush = (): void => {
    if (text !== "") out.push({ kind: "text", text });
    text = "";
  };
  const put = (node: Inline, next: number): void => {
    flush();
    out.push(node);
    at = next;
  };
  while (at < source.length) {
    const char = source.charAt(at);
    if (char === "\n") {
      put({ kind: "break" }, at + 1);
    } else if (char === "\\" && /[\\`*_~[\]()#>-]/.test(source.charAt(at + 1))) {
      text += source.charAt(at + 1);
      at += 2;
    } else if (char === "`") {
      const mark = runOf(source, at, "`");
      const end = hopeless.has(mark) ? -1 : source.indexOf(mark, at + mark.length);
      if (end < 0) {
        hopeless.add(mark);
        text += mark;
        at += mark.length;
      } else {
        put({ kind: "code", text: source.slice(at + mark.length, end).trim() }, end + mark.length);
      }
    } else if (char === "[") {
      const link = depth < MAX_DEPTH ? readLink(source, at, depth) : null;
      if (link) put(link.node, link.end);
      else {
        text += char;
        at += 1;
      }
    } else if ((char === "h" || char === "H") && !isWord(source.charAt(at - 1))) {
      const href = trimUrl(URL_START.exec(source.slice(at, at + MAX_LINK))?.[0] ?? "");
      if (href === "") {
        text += char;
        at += 1;
      } else {
        put({ kind: "link", href, children: [{ kind: "text", text: href }] }, at + href.length);
      }
    } else {
      const span = depth < MAX_DEPTH ? readSpan(source, at, depth, hopeless) : null;
      if (span) put(span.node, span.end);
      else {
        const run = "*_~".includes(char) ? runOf(source, at, char) : char;
        text += run;
        at += run.length;
      }
    }
  }
  flush();
  return out;
}

function runOf(source: string, at: number, char: string): string {
  let end = at;
  while (source.charAt(end) === char) end += 1;
  return source.slice(at, end);
}

function isWord(char: string): boolean {
  return char !== "" && /[\p{L}\p{N}_]/u.test(char);
}

interface Read {
  readonly node: Inline;
  readonly end: number;
}

function readSpan(source: string, at: number, depth: number, hopeless: Set<string>): Read | null {
  for (const { mark, kind } of SPANS) {
    if (!source.startsWith(mark, at) || hopeless.has(mark)) continue;
    const run = runOf(source, at, mark.charAt(0)).length;
    // Three marks are strong around emphasis.
    if (run !== mark.length && !(run === 3 && mark.length === 2)) continue;
    if (!/\S/.test(source.charAt(at + run))) continue;
    const underscore = mark.startsWith("_");
    if (underscore && isWord(source.charAt(at - 1))) continue;
    const end = closing(source, at + mark.length, mark, underscore);
    if (end < 0) {
      hopeless.add(mark);
      continue;
    }
    const children = parseInline(source.slice(at + mark.length, end), depth + 1);
    return { node: { kind, children }, end: end + mark.length };
  }
  return null;
}

/** The next place where `mark` may close: after a visible character, and alone. */
function closing(source: string, from: number, mark: string, underscore: boolean): number {
  const char = mark.charAt(0);
  for (let at = source.indexOf(char, from); at >= 0; ) {
    const run = runOf(source, at, char).length;
    const fits = run === mark.length || (run === 3 && mark.length < 3);
    const place = at + run - mark.length;
    const visible = /\S/.test(source.charAt(at - 1));
    const ends = !underscore || !isWord(source.charAt(at + run));
    if (fits && visible && ends && place > from) return place;
    at = source.indexOf(char, at + run);
  }
  return -1;
}

/** `[words](address)` with an address that is safe to open; else null, and it is text. */
function readLink(source: string, at: number, depth: number): Read | null {
  const near = source.slice(at, at + MAX_LINK);
  const middle = near.indexOf("](");
  const close = near.indexOf(")", middle);
  if (middle < 2 || close < 0) return null;
  const words = near.slice(1, middle);
  const href = near.slice(middle + 2, close).trim();
  if (words.includes("[") || words.includes("\n")) return null;
  if (!SAFE_SCHEME.test(href) || /\s/.test(href)) return null;
  const children = parseInline(words, depth + 1).filter((node) => node.kind !== "link");
  return { node: { kind: "link", href, children }, end: at + close + 1 };
}

/** An address without the punctuation of the sentence around it. */
function trimUrl(url: string): string {
  let end = url.length;
  while (end > 0) {
    const last = url.charAt(end - 1);
    const unbalanced = last === ")" && !url.slice(0, end).includes("(");
    if (!".,;:!?*_~]".includes(last) && !unbalanced) break;
    end -= 1;
  }
  return url.slice(0, end).length > "https://".length ? url.slice(0, end) : "";
}
