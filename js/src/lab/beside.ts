/** The plugin for meetings beside the notebook: panels in the right sidebar for `%meet join --sidebar`. */

import type { JupyterFrontEnd, JupyterFrontEndPlugin } from "@jupyterlab/application";
import { Widget } from "@lumino/widgets";
import { type Panel, providePanels } from "../ui/host.js";

/** After JupyterLab's own panels of that side. */
const RANK = 1000;

function open(app: JupyterFrontEnd, panels: Map<string, Widget>, room: string): Panel {
  const panel = panels.get(room) ?? new Widget();
  if (!panels.has(room)) {
    panels.set(room, panel);
    panel.id = `meetwidget-beside-${room}`;
    panel.title.label = room;
    panel.title.caption = room;
    panel.node.style.padding = "8px";
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
