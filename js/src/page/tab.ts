/** What this tab remembers over a reload. */

const KEY = "meetwidget:page-rooms";
/** So many rooms are remembered. */
const REMEMBERED = 20;

function storage(): Storage | null {
  try {
    return globalThis.sessionStorage ?? null;
  } catch {
    return null;
  }
}

function rooms(tab: Pick<Storage, "getItem"> | null): string[] {
  try {
    const list: unknown = JSON.parse(tab?.getItem(KEY) ?? "[]");
    return Array.isArray(list) ? list.filter((item) => typeof item === "string") : [];
  } catch {
    return [];
  }
}

/** Whether this tab has been in `room` and did not leave it by its button. */
export function wasIn(room: string, tab: Pick<Storage, "getItem"> | null = storage()): boolean {
  return rooms(tab).includes(room);
}

/** Remembers that this tab is in `room`, or that it has left it. */
export function remember(
  room: string,
  isIn: boolean,
  tab: Pick<Storage, "getItem" | "setItem"> | null = storage(),
): void {
  const others = rooms(tab).filter((name) => name !== room);
  try {
    tab?.setItem(KEY, JSON.stringify(isIn ? [...others, room].slice(-REMEMBERED) : others));
  } catch {
    // Full or forbidden: after a reload the room asks as it asks newcomers.
  }
}

const NAME_KEY = "meetwidget:guest-name";

/** The name this tab's guest gave last; empty when there is none. */
export function guestName(tab: Pick<Storage, "getItem"> | null = storage()): string {
  try {
    return tab?.getItem(NAME_KEY) ?? "";
  } catch {
    return "";
  }
}

export function rememberGuestName(
  name: string,
  tab: Pick<Storage, "setItem"> | null = storage(),
): void {
  try {
    tab?.setItem(NAME_KEY, name);
  } catch {
    // They type it again.
  }
}
