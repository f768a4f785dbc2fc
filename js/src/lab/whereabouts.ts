/**
 * Where a person works, as opposed to where they click.
 *
 * A meeting lives in the output of a cell: whoever writes in its chat makes that cell the active
 * one, and that notebook the current one. Neither is where they are.
 */

import type { Cell } from "@jupyterlab/cells";
import type { INotebookTracker, NotebookPanel } from "@jupyterlab/notebook";

export interface Spot {
  readonly panel: NotebookPanel;
  readonly cell: Cell | null;
}

/** What says where a person's attention is, in the order in which browsers tell it. */
const ATTENTION = ["pointerdown", "keydown", "focusin"] as const;
const MEETING = ".mw-room";

export class Whereabouts {
  #spot: Spot | null = null;
  #inMeeting = false;

  constructor(
    private readonly tracker: INotebookTracker,
    page: Document,
  ) {
    const attend = ({ target }: Event): void => {
      this.#inMeeting = target instanceof Element && target.closest(MEETING) !== null;
    };
    // Before Jupyter's own listeners, which make cells active.
    for (const name of ATTENTION) page.addEventListener(name, attend, { capture: true });
    tracker.currentChanged.connect(() => this.#look());
    tracker.activeCellChanged.connect(() => this.#look());
    this.#look();
  }

  /** The notebook and cell one works in; null: none is open. */
  get spot(): Spot | null {
    const spot = this.#spot;
    if (spot && !spot.panel.isDisposed && spot.cell?.isDisposed !== true) return spot;
    return this.#now();
  }

  #look(): void {
    if (this.#inMeeting && this.#spot && this.spot === this.#spot) return;
    this.#spot = this.#now();
  }

  #now(): Spot | null {
    const panel = this.tracker.currentWidget;
    return panel ? { panel, cell: panel.content.activeCell } : null;
  }
}
