/** What happens to the page that holds a session: sleep, a lost network, a reload. */

import type { Environment } from "./environment.js";

export interface PageListener {
  /** The network may be back, or gone unnoticed. */
  wake(): void;
  /** The page goes: last chance to write down what a reload needs. */
  goes(): void;
  /** The very page that went came back from the back-forward cache. */
  returned(): void;
}

/** Tells `listener` for as long as the page lives. */
export function watchPage({ window, document }: Environment, listener: PageListener): void {
  window?.addEventListener("online", () => listener.wake());
  // The browser itself then closes the socket, with 1001: the relay keeps our place for a while.
  window?.addEventListener("pagehide", () => listener.goes());
  window?.addEventListener("pageshow", (event) => {
    if ((event as PageTransitionEvent).persisted) listener.returned();
  });
  document?.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") listener.wake();
  });
}
