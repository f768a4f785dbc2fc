/** The list of rooms, kept fresh for as long as somebody looks at it. */

import { type ReadonlySignal, signal } from "@preact/signals";
import { type ListedRoom, PageFailure } from "./api.js";

/** How old the list may get while it is on screen, ms. */
const REFRESH_MS = 15_000;

export interface DirectoryState {
  /** Null before the first answer. */
  readonly rooms: readonly ListedRoom[] | null;
  /** Why the newest request failed; null when it did not. */
  readonly failure: PageFailure | null;
  readonly loading: boolean;
}

/** The document, as far as it tells whether anybody looks. */
export interface Visible extends EventTarget {
  readonly visibilityState: string;
}

/** Rooms with somebody in them first, then by name as people count: lab-2 before lab-10. */
export function inOrder(rooms: readonly ListedRoom[]): readonly ListedRoom[] {
  const byName = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });
  return [...rooms].sort(
    (a, b) =>
      Number(b.participants > 0) - Number(a.participants > 0) ||
      byName.compare(a.title, b.title) ||
      byName.compare(a.name, b.name),
  );
}

export class Directory {
  readonly #state = signal<DirectoryState>({ rooms: null, failure: null, loading: false });
  #running: Promise<void> | null = null;
  #loadedAt = Number.NEGATIVE_INFINITY;

  constructor(
    readonly load: () => Promise<readonly ListedRoom[]>,
    readonly page: Visible,
    readonly refreshMs = REFRESH_MS,
  ) {}

  get state(): ReadonlySignal<DirectoryState> {
    return this.#state;
  }

  /** Loads now; while a request is on its way, that one counts. */
  refresh(): Promise<void> {
    this.#running ??= this.#refresh().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  /** Keeps the list fresh until `signal` aborts; nothing is asked while the page is hidden. */
  follow(signal: AbortSignal): void {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const next = async (): Promise<void> => {
      clearTimeout(timer);
      if (signal.aborted || this.page.visibilityState !== "visible") return;
      await this.refresh();
      clearTimeout(timer);
      if (!signal.aborted) timer = setTimeout(() => void next(), this.refreshMs);
    };
    const seen = (): void => {
      const old = performance.now() - this.#loadedAt >= this.refreshMs;
      if (this.page.visibilityState === "visible" && old) void next();
    };
    this.page.addEventListener("visibilitychange", seen, { signal });
    signal.addEventListener("abort", () => clearTimeout(timer), { once: true });
    void next();
  }

  async #refresh(): Promise<void> {
    this.#state.value = { ...this.#state.value, loading: true };
    try {
      const rooms = inOrder(await this.load());
      this.#state.value = { rooms, failure: null, loading: false };
    } catch (error) {
      const failure =
        error instanceof PageFailure
          ? error
          : new PageFailure("broken", "broken", "The list of rooms could not be loaded.");
      // An older list is still better than none; who is signed out must not see it any more.
      const rooms = failure.kind === "signed-out" ? null : this.#state.value.rooms;
      this.#state.value = { rooms, failure, loading: false };
    }
    this.#loadedAt = performance.now();
  }
}
