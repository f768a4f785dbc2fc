/** Draws figures by Plotly; a file of its own, loaded with the first figure that is shared. */

import Plotly from "plotly.js-cartesian-dist-min";
import type { Figure } from "./figure-data.js";
import { ensureStyle } from "./styles.js";

await ensureStyle(document.documentElement, __RICH_STYLES__.figure);

/** Height to width, pixels where that would be too flat or too high. */
const ASPECT = 0.66;
const MIN_HEIGHT = 200;
const MAX_HEIGHT = 520;
/** Narrower, the legend goes above, pixels. */
const NARROW = 480;
/** Neither light nor dark: the style sheet colours what follows the theme. */
const NEUTRAL = "#808080";
const GRID = "rgba(128, 128, 128, 0.25)";

/** Of colours and what they stand for. */
const BAR = { thickness: 12, outlinewidth: 0 };

/** To be looked at: no editing, no service of anybody's, no keys or wheel taken from the chat. */
const CONFIG = {
  displayModeBar: false,
  displaylogo: false,
  showLink: false,
  showSendToCloud: false,
  showEditInChartStudio: false,
  plotlyServerURL: "",
  editable: false,
  scrollZoom: false,
  doubleClick: false,
  showTips: false,
  showAxisDragHandles: false,
  showAxisRangeEntryBoxes: false,
  typesetMath: false,
  responsive: false,
  queueLength: 0,
  logging: 0,
  notifyOnLogging: 0,
};

type Layout = Record<string, unknown>;

function sizeFor(width: number): { width: number; height: number } {
  return { width, height: Math.round(Math.min(MAX_HEIGHT, Math.max(MIN_HEIGHT, width * ASPECT))) };
}

/** The author's layout within ours. */
function layoutFor(figure: Figure, width: number): Layout {
  const layout: Layout = { ...figure.layout };
  const axis = { automargin: true, gridcolor: GRID, linecolor: GRID, zerolinecolor: GRID };
  for (const name of ["xaxis", "yaxis"]) layout[name] ??= {};
  for (const [name, part] of Object.entries(layout)) {
    if (/^[xy]axis/.test(name)) {
      layout[name] = { ...(part as Layout), automargin: true, fixedrange: true };
    }
  }
  const template = (figure.layout.template as Layout | undefined)?.layout as Layout | undefined;
  const narrow = width < NARROW;
  return {
    ...layout,
    ...sizeFor(width),
    template: {
      layout: { ...template, xaxis: axis, yaxis: axis, coloraxis: { colorbar: BAR } },
      data: { heatmap: [{ colorbar: BAR }], contour: [{ colorbar: BAR }] },
    },
    autosize: false,
    dragmode: false,
    // Names of facets stand above.
    margin: { l: 8, r: 8, t: figure.layout.annotations ? 28 : 12, b: 8, pad: 2 },
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    font: { family: "system-ui, sans-serif", size: narrow ? 11 : 12, color: NEUTRAL },
    legend: {
      ...(layout.legend as Layout | undefined),
      ...(narrow ? { orientation: "h", x: 0, y: 1.03, xanchor: "left", yanchor: "bottom" } : {}),
      itemclick: false,
      itemdoubleclick: false,
      bgcolor: "rgba(0,0,0,0)",
    },
  };
}

/** Draws into `host`, again when its width changes; the promise is refused where Plotly cannot. */
export function drawFigure(
  host: HTMLElement,
  figure: Figure,
): { readonly drawn: Promise<void>; readonly purge: () => void } {
  void ensureStyle(host, __RICH_STYLES__.figure);
  let gone = false;
  let width = 0;
  let last: Promise<unknown> = Promise.resolve();
  const draw = (): Promise<unknown> => {
    const now = Math.floor(host.clientWidth);
    if (gone || now === 0 || now === width) return last;
    width = now;
    // Plotly writes into what it is given.
    const data = structuredClone(figure.data) as unknown[];
    const layout = structuredClone(layoutFor(figure, width));
    last = last.then(() => (gone ? undefined : Plotly.react(host, data, layout, CONFIG)));
    return last;
  };
  const drawn = draw().then(() => undefined);
  const watching = new ResizeObserver(() => void draw().catch(() => undefined));
  watching.observe(host);
  return {
    drawn,
    purge() {
      gone = true;
      watching.disconnect();
      Plotly.purge(host);
    },
  };
}
