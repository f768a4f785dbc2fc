/**
 * Whether somebody just asked to join, or a page merely shows a notebook again.
 *
 * `%meet join` puts a fresh, one-time `intent` on the model. On a reload every model that is alive
 * in the kernel is rendered again, and a saved notebook brings its models back without a kernel:
 * nobody enters a meeting by that. So an intent counts once per tab (remembered in
 * sessionStorage, since a busy kernel does not hear for a while that it was used), and is then
 * cleared on the model, for other tabs and for the saved state.
 */

const KEY = "meetwidget:intents";
/** So many used intents are remembered per tab. */
const REMEMBERED = 50;
/** Between an intent and its room in what is remembered; in neither of them. */
const SEPARATOR = " ";

export interface IntentModel {
  get(name: "intent"): unknown;
  set(name: "intent", value: string): void;
  save_changes(): void;
}

type TabStorage = Pick<Storage, "getItem" | "setItem">;

function used(storage: TabStorage | null): string[] {
  try {
    const list: unknown = JSON.parse(storage?.getItem(KEY) ?? "[]");
    return Array.isArray(list) ? list.filter((item) => typeof item === "string") : [];
  } catch {
    return [];
  }
}

/** What the kernel says when `%meet leave` takes this page out of the room. */
export const LEAVE = "leave";

/** Whether this tab has joined `room` by an intent before: the page was reloaded. */
export function wasIn(room: string, storage: TabStorage | null): boolean {
  return used(storage).some((entry) => entry.split(SEPARATOR)[1] === room);
}

/** True the first time a model's intent is seen in this tab. */
export function takeIntent(model: IntentModel, room: string, storage: TabStorage | null): boolean {
  const intent = model.get("intent");
  if (typeof intent !== "string" || intent === "" || intent === LEAVE) return false;
  const before = used(storage);
  const fresh = !before.some((entry) => entry.split(SEPARATOR)[0] === intent);
  if (fresh) {
    try {
      storage?.setItem(
        KEY,
        JSON.stringify([...before, intent + SEPARATOR + room].slice(-REMEMBERED)),
      );
    } catch {
      // Storage full or forbidden: the model's own trait still remembers.
    }
  }
  try {
    model.set("intent", "");
    model.save_changes();
  } catch {
    // A model whose kernel is gone; the tab remembers.
  }
  return fresh;
}

/** The tab's storage; null where the host forbids it. */
export function tabStorage(): TabStorage | null {
  try {
    return globalThis.sessionStorage ?? null;
  } catch {
    return null;
  }
}
