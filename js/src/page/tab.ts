/** What this tab remembers over a reload. */

import type { KnownGuest } from "./guest.js";

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

const GUEST_KEY = "meetwidget:guest";

/** Who this tab's guest was; a nameless one when there is none. */
export function knownGuest(tab: Pick<Storage, "getItem"> | null = storage()): KnownGuest {
  try {
    const found = JSON.parse(tab?.getItem(GUEST_KEY) ?? "{}") as Record<string, unknown>;
    return {
      name: typeof found.name === "string" ? found.name : "",
      guest: typeof found.guest === "string" ? found.guest : null,
    };
  } catch {
    return { name: "", guest: null };
  }
}

export function rememberGuest(
  guest: KnownGuest,
  tab: Pick<Storage, "setItem"> | null = storage(),
): void {
  try {
    tab?.setItem(GUEST_KEY, JSON.stringify(guest));
  } catch {
    // They type their name again, and are another guest.
  }
}
