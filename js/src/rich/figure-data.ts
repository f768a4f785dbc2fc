/**
 * Reads a Plotly figure that somebody shares: what of it may be drawn, as plain data.
 *
 * A figure comes from a stranger, so this is a list of what is let through: kinds of traces, parts
 * of a layout, text without markup. Nothing in what comes out names a place to load from, and its
 * size bounds the time that drawing takes.
 */

import { decoded, type NumberArray } from "./figure-numbers.js";

/** What Plotly draws; made here, so all of it is clean. */
export interface Figure {
  readonly data: readonly Attributes[];
  readonly layout: Attributes;
  /** Without markup; shown by us, where it can wrap. */
  readonly title: string | null;
  /** Names of the series, for those who cannot see the figure. */
  readonly names: readonly string[];
}

type Attributes = Readonly<Record<string, unknown>>;

/** Most traces, axes (facets have one or two each), annotations and shapes of a figure. */
const MAX_TRACES = 60;
const MAX_AXES = 24;
const MAX_DRAWN = 60;
/** Most values of a figure, and most characters of a text. */
const MAX_VALUES = 400_000;
const MAX_TEXT = 500;
const MAX_DEPTH = 8;
/** Most that is drawn, in markers: a browser draws so many in about a second. */
const MAX_COST = 6_000;
/** Most bins of a histogram along an axis, and most lines of a contour plot. */
const MAX_BINS = 200;
const MAX_CONTOURS = 30;

/** Most ticks of an axis; how far apart they are is Plotly's choice, which ends for all data. */
const MAX_TICKS = 30;

/** A line's point costs little, as Plotly leaves out what is not seen; text is measured piece by piece. */
const COST = { line: 0.05, value: 0.05, cell: 0.05, marker: 1, bar: 2, contour: 1, text: 16 };

const LAYOUT =
  /^(?:title|[xy]axis\d{0,3}|coloraxis\d{0,3}|legend|annotations|shapes|bar(?:mode|gap|groupgap|norm)|box(?:mode|gap|groupgap)|hovermode|showlegend|colorway|colorscale|piecolorway|extendpiecolors|separators|font|autotypenumbers)$/;
/** Loads, takes input, or loops for as long as its author likes. */
const FORBIDDEN =
  /^(?:_.*|constructor|prototype|.*src|images|updatemenus|sliders|frames|transforms|rangebreaks|rangeslider|rangeselector|pattern|fillpattern|stream|href|target|dtick|tick0|minor|bandwidth)$/;
/** A reader's theme colours these; they are not the author's. */
const THEMED =
  /^(?:paper_bgcolor|plot_bgcolor|gridcolor|linecolor|zerolinecolor|tickcolor|dividercolor|bgcolor)$/;
const OWN_PICTURE = /^data:image\/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/]+={0,2}$/;
const DASH = /^(?:solid|dot|dash|longdash|dashdot|longdashdot)$/;

class Refused extends Error {}

/** By what was shared: a card asks more than once. */
const known = new WeakMap<object, Figure | null>();

/** What may be drawn of a figure as Plotly's JSON has it; null: not to be drawn. */
export function figureOf(value: unknown): Figure | null {
  if (!isRecord(value)) return null;
  const before = known.get(value);
  if (before !== undefined) return before;
  let figure: Figure | null = null;
  try {
    figure = read(value);
  } catch (error) {
    if (!(error instanceof Refused) && !(error instanceof RangeError)) throw error;
  }
  known.set(value, figure);
  return figure;
}

function read(value: Record<string, unknown>): Figure {
  if (!Array.isArray(value.data) || value.data.length === 0 || value.data.length > MAX_TRACES) {
    throw new Refused();
  }
  const count = { values: 0 };
  const data = value.data.map((trace) => traceOf(trace, count));
  if (data.reduce((sum, trace) => sum + costOf(trace), 0) > MAX_COST) throw new Refused();
  const layout = layoutOf(isRecord(value.layout) ? value.layout : {}, count);
  const { title, ...rest } = layout;
  return {
    data,
    layout: rest,
    title: oneLine(isRecord(title) ? title.text : title),
    names: data.flatMap((trace) => oneLine(trace.name) ?? []),
  };
}

function traceOf(value: unknown, count: { values: number }): Record<string, unknown> {
  if (!isRecord(value)) throw new Refused();
  const trace = cleaned(value, "", 0, count) as Record<string, unknown>;
  // Drawn by WebGL there, for large data; the rest is the same.
  if (trace.type === "scattergl" || trace.type === undefined) trace.type = "scatter";
  for (const name of ["nbinsx", "nbinsy"]) trace[name] = atMost(trace[name], MAX_BINS);
  for (const name of ["xbins", "ybins"]) if (!few(trace[name], MAX_BINS)) delete trace[name];
  if (trace.ncontours !== undefined) trace.ncontours = atMost(trace.ncontours, MAX_CONTOURS);
  if (isRecord(trace.contours) && !few(trace.contours, MAX_CONTOURS)) {
    const { start: _start, end: _end, size: _size, ...rest } = trace.contours;
    trace.contours = rest;
  }
  return trace;
}

function layoutOf(
  value: Record<string, unknown>,
  count: { values: number },
): Record<string, unknown> {
  const chosen: Record<string, unknown> = {};
  let axes = 0;
  for (const [name, part] of Object.entries(value)) {
    if (!LAYOUT.test(name)) continue;
    if (/axis/.test(name) && ++axes > MAX_AXES) throw new Refused();
    if (Array.isArray(part) && part.length > MAX_DRAWN) throw new Refused();
    chosen[name] = cleaned(part, name, 0, count, name !== "shapes");
  }
  const template = isRecord(value.template) ? value.template : {};
  const from = isRecord(template.layout) ? template.layout : {};
  // Of a template the colours of what is drawn; the rest is how a page looks, and ours to say.
  const layout: Record<string, unknown> = {};
  for (const name of ["colorway", "colorscale", "autotypenumbers"]) {
    if (from[name] !== undefined) layout[name] = cleaned(from[name], name, 0, count);
  }
  return { ...chosen, template: { layout } };
}

/** A copy without what may not be, see `FORBIDDEN`. */
function cleaned(
  value: unknown,
  key: string,
  depth: number,
  count: { values: number },
  themed = false,
): unknown {
  if (++count.values > MAX_VALUES || depth > MAX_DEPTH) throw new Refused();
  if (key === "nticks") return atMost(value, MAX_TICKS);
  if (typeof value === "number") return Number.isFinite(value) ? value : null;
  if (typeof value === "string") return stringOf(value, key);
  if (Array.isArray(value)) {
    // Each is a text that is drawn.
    if (/^tick(?:vals|text)$/.test(key) && value.length > MAX_DRAWN) return undefined;
    return value.map((one) => cleaned(one, key, depth + 1, count, themed));
  }
  if (!isRecord(value)) return typeof value === "boolean" ? value : null;
  if (typeof value.bdata === "string") {
    const numbers = decoded(value, MAX_VALUES - count.values);
    if (!numbers) throw new Refused();
    count.values += sizeOf(numbers);
    return numbers;
  }
  const copy: Record<string, unknown> = {};
  for (const [name, part] of Object.entries(value)) {
    if (FORBIDDEN.test(name)) continue;
    if (themed && (THEMED.test(name) || (name === "color" && /font$/.test(key)))) continue;
    const clean = cleaned(part, name, depth + 1, count, themed);
    if (clean !== undefined) copy[name] = clean;
  }
  return copy;
}

/** A text without markup; undefined: Plotly's own choice. */
function stringOf(value: string, key: string): string | undefined {
  if (key === "source") return OWN_PICTURE.test(value) ? value : undefined;
  if (key === "dash") return DASH.test(value) ? value : undefined;
  if (/url\s*\(|javascript:/i.test(value)) return undefined;
  // A width of a billion characters would be filled up with spaces.
  if (/format/.test(key) && /\d{3}/.test(value)) return undefined;
  if (/template$/.test(key) && /%\{[^}]*\d{3}/.test(value)) return undefined;
  return withoutMarkup(value.slice(0, MAX_TEXT));
}

/**
 * Line breaks stay, and what tells apart the parts of a hover text; other tags are left out. No `<`
 * is left where a tag could begin, as templates put texts together.
 */
function withoutMarkup(text: string): string {
  return text
    .replace(/&(?:lt|gt|#\d+|#x[0-9a-f]+);?/gi, " ")
    .replace(/<(?!br\s*\/?>|\/?extra>)\/?[a-z][^<>]*>/gi, "")
    .replace(/<(?!br\s*\/?>|\/?extra>|[\s\d=])/gi, "‹");
}

function oneLine(value: unknown): string | null {
  if (typeof value !== "string") return null;
  const text = value
    .replace(/<[^<>]*>/g, " ")
    .replace(/\s+/g, " ")
    .trim();
  return text === "" ? null : text;
}

function costOf(trace: Attributes): number {
  const texts = Array.isArray(trace.text) || trace.texttemplate !== undefined;
  const long = Math.max(lengthOf(trace.x), lengthOf(trace.y));
  switch (trace.type) {
    case "scatter": {
      const mode = typeof trace.mode === "string" ? trace.mode : long < 20 ? "markers" : "lines";
      const bars = trace.error_x !== undefined || trace.error_y !== undefined ? COST.marker : 0;
      const marks = /markers/.test(mode) ? COST.marker : 0;
      return long * (COST.line + bars + marks + (texts && /text/.test(mode) ? COST.text : 0));
    }
    case "bar":
      return long * (COST.bar + (texts ? COST.text : 0));
    case "box":
      return long * (trace.boxpoints === false ? COST.value : 2 * COST.marker);
    case "histogram":
      return long * COST.value + MAX_BINS * (trace.texttemplate === undefined ? 1 : COST.text);
    case "histogram2d":
      // Names would make a bin of each pair of them.
      if (!isNumbers(trace.x) || !isNumbers(trace.y)) throw new Refused();
      return long * COST.value + 1_000;
    case "heatmap":
    case "contour": {
      // Of columns Plotly makes a grid of all pairs.
      const cells = gridSize(trace.z);
      const each = trace.type === "contour" ? COST.contour : COST.cell;
      return cells * (each + (texts ? COST.text : 0));
    }
    case "image":
      return trace.source === undefined ? gridSize(trace.z) * COST.cell : 1_000;
    case "pie":
      return Math.max(lengthOf(trace.labels), lengthOf(trace.values)) * COST.text * 2;
    default:
      throw new Refused();
  }
}

/** Cells of rows, the shorter ones filled up. */
function gridSize(rows: unknown): number {
  if (!Array.isArray(rows) || rows.length === 0) throw new Refused();
  let widest = 0;
  for (const row of rows) {
    if (!Array.isArray(row) && !ArrayBuffer.isView(row)) throw new Refused();
    widest = Math.max(widest, lengthOf(row));
  }
  return rows.length * widest;
}

function sizeOf(numbers: NumberArray | readonly unknown[]): number {
  if (!Array.isArray(numbers)) return numbers.length;
  return numbers.reduce((sum: number, row) => sum + sizeOf(row as NumberArray), 0);
}

/** Of nested lists (two-level categories) the longest. */
function lengthOf(value: unknown): number {
  if (ArrayBuffer.isView(value)) return (value as NumberArray).length;
  if (!Array.isArray(value)) return 0;
  return value.reduce(
    (longest: number, one) => Math.max(longest, Array.isArray(one) ? one.length : 0),
    value.length,
  );
}

function isNumbers(value: unknown): boolean {
  return (
    ArrayBuffer.isView(value) ||
    (Array.isArray(value) && value.every((one) => one === null || typeof one === "number"))
  );
}

/** Whether `{start, end, size}` makes at most `most` steps. */
function few(value: unknown, most: number): boolean {
  if (!isRecord(value)) return false;
  const { start, end, size } = value;
  if (typeof start !== "number" || typeof end !== "number" || typeof size !== "number") {
    return false;
  }
  return size > 0 && Math.abs(end - start) / size <= most;
}

function atMost(value: unknown, most: number): number | undefined {
  return typeof value === "number" && value > 0 ? Math.min(value, most) : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
