/**
 * Which streams this page shows, at which size; told coalesced, and again on each connection.
 * And how they come through, as the relay says.
 */

import { type ReadonlySignal, signal } from "@preact/signals-core";
import type { StreamFlow, Want, Watch } from "../wire/control.js";

export class Watches {
  #wanted = new Map<string, Want>();
  #untold = new Map<string, Want | null>();
  readonly #flows = signal<ReadonlyMap<string, StreamFlow>>(new Map());

  /** `tell` writes to the connection; false when there is none, and nothing is lost then. */
  constructor(readonly tell: (message: Watch) => boolean) {}

  /** What does not come through in full, and whose side is short. */
  get flows(): ReadonlySignal<ReadonlyMap<string, StreamFlow>> {
    return this.#flows;
  }

  /** The relay's word on a stream; null: in full, or nobody asks for it any more. */
  flow(stream: string, flow: StreamFlow | null): void {
    const flows = new Map(this.#flows.peek());
    if (flow && flow.state !== "full") flows.set(stream, flow);
    else if (!flows.delete(stream)) return;
    this.#flows.value = flows;
  }

  /** The same want twice is told twice: it asks for a key frame. */
  set(stream: string, want: Want | null): void {
    if (want === null && !this.#wanted.delete(stream)) return;
    if (want !== null) this.#wanted.set(stream, want);
    else this.flow(stream, null);
    if (this.#untold.size === 0) queueMicrotask(() => this.#flush());
    this.#untold.set(stream, want);
  }

  /** A new connection, with these streams in the room: everything is told again. */
  connected(streams: ReadonlySet<string>): void {
    for (const stream of this.#wanted.keys()) {
      if (!streams.has(stream)) this.#wanted.delete(stream);
    }
    this.#untold = new Map(this.#wanted);
    this.#flows.value = new Map();
    this.#flush();
  }

  gone(stream: string): void {
    this.#wanted.delete(stream);
    this.#untold.delete(stream);
    this.flow(stream, null);
  }

  clear(): void {
    this.#wanted.clear();
    this.#untold.clear();
    this.#flows.value = new Map();
  }

  #flush(): void {
    if (this.#untold.size === 0) return;
    const streams = Object.fromEntries(this.#untold);
    this.#untold.clear();
    this.tell({ type: "watch", streams });
  }
}
