/** Which streams this page shows, at which size; told coalesced, and again on each connection. */

import type { Want, Watch } from "../wire/control.js";

export class Watches {
  #wanted = new Map<string, Want>();
  #untold = new Map<string, Want | null>();

  /** `tell` writes to the connection; false when there is none, and nothing is lost then. */
  constructor(readonly tell: (message: Watch) => boolean) {}

  /** The same want twice is told twice: it asks for a key frame. */
  set(stream: string, want: Want | null): void {
    if (want === null && !this.#wanted.delete(stream)) return;
    if (want !== null) this.#wanted.set(stream, want);
    if (this.#untold.size === 0) queueMicrotask(() => this.#flush());
    this.#untold.set(stream, want);
  }

  /** A new connection, with these streams in the room: everything is told again. */
  connected(streams: ReadonlySet<string>): void {
    for (const stream of this.#wanted.keys()) {
      if (!streams.has(stream)) this.#wanted.delete(stream);
    }
    this.#untold = new Map(this.#wanted);
    this.#flush();
  }

  gone(stream: string): void {
    this.#wanted.delete(stream);
    this.#untold.delete(stream);
  }

  clear(): void {
    this.#wanted.clear();
    this.#untold.clear();
  }

  #flush(): void {
    if (this.#untold.size === 0) return;
    const streams = Object.fromEntries(this.#untold);
    this.#untold.clear();
    this.tell({ type: "watch", streams });
  }
}
