/** Finding cells, and bringing them before somebody's eyes. */

import type { Cell } from "@jupyterlab/cells";
import type { NotebookPanel } from "@jupyterlab/notebook";
import { watchGestures } from "./gestures.js";

/** How long a cell that was led to stands out, ms. */
const GLOW_MS = 1_600;
/** A notebook whose size is the same for so long has been laid out, ms. */
const SETTLED_MS = 1_000;
const STEPS = [0, 0.25, 0.5, 0.75, 1];

export interface FoundCell {
  readonly cell: Cell;
  /** Its place in the notebook, from 0. */
  readonly index: number;
}

/** The cell with an id; null: the notebook has none. */
export function findCell(panel: NotebookPanel, id: string): FoundCell | null {
  const index = panel.content.widgets.findIndex((cell) => cell.model.id === id);
  const cell = panel.content.widgets[index];
  return cell ? { cell, index } : null;
}

/** Ends what is still going on for the cell shown last. */
let endLast: () => void = () => undefined;

/**
 * Scrolls to a cell and lets it stand out for a moment. Active cell and focus stay what they are.
 *
 * A notebook that was just opened grows for a while, so this goes on until it has settled or
 * somebody wants to see something else.
 */
export async function showCell({ content }: NotebookPanel, { cell }: FoundCell): Promise<void> {
  endLast();
  const scroll = async (): Promise<void> => {
    // It rejects when something scrolls elsewhere meanwhile: that has the last word.
    await content.scrollToItem(content.widgets.indexOf(cell), "smart").catch(() => undefined);
  };
  let timer: ReturnType<typeof setTimeout> | undefined;
  const settle = (): void => {
    clearTimeout(timer);
    timer = setTimeout(end, SETTLED_MS);
  };
  const seen = new IntersectionObserver(
    (entries) => {
      settle();
      if (!isInSight(entries[entries.length - 1])) void scroll();
    },
    { threshold: STEPS },
  );
  const size = new ResizeObserver(settle);
  const release = watchGestures(document, () => end());
  const end = (): void => {
    clearTimeout(timer);
    seen.disconnect();
    size.disconnect();
    release();
  };
  endLast = end;
  await scroll();
  settle();
  seen.observe(cell.node);
  if (cell.node.parentElement) size.observe(cell.node.parentElement);
  glow(cell.node);
}

/** Half of it, or as much as there is room for. */
function isInSight(entry: IntersectionObserverEntry | undefined): boolean {
  if (!entry) return true;
  const room = entry.rootBounds?.height ?? Number.POSITIVE_INFINITY;
  return entry.intersectionRect.height >= Math.min(entry.boundingClientRect.height, room) / 2;
}

function glow(node: HTMLElement): void {
  if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  const color = getComputedStyle(node).getPropertyValue("--jp-brand-color1") || "currentcolor";
  node.animate(
    [{ boxShadow: `inset 0 0 0 2px ${color}` }, { boxShadow: "inset 0 0 0 2px transparent" }],
    { duration: GLOW_MS, easing: "ease-in" },
  );
}
