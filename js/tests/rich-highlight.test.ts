import { expect, test } from "vitest";
import { highlight } from "../src/rich/highlight.js";

const names = (code: string, language: string): string[] =>
  (highlight(code, language) ?? []).filter(({ name }) => name !== "").map(({ name }) => name);

test.each(["python", "Python", "ipython3", "py"])("%s is highlighted", (language) => {
  expect(names("def f(): return 'x'  # y", language)).toEqual(
    expect.arrayContaining(["hljs-keyword", "hljs-string", "hljs-comment"]),
  );
});

test.each([
  "r",
  "julia",
  "bash",
  "js",
  "ts",
  "json",
  "yaml",
  "sql",
  "cpp",
  "java",
  "rust",
  "go",
  "tex",
])("%s is known", (language) => {
  expect(highlight("x = 1", language)).not.toBeNull();
});

test.each(["", "no-such-language", "__proto__", "constructor"])("%j is left alone", (language) => {
  expect(highlight("x = 1", language)).toBeNull();
});

test("nothing of the code is lost or changed", () => {
  const code = "def f(x):\n\treturn f'<b>{x!r}</b>' & 1 # \u202e\n\n\n";
  for (const language of ["python", "html", "js", "r"]) {
    expect(
      highlight(code, language)
        ?.map(({ text }) => text)
        .join(""),
    ).toBe(code);
  }
});

test("very long code stays in one colour, instead of keeping the page busy", () => {
  expect(highlight("x = 1\n".repeat(2_001), "python")).toBeNull();
  expect(highlight("[](".repeat(4_000), "markdown")).toBeNull();
});
