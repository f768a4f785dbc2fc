/** Which page an address means, and the other way round. */

export type Route =
  | { readonly page: "home" }
  | { readonly page: "room"; readonly room: string }
  /** `link` is empty when the address carries none. */
  | { readonly page: "guest"; readonly link: string }
  | { readonly page: "unknown" };

const ROOMS = "rooms/";

/** What `pathname` and `hash` mean below `base`, the service's path. */
export function routeOf(base: string, where: { pathname: string; hash: string }): Route {
  if (`${where.pathname}/` === base || where.pathname === base) return { page: "home" };
  if (!where.pathname.startsWith(base)) return { page: "unknown" };
  const rest = where.pathname.slice(base.length);
  if (rest === "guest") return { page: "guest", link: where.hash.replace(/^#/, "") };
  if (!rest.startsWith(ROOMS)) return { page: "unknown" };
  try {
    return { page: "room", room: decodeURIComponent(rest.slice(ROOMS.length)) };
  } catch {
    return { page: "unknown" };
  }
}

/** The path of a room's page; a room's name needs no escaping but for what is no room's name. */
export function roomPath(base: string, room: string): string {
  return base + ROOMS + room.split("/").map(encodeURIComponent).join("/");
}

/** The room a page URL names, as a ticket's `page_url` gives it; null if it names none. */
export function roomOfPageUrl(base: string, url: string, here: string): string | null {
  try {
    const route = routeOf(base, new URL(url, here));
    return route.page === "room" ? route.room : null;
  } catch {
    return null;
  }
}
