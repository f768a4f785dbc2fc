/** Finding cells, and bringing them before somebody's eyes. */

import type { Cell } from "@jupyterlab/cells";
import type { NotebookPanel } from "@jupyterlab/notebook";

/** How long a cell that was led to stands out, ms. */
const GLOW_MS = 1_600;

export interface FoundCell {
  readonly cell: Cell;
  /** Its place in the notebook, from 0. */
  readonly index: number;
}

export function findCell(panel: NotebookPanel, id: string): FoundCell | null {
  const index = panel.content.widgets.findIndex((cell) => cell.model.id === id);
  const cell = panel.content.widgets[index];
  return cell ? { cell, index } : null;
}

/** Scrolls to a cell and lets it stand out for a moment. Active cell and focus stay what they are. */
export async function showCell(
  { content }: NotebookPanel,
  { cell, index }: FoundCell,
): Promise<void> {
  // It rejects when somebody scrolls elsewhere meanwhile: theirs is the last word.
  await content.scrollToItem(index, "smart").catch(() => undefined);
  if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  const color = getComputedStyle(cell.node).getPropertyValue("--jp-brand-color1") || "currentcolor";
  cell.node.animate(
    [{ boxShadow: `inset 0 0 0 2px ${color}` }, { boxShadow: "inset 0 0 0 2px transparent" }],
    { duration: GLOW_MS, easing: "ease-in" },
  );
}
