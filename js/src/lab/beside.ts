/** The plugin for meetings beside the notebook: panels in the right sidebar for `%meet join --sidebar`. */

import type { JupyterFrontEnd, JupyterFrontEndPlugin } from "@jupyterlab/application";
import { Widget } from "@lumino/widgets";
import { type Panel, providePanels } from "../ui/host.js";

/** After JupyterLab's own panels of that side. */
const RANK = 1000;
const PADDING_PX = 2;
/** The narrowest that rooms are made for, 280 px, and what is around it. */
const MIN_WIDTH_PX = 280 + 2 * PADDING_PX;

function open(app: JupyterFrontEnd, panels: Map<string, Widget>, room: string): Panel {
  const panel = panels.get(room) ?? new Widget();
  if (!panels.has(room)) {
    panels.set(room, panel);
    panel.id = `meetwidget-beside-${room}`;
    panel.title.label = room;
    panel.title.caption = room;
    panel.node.style.padding = `${PADDING_PX}px`;
    panel.node.style.minWidth = `${MIN_WIDTH_PX}px`;
    panel.node.style.overflow = "auto";
    app.shell.add(panel, "right", { rank: RANK });
  }
  app.shell.activateById(panel.id);
  return {
    el: panel.node,
    close: () => {
      if (panels.get(room) !== panel) return;
      panels.delete(room);
      panel.dispose();
    },
  };
}

export const beside: JupyterFrontEndPlugin<void> = {
  id: "meetwidget:beside",
  description: "Shows meetings beside the notebook.",
  autoStart: true,
  activate: (app: JupyterFrontEnd) => {
    const panels = new Map<string, Widget>();
    providePanels((room) => open(app, panels, room));
  },
};
