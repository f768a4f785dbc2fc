import fc from "fast-check";
import { expect, test } from "vitest";
import { type Block, type Inline, parse, parseInline } from "../src/ui/chat/format.js";

/** The tree as one line, for comparing. */
function show(nodes: readonly Inline[]): string {
  return nodes
    .map((node) => {
      switch (node.kind) {
        case "text":
          return node.text;
        case "break":
          return "⏎";
        case "code":
          return `<code ${node.text}>`;
        case "link":
          return `<link ${node.href} ${show(node.children)}>`;
        default:
          return `<${node.kind} ${show(node.children)}>`;
      }
    })
    .join("");
}

const inline = (source: string): string => show(parseInline(source));

function hrefs(nodes: readonly Inline[]): string[] {
  return nodes.flatMap((node) => {
    if (node.kind === "link") return [node.href, ...hrefs(node.children)];
    return "children" in node ? hrefs(node.children) : [];
  });
}

function inlinesOf(block: Block): readonly Inline[] {
  if (block.kind === "code") return [];
  return block.kind === "list" ? block.items.flat() : block.children;
}

test.each([
  ["plain", "plain"],
  ["a **b** c", "a <strong b> c"],
  ["*b* and _c_", "<em b> and <em c>"],
  ["***both***", "<strong <em both>>"],
  ["**a *b* c**", "<strong a <em b> c>"],
  ["~~gone~~", "<strike gone>"],
  ["`x * y`", "<code x * y>"],
  ["``a ` b``", "<code a ` b>"],
  ["snake_case_name", "snake_case_name"],
  ["2 * 3 * 4", "2 * 3 * 4"],
  ["a ** b", "a ** b"],
  ["**open", "**open"],
  ["one\ntwo", "one⏎two"],
  ["\\*not\\*", "*not*"],
])("reads %j as %j", (source, expected) => {
  expect(inline(source)).toBe(expected);
});

test.each([
  ["see https://a.org/x.", "see <link https://a.org/x https://a.org/x>."],
  ["(https://a.org/x)", "(<link https://a.org/x https://a.org/x>)"],
  ["https://a.org/x_(y)", "<link https://a.org/x_(y) https://a.org/x_(y)>"],
  ["[here](https://a.org)", "<link https://a.org here>"],
  ["[**b**](mailto:a@b.org)", "<link mailto:a@b.org <strong b>>"],
])("makes a link of %j", (source, expected) => {
  expect(inline(source)).toBe(expected);
});

test.each([
  "[x](javascript:alert(1))",
  "[x](data:text/html,hi)",
  "[x]( java\nscript:alert(1))",
  "[x](//evil.org)",
  "javascript:alert(1)",
  "<a href='https://x'",
])("makes no unsafe link of %j", (source) => {
  for (const href of hrefs(parseInline(source))) expect(href).toMatch(/^(https?:\/\/|mailto:)/);
});

test("HTML is text", () => {
  expect(inline("<b>x</b><script>alert(1)</script>")).toBe("<b>x</b><script>alert(1)</script>");
});

test("code blocks keep their text as it is", () => {
  expect(parse("before\n```python\na = 1\n\n  **b**\n```\nafter")).toEqual([
    { kind: "paragraph", children: [{ kind: "text", text: "before" }] },
    { kind: "code", language: "python", text: "a = 1\n\n  **b**" },
    { kind: "paragraph", children: [{ kind: "text", text: "after" }] },
  ]);
});

test("a code block that is not closed goes to the end", () => {
  expect(parse("```\nx")).toEqual([{ kind: "code", language: "", text: "x" }]);
});

test("lists, numbered from where they start, quotes and headings are blocks", () => {
  const blocks = parse("- a\n- b\n\n3. c\n4. d\n\n> q1\n> q2\n\n# Title");
  expect(blocks.map((block) => block.kind)).toEqual(["list", "list", "quote", "heading"]);
  expect(blocks[1]).toMatchObject({ ordered: true, start: 3 });
  expect(show(blocks[2] ? inlinesOf(blocks[2]) : [])).toBe("q1⏎q2");
});

test("any text is read without an exception, and every link is safe", () => {
  const marks = fc.constantFrom(
    "*",
    "_",
    "`",
    "~",
    "[",
    "](",
    ")",
    "\n",
    "- ",
    "> ",
    "http://",
    "x",
    " ",
    "```",
    "\\",
    "javascript:",
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(marks).map((list) => list.join("")),
      ),
      (body) => {
        for (const block of parse(body)) {
          for (const href of hrefs(inlinesOf(block)))
            expect(href).toMatch(/^(https?:\/\/|mailto:)/i);
        }
      },
    ),
    { numRuns: 500 },
  );
});

test("the longest allowed body of nothing but marks is read", () => {
  for (const mark of ["*", "**a", "_a ", "`", "[", "[a](", "~~ ", "> ", "https://", "*a_b`c~~d["]) {
    const body = mark.repeat(Math.ceil(16384 / mark.length));
    expect(parse(body).length).toBeGreaterThan(0);
  }
});
