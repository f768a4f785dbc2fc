/**
 * Reads Markdown (GitHub's, with math and emoji) into a tree, by markdown-it.
 *
 * Its tokens are copied into the tree one by one, by name: what is not known here does not get
 * through. It reads no HTML, and no HTML is made of the tree.
 */

import Markdown, { type MarkdownIt, type Token } from "markdown-it";
import emoji from "markdown-it-emoji/lib/data/full.mjs";
import { safeLink } from "./links.js";
import { mathMarks } from "./math-marks.js";
import type { Align, MarkdownNode, PlainTag } from "./tree.js";

/** Longer texts are shown as typed, characters; a message is shorter, what a kernel shares may not be. */
const MAX_TEXT = 100_000;
/** Quotes in lists in quotes …: deeper than this it is shown as typed. */
const MAX_NESTING = 24;

const OWN_PICTURE = /^data:image\/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/]+={0,2}$/;
const EMOJI = /:([a-z0-9_+-]{1,40}):/g;
const TASK = /^\[([ xX])\]\s+/;

function makeReader(): MarkdownIt {
  const md = new Markdown({ html: false, breaks: true, linkify: true, maxNesting: MAX_NESTING });
  md.validateLink = (url) => safeLink(url) || OWN_PICTURE.test(url);
  // `README.md` is a file and no site in Moldova.
  md.linkify.set({ fuzzyLink: false, fuzzyEmail: false });
  return md.use(mathMarks);
}

let reader: MarkdownIt | null = null;

/** Trees of texts read lately, the newest last: a list shows the same ones again and again. */
const lately = new Map<string, readonly MarkdownNode[]>();
const MAX_LATELY = 400;

/** The tree of a message's text. */
export function readMarkdown(body: string): readonly MarkdownNode[] {
  const known = lately.get(body);
  if (known) return known;
  const tree = read(body);
  lately.set(body, tree);
  if (lately.size > MAX_LATELY) lately.delete(lately.keys().next().value as string);
  return tree;
}

function read(body: string): readonly MarkdownNode[] {
  if (body.length > MAX_TEXT) return [{ kind: "block", text: body, language: "" }];
  reader ??= makeReader();
  return nest(reader.parse(body, {}));
}

const PLAIN: Readonly<Record<string, PlainTag>> = {
  paragraph: "p",
  strong: "strong",
  em: "em",
  s: "s",
  blockquote: "blockquote",
  bullet_list: "ul",
  list_item: "li",
  table: "table",
  thead: "thead",
  tbody: "tbody",
  tr: "tr",
};

/** Open elements, each with the children read so far. */
interface Frame {
  readonly open: Token | null;
  readonly children: MarkdownNode[];
}

/** Makes a tree of a row of tokens. */
function nest(tokens: readonly Token[]): MarkdownNode[] {
  const stack: Frame[] = [{ open: null, children: [] }];
  const top = (): Frame => stack[stack.length - 1] as Frame;
  for (const token of tokens) {
    if (token.nesting === 1) {
      stack.push({ open: token, children: [] });
    } else if (token.nesting === -1) {
      const { open, children } = stack.pop() as Frame;
      if (open) top().children.push(...element(open, children));
    } else {
      top().children.push(...leaf(token));
    }
  }
  return stack[0]?.children ?? [];
}

function element(open: Token, children: MarkdownNode[]): MarkdownNode[] {
  const name = open.type.replace(/_open$/, "");
  switch (name) {
    case "heading":
      return [{ kind: "heading", level: Number(open.tag.slice(1)) || 1, children }];
    case "ordered_list":
      return [{ kind: "ol", start: Number(open.attrGet("start") ?? 1), children }];
    case "th":
    case "td":
      return [{ kind: "cell", head: name === "th", align: alignOf(open), children }];
    case "link": {
      const href = String(open.attrGet("href") ?? "");
      return safeLink(href) ? [{ kind: "link", href, children }] : children;
    }
    case "paragraph":
      // In a tight list the text is the item's own.
      return open.hidden ? children : [{ kind: "plain", tag: "p", children }];
    case "list_item":
      return [{ kind: "plain", tag: "li", children: withTask(children) }];
    default: {
      const tag = Object.hasOwn(PLAIN, name) ? PLAIN[name] : undefined;
      return tag ? [{ kind: "plain", tag, children }] : children;
    }
  }
}

function leaf(token: Token): MarkdownNode[] {
  switch (token.type) {
    case "inline":
      return nest(token.children ?? []);
    case "text":
      return token.content === "" ? [] : [{ kind: "text", text: withEmoji(token.content) }];
    case "softbreak":
    case "hardbreak":
      return [{ kind: "break" }];
    case "hr":
      return [{ kind: "rule" }];
    case "code_inline":
      return [{ kind: "code", text: token.content }];
    case "fence": {
      const language = /^[\w+#.-]{1,30}/.exec(token.info.trim())?.[0] ?? "";
      const text = token.content.replace(/\n$/, "");
      return language === "math"
        ? [{ kind: "math", tex: text, display: true }]
        : [{ kind: "block", text, language }];
    }
    case "code_block":
      return [{ kind: "block", text: token.content.replace(/\n$/, ""), language: "" }];
    case "math":
      return [{ kind: "math", tex: token.content, display: token.markup === "$$" }];
    case "math_block":
      return [{ kind: "math", tex: token.content, display: true }];
    case "image":
      return [picture(token)];
    default:
      return token.content === "" ? [] : [{ kind: "text", text: token.content }];
  }
}

/** A picture elsewhere would tell its server who reads the message and when. */
function picture(token: Token): MarkdownNode {
  const src = String(token.attrGet("src") ?? "");
  const alt = token.content;
  if (OWN_PICTURE.test(src)) return { kind: "picture", src, alt };
  const text: MarkdownNode = { kind: "text", text: alt === "" ? src : alt };
  return safeLink(src) ? { kind: "link", href: src, children: [text] } : text;
}

function alignOf(open: Token): Align | null {
  const style = String(open.attrGet("style") ?? "");
  return (/text-align:(left|center|right)/.exec(style)?.[1] as Align | undefined) ?? null;
}

/** An item's children, its `[x]` read as the box of a task. */
function withTask(children: MarkdownNode[]): MarkdownNode[] {
  const [first, ...rest] = children;
  if (first?.kind === "plain" && first.tag === "p") {
    const inside = withTask([...first.children]);
    return inside[0]?.kind === "task" ? [{ ...first, children: inside }, ...rest] : children;
  }
  const mark = first?.kind === "text" ? TASK.exec(first.text) : null;
  if (first?.kind !== "text" || !mark) return children;
  return [
    { kind: "task", done: mark[1] !== " " },
    { kind: "text", text: first.text.slice(mark[0].length) },
    ...rest,
  ];
}

function withEmoji(text: string): string {
  return text.replace(EMOJI, (typed, name: string) =>
    Object.hasOwn(emoji, name) ? (emoji[name] ?? typed) : typed,
  );
}

export { emoji };
