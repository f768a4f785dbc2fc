import { expect, test } from "vitest";
import { CELL_MIME, choose, textOf } from "../src/rich/mime.js";

const PNG = "iVBORw0KGgoAAAANSUhEUgAAAHgAAAAyCAIAAAAY";

test.each([
  [{ "image/png": PNG, "text/plain": "<Figure>", "text/html": "<b>" }, "picture"],
  [{ "text/latex": "$x$", "image/png": PNG, "text/plain": "x" }, "latex"],
  [{ "text/html": "<table>", "text/plain": "t" }, "html"],
  [{ "text/markdown": "*x*", "text/plain": "t" }, "markdown"],
  [{ "application/json": { a: 1 }, "text/plain": "<JSON>" }, "json"],
  [{ "image/svg+xml": "<svg/>", "text/plain": "<SVG>" }, "picture"],
  [{ "application/vnd.plotly.v1+json": {}, "text/html": "<div>" }, "plot"],
  [{ "application/vnd.plotly.v1+json": {}, "image/png": PNG }, "picture"],
  [{ [CELL_MIME]: { source: "1" }, "text/plain": "1" }, "cell"],
  [{ [CELL_MIME]: { source: 1 }, "text/plain": "1" }, "text"],
  [{ "application/javascript": "alert(1)", "text/plain": "<JS>" }, "text"],
  [{ "application/javascript": "alert(1)" }, "none"],
  [{}, "none"],
])("of %j it shows the %s", (data, kind) => {
  expect(choose(data, () => true).kind).toBe(kind);
});

test("only base64 becomes a picture", () => {
  expect(choose({ "image/png": "iVBO\nRw0K" })).toMatchObject({
    src: "data:image/png;base64,iVBORw0K",
  });
  expect(choose({ "image/png": '"><script>' }).kind).toBe("none");
  expect(choose({ "image/png": 'x" onerror="alert(1)' }).kind).toBe("none");
});

test("room is kept for a PNG, whose size is known before it is decoded", () => {
  expect(choose({ "image/png": PNG })).toMatchObject({ size: { width: 120, height: 50 } });
  expect(choose({ "image/jpeg": "/9j/4AAQ" })).toMatchObject({ size: null });
});

test("SVG is an image of its own, with nothing of it in the page", () => {
  const shown = choose({ "image/svg+xml": '<svg onload="alert(1)"/>' }, () => true);
  expect(shown).toMatchObject({ kind: "picture" });
  expect("src" in shown && shown.src).toMatch(/^data:image\/svg\+xml;charset=utf-8,%3Csvg/);
});

test("an SVG that must not be drawn gives way to the next best", () => {
  const data = { "image/svg+xml": "<svg/>", "text/plain": "a figure" };
  expect(choose(data, () => false)).toEqual({ kind: "text", text: "a figure" });
});

test("a picture that is small to send and huge to decode is not decoded", () => {
  // 120 000 × 120 000 pixels.
  const huge = "iVBORw0KGgoAAAANSUhEUgAB1MAAAdTACAIAAAAY";
  expect(choose({ "image/png": huge, "text/plain": "huge" }).kind).toBe("text");
});

test.each([
  ["$\\displaystyle x$", "\\displaystyle x"],
  ["$$x$$", "x"],
  ["\\[x\\]", "x"],
  ["\\begin{align}x\\end{align}", "\\begin{align}x\\end{align}"],
  ["$a$ and $b$", "$a$ and $b$"],
])("takes the marks off %j", (latex, tex) => {
  expect(choose({ "text/latex": latex })).toEqual({ kind: "latex", tex });
});

test("a shared cell has what the wire says, whatever else is in it", () => {
  const cell = {
    source: "x",
    language: 1,
    outputs: [{ output_type: "stream" }, null, 3, "x"],
    execution_count: "7",
  };
  expect(choose({ [CELL_MIME]: cell })).toEqual({
    kind: "cell",
    cell: {
      source: "x",
      language: "python",
      outputs: [{ output_type: "stream" }],
      executionCount: null,
    },
  });
});

test("a text may come in lines", () => {
  expect(textOf(["a\n", "b"])).toBe("a\nb");
  expect(textOf(["a", 1])).toBeNull();
  expect(textOf(undefined)).toBeNull();
});
