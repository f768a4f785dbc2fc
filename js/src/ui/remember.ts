/** Wishes about the view that this browser keeps from one meeting to the next. */

import { effect, type Signal, signal } from "@preact/signals";

const PREFIX = "meetwidget:view:";

/** A signal whose value is kept under `name`; without storage it lasts as long as the page. */
export function remembered<T extends boolean | string | number>(
  name: string,
  usual: T,
  place: "localStorage" | "sessionStorage" = "localStorage",
): Signal<T> {
  const made = signal<T>(usual);
  try {
    const storage = globalThis[place];
    const text = storage.getItem(PREFIX + name);
    if (text !== null) {
      const value: unknown = JSON.parse(text);
      if (typeof value === typeof usual) made.value = value as T;
    }
    effect(() => storage.setItem(PREFIX + name, JSON.stringify(made.value)));
  } catch {
    // Storage is full, forbidden or holds something else: the wish lasts for this page.
  }
  return made;
}
