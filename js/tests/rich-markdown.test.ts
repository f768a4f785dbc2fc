import fc from "fast-check";
import { expect, test } from "vitest";
import { readMarkdown } from "../src/rich/markdown.js";
import { namePattern } from "../src/rich/names.js";
import type { MarkdownNode } from "../src/rich/tree.js";

/** The tree as one line, for comparing. */
function show(nodes: readonly MarkdownNode[]): string {
  return nodes
    .map((node) => {
      switch (node.kind) {
        case "text":
          return node.text;
        case "break":
          return "⏎";
        case "rule":
          return "<hr>";
        case "code":
          return `<code ${node.text}>`;
        case "block":
          return `<block:${node.language} ${node.text}>`;
        case "math":
          return `<${node.display ? "display" : "math"} ${node.tex}>`;
        case "task":
          return node.done ? "<done>" : "<todo>";
        case "picture":
          return `<img ${node.alt}>`;
        case "link":
          return `<link ${node.href} ${show(node.children)}>`;
        case "heading":
          return `<h${node.level} ${show(node.children)}>`;
        case "ol":
          return `<ol:${node.start} ${show(node.children)}>`;
        case "cell":
          return `<${node.head ? "th" : "td"}:${node.align ?? ""} ${show(node.children)}>`;
        default:
          return `<${node.tag} ${show(node.children)}>`;
      }
    })
    .join("");
}

const read = (source: string): string => show(readMarkdown(source));

/** Of one paragraph, what is in it. */
const inline = (source: string): string => /^<p ([\s\S]*)>$/.exec(read(source))?.[1] ?? "";

function addresses(nodes: readonly MarkdownNode[]): string[] {
  return nodes.flatMap((node) => {
    if (node.kind === "link") return [node.href, ...addresses(node.children)];
    if (node.kind === "picture") return [node.src];
    return "children" in node ? addresses(node.children) : [];
  });
}

const SAFE = /^(https?:\/\/|mailto:|data:image\/(png|jpeg|gif|webp);base64,)/i;

test.each([
  ["plain", "plain"],
  ["a **b** c", "a <strong b> c"],
  ["*b* and _c_", "<em b> and <em c>"],
  ["***both***", "<em <strong both>>"],
  ["~~gone~~", "<s gone>"],
  ["`x * y`", "<code x * y>"],
  ["``a ` b``", "<code a ` b>"],
  ["snake_case_name", "snake_case_name"],
  ["2 * 3 * 4", "2 * 3 * 4"],
  ["**open", "**open"],
  ["one\ntwo", "one⏎two"],
  ["\\*not\\*", "*not*"],
  ["ship it :tada: :no_such_one: 10:30:45", "ship it 🎉 :no_such_one: 10:30:45"],
  ["`:tada:`", "<code :tada:>"],
])("reads %j as %j", (source, expected) => {
  expect(inline(source)).toBe(expected);
});

test.each([
  ["$x^2$", "<math x^2>"],
  ["so $a$, $b$.", "so <math a>, <math b>."],
  ["$5 and $10", "$5 and $10"],
  ["cost $5, not 10$5", "cost $5, not 10$5"],
  ["\\$x$", "$x$"],
  ["`$x$`", "<code $x$>"],
  ["$a_b*c*d$", "<math a_b*c*d>"],
  ["$a\\$b$", "<math a\\$b>"],
  ["see $$x$$ here", "see <display x> here"],
  ["$", "$"],
  ["$$", "$$"],
])("finds the math in %j: %j", (source, expected) => {
  expect(inline(source)).toBe(expected);
});

test.each([
  ["$$\na\n\nb\n$$", "<display a\n\nb>"],
  ["$$a$$", "<display a>"],
  ["before\n$$\na\n$$\nafter", "<p before><display a><p after>"],
  ["```math\nx\n```", "<display x>"],
  ["- $$\n  a\n  $$", "<ul <li <display a>>>"],
])("finds the display math in %j: %j", (source, expected) => {
  expect(read(source)).toBe(expected);
});

test.each([
  ["- a\n  - b\n    1. c", "<ul <li a<ul <li b<ol:1 <li c>>>>>>"],
  ["3. c\n4. d", "<ol:3 <li c><li d>>"],
  ["- [x] a\n- [ ] b\n- [y] c", "<ul <li <done>a><li <todo>b><li [y] c>>"],
  ["> a\n> > b", "<blockquote <p a><blockquote <p b>>>"],
  ["## T **b**", "<h2 T <strong b>>"],
  [
    "|a|b|\n|:-|-:|\n|1|*2*|",
    "<table <thead <tr <th:left a><th:right b>>><tbody <tr <td:left 1><td:right <em 2>>>>>",
  ],
  ["```python\na = 1\n\n  **b**\n```\nafter", "<block:python a = 1\n\n  **b**><p after>"],
  ["```\nx", "<block: x>"],
  ["~~~c++ title=x\nx\n~~~", "<block:c++ x>"],
  ["---", "<hr>"],
])("makes blocks of %j: %j", (source, expected) => {
  expect(read(source)).toBe(expected);
});

test.each([
  ["see https://a.org/x.", "see <link https://a.org/x https://a.org/x>."],
  ["(https://a.org/x)", "(<link https://a.org/x https://a.org/x>)"],
  ["https://a.org/x_(y)", "<link https://a.org/x_(y) https://a.org/x_(y)>"],
  ["[here](https://a.org)", "<link https://a.org here>"],
  ["[**b**](mailto:a@b.org)", "<link mailto:a@b.org <strong b>>"],
  ["README.md and setup.py", "README.md and setup.py"],
  ["![a cat](https://a.org/cat.png)", "<link https://a.org/cat.png a cat>"],
  ["![dot](data:image/png;base64,iVBORw0K)", "<img dot>"],
])("makes a link of %j", (source, expected) => {
  expect(inline(source)).toBe(expected);
});

test.each([
  "[x](javascript:alert(1))",
  "[x](JaVaScRiPt:alert(1))",
  "[x](&#106;avascript:alert(1))",
  "[x](java%0ascript:alert(1))",
  "[x](data:text/html,hi)",
  "[x](data:image/svg+xml;base64,PHN2Zz4=)",
  "![x](data:image/svg+xml;base64,PHN2Zz4=)",
  "[x](vbscript:x)",
  "[x](file:///etc/passwd)",
  "[x](blob:https://a.org/1)",
  "[x](//evil.org)",
  "[x](/hub/logout)",
  "<javascript:alert(1)>",
  "[x]: javascript:alert(1)\n\n[x]",
  "<a href='https://x'",
])("makes no unsafe link of %j", (source) => {
  for (const href of addresses(readMarkdown(source))) expect(href).toMatch(SAFE);
  expect(read(source)).not.toMatch(/<link (?!https?:|mailto:)/);
});

test("HTML is text", () => {
  expect(inline("<b>x</b><script>alert(1)</script>")).toBe("<b>x</b><script>alert(1)</script>");
});

test("any text is read without an exception, and every address is safe", () => {
  const marks = fc.constantFrom(
    ...["*", "_", "`", "~", "[", "](", ")", "!", "\n", "- ", "> ", "http://", "x", " ", "```"],
    ...["\\", "javascript:", "$", "$$", "|", "|-|", ":tada:", "[x] ", "&#58;", "data:image/png,"],
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(marks).map((list) => list.join("")),
      ),
      (body) => {
        for (const href of addresses(readMarkdown(body))) expect(href).toMatch(SAFE);
      },
    ),
    { numRuns: 500 },
  );
});

test("the longest allowed body of nothing but marks is read", () => {
  const marks = ["*", "**a", "_a ", "`", "[", "[a](", "~~ ", "> ", "https://", "*a_b`c~~d["];
  for (const mark of [...marks, "$", "$$", "$a", "$$\n", "|a", "- ", "![", "<", "&", ":a"]) {
    const body = mark.repeat(Math.ceil(16384 / mark.length));
    expect(readMarkdown(body).length).toBeGreaterThan(0);
  }
});

test.each([
  ["hello @Ada Lovelace!", ["@Ada Lovelace"]],
  ["mail ada@Ada Lovelace", []],
  ["@Ada Lovelaces", ["@Ada"]],
  ["@Adam", []],
  ["(@Ada) @Ada, @Ada Lovelace", ["@Ada", "@Ada", "@Ada Lovelace"]],
  ["@a.b* @aXb*", ["@a.b*"]],
])("finds the people named in %j", (text, expected) => {
  const names = namePattern([
    { text: "Ada", me: true },
    { text: "Ada Lovelace", me: false },
    { text: "a.b*", me: false },
  ]);
  expect([...text.matchAll(names!.pattern)].map(([name]) => name)).toEqual(expected);
});
