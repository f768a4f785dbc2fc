/** The anywidget entry: what a notebook's output shows for `%meet join`. Placeholder. */

import { getSession, shared } from "../session/index.js";

/** Session, media and interface of the first copy on the page serve all (see registry.ts). */
function runtime() {
  return shared("runtime", () => ({ getSession }));
}

export default {
  render({ el }: { el: HTMLElement }): void {
    el.textContent = `meetwidget ${Object.keys(runtime()).length}`;
  },
};
