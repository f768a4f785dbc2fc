/**
 * Where a person works, as opposed to where they click.
 *
 * A meeting lives in the output of a cell: whoever writes in its chat makes that cell the active
 * one, and that notebook the current one. Neither is where they are. Nor is a place they were led
 * to theirs before they do something there: shared code goes into one's own notebook.
 */

import type { Cell } from "@jupyterlab/cells";
import type { INotebookTracker, NotebookPanel } from "@jupyterlab/notebook";

export interface Spot {
  readonly panel: NotebookPanel;
  readonly cell: Cell | null;
}

const GESTURES = ["pointerdown", "keydown"] as const;
const MEETING = ".mw-room";

export class Whereabouts {
  #spot: Spot | null = null;
  /** Where somebody pointed or typed last. */
  #touched: Element | null = null;
  readonly #listeners = new Set<() => void>();

  constructor(
    private readonly tracker: INotebookTracker,
    page: Document,
  ) {
    const touch = ({ target }: Event): void => {
      this.#touched = target instanceof Element ? target : null;
      // After Jupyter's own listeners, which make cells active.
      setTimeout(() => this.#look());
    };
    for (const name of GESTURES) page.addEventListener(name, touch, { capture: true });
    tracker.currentChanged.connect(() => this.#look());
    tracker.activeCellChanged.connect(() => this.#look());
    this.#look();
  }

  /** The notebook and cell one works in; null: none is open. */
  get spot(): Spot | null {
    return this.#kept() ?? this.#now();
  }

  /** Calls back after `spot` changed. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #look(): void {
    const now = this.#now();
    const meeting = this.#touched?.closest(MEETING) ?? null;
    const inCell = now?.cell?.node.contains(this.#touched) === true && meeting === null;
    const onMeeting = now?.cell?.node.querySelector(MEETING) != null;
    // The keyboard comes into a meeting from elsewhere, so its cell counts only if it was meant.
    if (this.#kept() && (meeting !== null || (onMeeting && !inCell))) return;
    if (now?.panel === this.#spot?.panel && now?.cell === this.#spot?.cell) return;
    this.#spot = now;
    for (const listener of [...this.#listeners]) listener();
  }

  /** What was found last, while it is still there. */
  #kept(): Spot | null {
    const spot = this.#spot;
    return spot && !spot.panel.isDisposed && spot.cell?.isDisposed !== true ? spot : null;
  }

  #now(): Spot | null {
    const panel = this.tracker.currentWidget;
    return panel ? { panel, cell: panel.content.activeCell } : null;
  }
}
