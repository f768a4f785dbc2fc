/** What JupyterLab and Notebook 7 do for a meeting: where one is, going somewhere, new cells. */

import type { ILabShell, JupyterFrontEnd } from "@jupyterlab/application";
import type { IDocumentManager } from "@jupyterlab/docmanager";
import { type INotebookTracker, NotebookActions, type NotebookPanel } from "@jupyterlab/notebook";
import type { DockPanel } from "@lumino/widgets";
import type { Location } from "../session/types.js";
import type { InsertOptions, NotebookHost, Opened, OpenOptions } from "../ui/host.js";
import { findCell, showCell } from "./cells.js";
import { watchGestures } from "./gestures.js";
import { notebookAddress, notebookPath } from "./notebook-path.js";
import { Whereabouts } from "./whereabouts.js";
import { words } from "./words.js";

export interface Surroundings {
  readonly app: JupyterFrontEnd;
  readonly tracker: INotebookTracker;
  readonly documents: IDocumentManager;
  /** Null in Notebook 7, where every document has a browser tab of its own. */
  readonly labShell: ILabShell | null;
}

export class JupyterHost implements NotebookHost {
  readonly #whereabouts: Whereabouts;

  constructor(private readonly around: Surroundings) {
    this.#whereabouts = new Whereabouts(around.tracker, document);
  }

  place(): Location | null {
    const spot = this.#whereabouts.spot;
    if (!spot) return null;
    const path = this.localPath(spot.panel);
    return spot.cell ? { path, cell: spot.cell.model.id } : { path };
  }

  onPlace(listener: () => void): () => void {
    const { tracker } = this.around;
    const tell = (): void => listener();
    const watchPath = (_: unknown, panel: NotebookPanel): void => {
      panel.context.pathChanged.connect(tell);
      void panel.context.ready.then(tell);
    };
    const stop = this.#whereabouts.onChange(tell);
    tracker.widgetAdded.connect(watchPath);
    tracker.forEach((panel) => {
      watchPath(tracker, panel);
    });
    return () => {
      stop();
      tracker.widgetAdded.disconnect(watchPath);
      tracker.forEach((panel) => {
        panel.context.pathChanged.disconnect(tell);
      });
    };
  }

  onGesture(listener: () => void): () => void {
    return watchGestures(document, listener);
  }

  cellNumber({ path, cell }: Location): number | null {
    const panel = this.panelAt(path);
    const found = panel && cell !== undefined ? findCell(panel, cell) : null;
    return found ? found.index + 1 : null;
  }

  async open(place: Location, options: OpenOptions = {}): Promise<Opened> {
    const path = notebookPath(place.path);
    if (path === null) throw new Error(words.noPath);
    const focus = options.focus !== false;
    const panel =
      this.panelAt(path) ?? (await this.openAnew(path, place.cell, focus, options.keep));
    // In a tab of its own, where this extension goes to the cell.
    if (!panel) return { cellFound: true };
    await panel.context.ready;
    if (focus) this.around.app.shell.activateById(panel.id);
    else (panel.parent as Partial<DockPanel> | null)?.selectWidget?.(panel);
    await panel.revealed;
    return this.reveal(panel, place.cell, focus);
  }

  /** Goes to a cell in a notebook that is in front. */
  async reveal(panel: NotebookPanel, id: string | undefined, focus: boolean): Promise<Opened> {
    if (id === undefined) return { cellFound: true };
    const found = findCell(panel, id);
    if (!found) return { cellFound: false };
    if (focus) {
      panel.content.deselectAll();
      panel.content.mode = "command";
      panel.content.activeCellIndex = found.index;
    }
    await showCell(panel, found);
    return { cellFound: true };
  }

  async insertCell(source: string, options: InsertOptions = {}): Promise<Location> {
    const spot = this.#whereabouts.spot;
    if (!spot) throw new Error(words.noNotebook);
    const { panel } = spot;
    const { content } = panel;
    if (spot.cell) content.activeCellIndex = content.widgets.indexOf(spot.cell);
    content.deselectAll();
    NotebookActions.insertBelow(content);
    if (options.language === "markdown") NotebookActions.changeCellType(content, "markdown");
    const cell = content.activeCell;
    if (!cell) throw new Error(words.noNotebook);
    cell.model.sharedModel.setSource(source);
    this.around.app.shell.activateById(panel.id);
    await showCell(panel, { cell, index: content.activeCellIndex });
    return { path: this.localPath(panel), cell: cell.model.id };
  }

  /** As others name it: real-time collaboration has a drive of its own for the server's files. */
  private localPath(panel: NotebookPanel): string {
    return this.around.app.serviceManager.contents.localPath(panel.context.path);
  }

  /** The notebook that is open here, the one in front first. */
  private panelAt(path: string): NotebookPanel | null {
    const current = this.around.tracker.currentWidget;
    if (current && this.localPath(current) === path) return current;
    return this.around.tracker.find((panel) => this.localPath(panel) === path) ?? null;
  }

  private async openAnew(
    path: string,
    cell: string | undefined,
    focus: boolean,
    keep: Element | undefined,
  ): Promise<NotebookPanel | null> {
    const { app, documents, labShell } = this.around;
    if (!labShell && !focus) throw new Error(words.otherTab(path));
    const { contents, serverSettings } = app.serviceManager;
    if (contents.driveName(path) !== "") throw new Error(words.noPath);
    const current = this.#whereabouts.spot?.panel.context.path ?? "";
    const drive = contents.driveName(current);
    const full = drive === "" ? path : `${drive}:${path}`;
    const model = await contents.get(full, { content: false }).catch((error: unknown) => {
      throw new Error(refused(error) ? words.notThere(path) : words.noAnswer(path));
    });
    if (model.type !== "notebook") throw new Error(words.noPath);
    if (!labShell) {
      const tab = window.open(notebookAddress(serverSettings.baseUrl, path, cell), "_blank");
      if (!tab) throw new Error(words.blocked);
      return null;
    }
    const opened = documents.openOrReveal(full, "Notebook", undefined, {
      activate: focus,
      ...(keep ? this.besides(keep) : {}),
    });
    if (!opened) throw new Error(words.noAnswer(path));
    return opened;
  }

  /** Where in the main area a document does not cover an element: in another pane. */
  private besides(element: Element): { mode: "tab-after" | "split-right"; ref: string } | object {
    const shown = [...this.around.app.shell.widgets("main")].filter((one) => one.isVisible);
    const covered = shown.find((one) => one.node.contains(element));
    if (!covered) return {};
    const other = shown.find((one) => one !== covered);
    return other ? { mode: "tab-after", ref: other.id } : { mode: "split-right", ref: covered.id };
  }
}

/** Whether a request was answered, with a no. */
function refused(error: unknown): boolean {
  const status = (error as { response?: { status?: number } }).response?.status ?? 0;
  return status >= 400 && status < 500;
}
