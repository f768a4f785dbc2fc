/** Own streams: what is published under which handles, and what of it is to be encoded. */

import type { RenditionDemand, RenditionOffer, Stream } from "../wire/control.js";
import { MeetingError } from "./failure.js";
import type { Outbox } from "./outbox.js";
import type { Published } from "./types.js";

export class Publications {
  /** Source by stream id. */
  #sources = new Map<string, string>();
  #demands = new Map<string, readonly RenditionDemand[]>();

  constructor(
    readonly outbox: Outbox,
    readonly newId: () => string,
  ) {}

  async publish(source: string, renditions: readonly RenditionOffer[]): Promise<Published> {
    const cid = this.newId();
    const ack = await this.outbox.add({ type: "publish", cid, source, renditions });
    if (ack.stream === undefined || ack.handles === undefined) {
      throw new MeetingError("protocol", "The meeting server did not say how to send this.");
    }
    this.#sources.set(ack.stream, source);
    return { stream: ack.stream, handles: ack.handles };
  }

  async unpublish(stream: string): Promise<void> {
    this.#forget(stream);
    try {
      await this.outbox.add({ type: "unpublish", cid: this.newId(), stream });
    } catch (error) {
      if (!(error instanceof MeetingError && error.code === "not-found")) throw error;
    }
  }

  demand(stream: string, changes: readonly RenditionDemand[]): void {
    const demands = new Map(this.demandOf(stream).map((known) => [known.handle, known]));
    for (const { handle, on } of changes) demands.set(handle, { handle, on, key: false });
    this.#demands.set(stream, [...demands.values()]);
  }

  demandOf(stream: string): readonly RenditionDemand[] {
    return this.#demands.get(stream) ?? [];
  }

  /**
   * Compares with what the relay says is published by `owner`: returns own streams it lost (to
   * be published again), and takes back those of an earlier life of this page, which send nothing.
   */
  reconcile(
    streams: readonly Stream[],
    owner: string,
  ): readonly { readonly stream: string; readonly source: string }[] {
    const there = new Set(streams.map((stream) => stream.id));
    const lost = [...this.#sources]
      .filter(([stream]) => !there.has(stream))
      .map(([stream, source]) => ({ stream, source }));
    for (const { stream } of lost) this.#forget(stream);
    const coming = new Set(
      this.outbox.waiting.map((message) => (message.type === "publish" ? message.source : null)),
    );
    for (const { id, owner: by, source } of streams) {
      if (by === owner && !this.#sources.has(id) && !coming.has(source)) {
        this.unpublish(id).catch(() => {});
      }
    }
    return lost;
  }

  clear(): void {
    this.#sources.clear();
    this.#demands.clear();
  }

  #forget(stream: string): void {
    this.#sources.delete(stream);
    this.#demands.delete(stream);
  }
}
