/** What the notebook around the widget tells about its server, without asking the kernel. */

import type { Invitation } from "../ui/view.js";

/** The base URL of the Jupyter server that serves this page; null outside of Jupyter's pages. */
export function pageBaseUrl(page: Document): string | null {
  const text = page.getElementById("jupyter-config-data")?.textContent;
  if (text) {
    try {
      const { baseUrl } = JSON.parse(text) as { baseUrl?: unknown };
      if (typeof baseUrl === "string" && baseUrl !== "") return baseUrl;
    } catch {
      // Not Jupyter's configuration after all.
    }
  }
  // The classic notebook and nbclassic write it on the body.
  return page.body?.dataset.baseUrl ?? null;
}

/** Parts of a Lab address that mean this browser's window layout, not the notebook. */
const WORKSPACE = /\/(?:workspaces|doc\/workspaces)\/[^/]+/;

/** How others reach the room: the line to run, and this page's address without its secrets. */
export function invitationOf(room: string, address: string): Invitation {
  const link = new URL(address);
  link.search = "";
  link.hash = "";
  link.username = "";
  link.password = "";
  link.pathname = link.pathname.replace(WORKSPACE, "");
  const web = link.protocol === "https:" || link.protocol === "http:";
  return { command: `%meet join ${room}`, link: web ? link.href : null };
}
