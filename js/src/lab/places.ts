/**
 * The plugin for places in notebooks: says where one is, leads to where others are, and lets
 * messages point at cells.
 */

import {
  ILabShell,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin,
} from "@jupyterlab/application";
import { ICommandPalette } from "@jupyterlab/apputils";
import { IDocumentManager } from "@jupyterlab/docmanager";
import { INotebookTracker } from "@jupyterlab/notebook";
import { meetings, onHostChange, provideHost } from "../ui/host.js";
import { JupyterHost } from "./notebook-host.js";
import { cellOfAddress } from "./notebook-path.js";
import { words } from "./words.js";

const POINT = "meetwidget:point-at-cell";

/** In Notebook 7 a place is an address; JupyterLab itself goes to cells in addresses. */
async function followAddress(host: JupyterHost, tracker: INotebookTracker): Promise<void> {
  const cell = cellOfAddress(location.hash);
  if (cell === null) return;
  const go = async (): Promise<void> => {
    const panel = tracker.currentWidget;
    if (!panel) return;
    tracker.currentChanged.disconnect(go);
    await panel.context.ready;
    await panel.revealed;
    await host.reveal(panel, cell, true);
  };
  tracker.currentChanged.connect(go);
  await go();
}

/** Brings what shows a meeting to the front of its area. */
function reveal(app: JupyterFrontEnd, element: Element | undefined): void {
  if (!element) return;
  for (const area of ["main", "left", "right"]) {
    for (const widget of app.shell.widgets(area)) {
      if (widget.node.contains(element) && !widget.isVisible) app.shell.activateById(widget.id);
    }
  }
}

function addPointing(
  app: JupyterFrontEnd,
  host: JupyterHost,
  tracker: INotebookTracker,
  palette: ICommandPalette | null,
): void {
  const inMeeting = (): boolean => meetings().length > 0;
  app.commands.addCommand(POINT, {
    label: words.pointAtCell,
    caption: words.pointAtCellHint,
    isEnabled: () => inMeeting() && tracker.currentWidget !== null,
    isVisible: inMeeting,
    execute: () => {
      const place = host.place();
      const meeting = meetings().at(-1);
      if (!place || !meeting) return;
      reveal(app, meeting.element);
      meeting.point(place);
    },
    describedBy: { args: { type: "object", properties: {} } },
  });
  onHostChange(() => app.commands.notifyCommandChanged(POINT));
  palette?.addItem({ command: POINT, category: words.category });
}

export const places: JupyterFrontEndPlugin<void> = {
  id: "meetwidget:places",
  description: "Shows meetings where in the notebooks people are, and goes there.",
  autoStart: true,
  optional: [INotebookTracker, IDocumentManager, ILabShell, ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    tracker: INotebookTracker | null,
    documents: IDocumentManager | null,
    labShell: ILabShell | null,
    palette: ICommandPalette | null,
  ) => {
    // Pages without notebooks (Notebook 7's list of files) have nothing to offer.
    if (!tracker || !documents) return;
    const host = new JupyterHost({ app, tracker, documents, labShell });
    provideHost(host);
    addPointing(app, host, tracker, palette);
    if (!labShell) void followAddress(host, tracker);
  },
};
