/** What of a MIME bundle is shown: the best of what can be shown safely. */

import { type Figure, figureOf } from "./figure-data.js";
import { affordable } from "./svg-cost.js";
import type { MimeBundle } from "./types.js";

export const CELL_MIME = "application/vnd.meetwidget.cell+json";

/** Pictures that browsers decode without running anything, the most exact first. */
const PICTURES = ["image/png", "image/jpeg", "image/webp", "image/gif"] as const;
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;
/** Larger pictures are not decoded, characters of base64, and pixels where they are known before. */
const MAX_PICTURE = 24_000_000;
const MAX_PIXELS = 64_000_000;
/** Figures that are drawn here from their data. */
const PLOTLY = "application/vnd.plotly.v1+json";
/** Figures that only their own large libraries draw. */
const PLOT = /^application\/vnd\.(?:plotly|vega|vegalite|bokeh|holoviews)/;

export type Shown =
  | { readonly kind: "cell"; readonly cell: SharedCell }
  | { readonly kind: "figure"; readonly figure: Figure }
  | { readonly kind: "picture"; readonly src: string; readonly size: Size | null }
  | { readonly kind: "html"; readonly html: string; readonly text: string | null }
  | { readonly kind: "latex"; readonly tex: string }
  | { readonly kind: "markdown"; readonly body: string }
  | { readonly kind: "json"; readonly text: string }
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "plot"; readonly text: string | null }
  | { readonly kind: "none"; readonly types: readonly string[] };

/** A cell as `meetwidget.wire.share` describes it; outputs are nbformat 4's. */
export interface SharedCell {
  readonly source: string;
  readonly language: string;
  readonly outputs: readonly Readonly<Record<string, unknown>>[];
  readonly executionCount: number | null;
}

/** Pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** A value of a bundle as text; Jupyter writes long texts as lists of lines. */
export function textOf(value: unknown): string | null {
  if (typeof value === "string") return value;
  if (Array.isArray(value) && value.every((line) => typeof line === "string")) {
    return value.join("");
  }
  return null;
}

/** The best of what the bundle has; `drawable` says whether an SVG may be drawn. */
export function choose(data: MimeBundle, drawable: (svg: string) => boolean = affordable): Shown {
  const figure = data[CELL_MIME] === undefined ? figureOf(data[PLOTLY]) : null;
  return figure ? { kind: "figure", figure } : chooseUndrawn(data, drawable);
}

/** The same without figures that would have to be drawn. */
export function chooseUndrawn(
  data: MimeBundle,
  drawable: (svg: string) => boolean = affordable,
): Shown {
  const text = textOf(data["text/plain"]);
  const cell = cellOf(data[CELL_MIME]);
  if (cell) return { kind: "cell", cell };
  const latex = textOf(data["text/latex"]);
  if (latex !== null) return { kind: "latex", tex: withoutMarks(latex) };
  for (const type of PICTURES) {
    const base64 = (textOf(data[type]) ?? "").replace(/\s/g, "");
    if (base64.length > MAX_PICTURE || !BASE64.test(base64)) continue;
    const size = sizeOf(base64);
    if (size && size.width * size.height > MAX_PIXELS) continue;
    return { kind: "picture", src: `data:${type};base64,${base64}`, size };
  }
  const svg = textOf(data["image/svg+xml"]);
  // As an image of its own, with an origin of its own: nothing in it runs, and nothing is loaded.
  if (svg !== null && drawable(svg)) {
    return {
      kind: "picture",
      src: `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`,
      size: null,
    };
  }
  if (Object.keys(data).some((type) => PLOT.test(type))) return { kind: "plot", text };
  const html = textOf(data["text/html"]);
  if (html !== null) return { kind: "html", html, text };
  const markdown = textOf(data["text/markdown"]);
  if (markdown !== null) return { kind: "markdown", body: markdown };
  if (data["application/json"] !== undefined) {
    return { kind: "json", text: JSON.stringify(data["application/json"], null, 2) };
  }
  if (text !== null) return { kind: "text", text };
  return { kind: "none", types: Object.keys(data) };
}

/** IPython writes `$\displaystyle …$` and `$$…$$`; KaTeX wants what is inside. */
function withoutMarks(latex: string): string {
  const text = latex.trim();
  const inside = /^(\$\$?)([^$]*)\1$/.exec(text)?.[2] ?? /^\\\[([\s\S]*)\\\]$/.exec(text)?.[1];
  return (inside ?? text).trim();
}

/** A PNG's size, which its first bytes tell: room can be kept for it. */
function sizeOf(base64: string): Size | null {
  if (!base64.startsWith("iVBORw0KGgo")) return null;
  const bytes = Uint8Array.from(atob(base64.slice(0, 32)), (char) => char.charCodeAt(0));
  const view = new DataView(bytes.buffer);
  const [width, height] = [view.getUint32(16), view.getUint32(20)];
  return width > 0 && height > 0 ? { width, height } : null;
}

function cellOf(value: unknown): SharedCell | null {
  if (typeof value !== "object" || value === null) return null;
  const { source, language, outputs, execution_count: count } = value as Record<string, unknown>;
  if (typeof source !== "string") return null;
  return {
    source,
    language: typeof language === "string" ? language : "python",
    outputs: Array.isArray(outputs)
      ? outputs.filter((output) => typeof output === "object" && output !== null)
      : [],
    executionCount: typeof count === "number" ? count : null,
  };
}
