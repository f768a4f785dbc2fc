/** Listeners for things that happen; one that throws does not keep the others from hearing. */

export class Emitter<Events> {
  #listeners = new Map<keyof Events, Set<(event: never) => void>>();

  on<K extends keyof Events>(
    name: K,
    listener: (event: Events[K]) => void,
    options: { readonly signal?: AbortSignal } = {},
  ): () => void {
    if (options.signal?.aborted) return () => {};
    let listeners = this.#listeners.get(name);
    if (!listeners) {
      listeners = new Set();
      this.#listeners.set(name, listeners);
    }
    const own = (event: Events[K]) => listener(event);
    listeners.add(own);
    const off = () => {
      listeners.delete(own);
      options.signal?.removeEventListener("abort", off);
    };
    options.signal?.addEventListener("abort", off);
    return off;
  }

  emit<K extends keyof Events>(name: K, event: Events[K]): void {
    for (const listener of [...(this.#listeners.get(name) ?? [])]) {
      try {
        (listener as (event: Events[K]) => void)(event);
      } catch (error) {
        console.error("meetwidget: a listener failed", error);
      }
    }
  }
}
