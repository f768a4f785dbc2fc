/** What the server tells the page in its own HTML, so that the first picture needs no request. */

export interface PageConfig {
  /** Path of the service, with a final slash: `/services/meet/`. */
  readonly base: string;
  /** The hub's own pages; absolute where the hub has another host. */
  readonly hubHome: string;
  readonly logout: string;
  /** User name of who is signed in; null on the guests' page. */
  readonly user: string | null;
}

const ELEMENT = "meet-config";

function text(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}

/** Reads the configuration; throws where the page is not the service's. */
export function readConfig(page: Document): PageConfig {
  const source = page.getElementById(ELEMENT)?.textContent;
  if (!source) throw new Error(`no #${ELEMENT} in this page`);
  const found = JSON.parse(source) as Record<string, unknown>;
  const base = text(found.base);
  if (base === null) throw new Error(`#${ELEMENT} names no base`);
  return {
    base,
    hubHome: text(found.hub_home) ?? "/hub/home",
    logout: text(found.logout) ?? "/hub/logout",
    user: text(found.user),
  };
}
