import { expect, test } from "vitest";
import { figureOf } from "../src/rich/figure-data.js";
import { decoded } from "../src/rich/figure-numbers.js";
import { choose, chooseUndrawn } from "../src/rich/mime.js";

const MIME = "application/vnd.plotly.v1+json";

function base64(numbers: ArrayBufferView): string {
  return Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength).toString("base64");
}

test("a figure of Plotly 6 is read with its binary arrays and its names", () => {
  const figure = figureOf({
    data: [
      {
        type: "scattergl",
        name: "train",
        x: { dtype: "i1", bdata: base64(new Int8Array([1, 2])) },
        y: { dtype: "f8", bdata: base64(new Float64Array([0.5, -1])) },
      },
    ],
    layout: {
      title: { text: "Loss<br><b>of</b> a run" },
      template: { layout: { colorway: ["red"] } },
    },
  });
  expect(figure?.data[0]).toMatchObject({ type: "scatter", name: "train" });
  expect(Array.from(figure?.data[0]?.y as Float64Array)).toEqual([0.5, -1]);
  expect(figure?.title).toBe("Loss of a run");
  expect(figure?.names).toEqual(["train"]);
  expect(figure?.layout.template).toEqual({ layout: { colorway: ["red"] } });
});

test("a shape makes rows, and must fit", () => {
  const bdata = base64(new Uint8Array([1, 2, 3, 4, 5, 6]));
  const rows = decoded({ dtype: "u1", bdata, shape: "2, 3" }, 100) as Uint8Array[];
  expect(rows.map((row) => [...row])).toEqual([
    [1, 2, 3],
    [4, 5, 6],
  ]);
  for (const shape of ["2, 2", "6e9", "-1, -6", "1.5, 4", "1,1,1,6", "x"]) {
    expect(decoded({ dtype: "u1", bdata, shape }, 100)).toBeNull();
  }
  expect(decoded({ dtype: "u1", bdata }, 5)).toBeNull();
  expect(decoded({ dtype: "f8", bdata }, 100)).toBeNull();
  expect(decoded({ dtype: "toString", bdata }, 100)).toBeNull();
  expect(decoded({ dtype: "u1", bdata: "<script>" }, 100)).toBeNull();
});

test("nothing is left that loads, links, runs or begins a tag", () => {
  const evil = "https://evil.example/x.png";
  const figure = figureOf({
    data: [
      {
        y: [1],
        name: "<a href='https://evil.example/x.png'>x</a><img src=x onerror=run()>",
        text: ["<", "a<b", "p < 0.05", "<br>", "&lt;b&gt;"],
        hovertemplate: "<%{text}<br><extra></extra>",
        line: { dash: "0.1px", color: `url(${evil})` },
        marker: { pattern: { shape: "/" } },
      },
    ],
    layout: {
      images: [{ source: evil }],
      updatemenus: [{}],
      xaxis: { tickformat: "9999999d", rangebreaks: [{}], font: { color: "red" } },
      template: { layout: { images: [{ source: evil }], mapbox: { style: evil } } },
      geo: {},
    },
    config: { plotlyServerURL: evil },
  });
  expect(figure).not.toBeNull();
  expect(JSON.stringify(figure)).not.toMatch(
    /evil|onerror|href|images|updatemenus|geo|9999|pattern|0\.1px|rangebreaks|red/,
  );
  expect(figure?.data[0]).toMatchObject({
    text: ["‹", "a‹b", "p < 0.05", "<br>", " b "],
    hovertemplate: "‹%{text}<br><extra></extra>",
  });
});

test.each([
  ["maps", [{ type: "scattermap", lat: [1], lon: [1] }]],
  ["three dimensions", [{ type: "surface", z: [[1]] }]],
  ["a part of it that is not drawn", [{ y: [1] }, { type: "violin", y: [1] }]],
  ["too many points", [{ mode: "markers", y: new Array(20_000).fill(1) }]],
  ["too many values", [{ mode: "lines", y: new Array(500_000).fill(1) }]],
  ["too many traces", new Array(100).fill({ y: [1] })],
  ["a grid of all pairs", [{ type: "heatmap", x: [1, 2], y: [1, 2], z: [1, 2] }]],
  [
    "one wide row of many",
    [{ type: "heatmap", z: [new Array(5_000).fill(1), ...new Array(5_000).fill([1])] }],
  ],
  ["names as bins", [{ type: "histogram2d", x: ["a"], y: ["b"] }]],
  ["broken numbers", [{ y: { dtype: "f8", bdata: "AAA" } }]],
  ["nothing", []],
  ["no list", {}],
])("of a figure with %s the picture is shown, else a sentence", (_, data) => {
  const bundle = { [MIME]: { data, layout: {} } };
  expect(choose(bundle).kind).toBe("plot");
  expect(choose({ ...bundle, "image/png": "iVBO" }).kind).toBe("picture");
});

test("counts of bins and lines are bounded", () => {
  const figure = figureOf({
    data: [
      { type: "histogram", x: [1], nbinsx: 1e9, xbins: { start: 0, end: 1e9, size: 1 } },
      { type: "contour", z: [[1]], ncontours: 1e9, contours: { start: 0, end: 1, size: 1e-9 } },
      { type: "histogram", x: [1], xbins: { start: 0, end: 10, size: 0.5 } },
    ],
  });
  expect(figure?.data[0]).toMatchObject({ nbinsx: 200 });
  expect(figure?.data[0]).not.toHaveProperty("xbins");
  expect(figure?.data[1]).toMatchObject({ ncontours: 30, contours: {} });
  expect(figure?.data[2]).toHaveProperty("xbins.size", 0.5);
});

test("a figure is drawn rather than its picture, which is shown where it cannot be", () => {
  const bundle = { [MIME]: { data: [{ y: [1, 2] }] }, "image/png": "iVBO" };
  expect(choose(bundle).kind).toBe("figure");
  expect(chooseUndrawn(bundle).kind).toBe("picture");
});
