/** The quality of every stream on this page, once a second, for tiles and header alike. */

import { type ReadonlySignal, signal } from "@preact/signals";
import type { MediaEngine, StreamStats } from "../media/index.js";
import type { Session } from "../session/index.js";
import { isVideo, plainName } from "./people.js";
import { ownLineBad, Steady, type TileQuality, tileQuality } from "./quality.js";

export class Signs {
  readonly #tiles = signal<ReadonlyMap<string, TileQuality>>(new Map());
  readonly #steady = new Map<string, Steady>();
  #stats: ReadonlyMap<string, StreamStats> | null = null;

  /** By video stream; streams nobody asks for here are left out. */
  get tiles(): ReadonlySignal<ReadonlyMap<string, TileQuality>> {
    return this.#tiles;
  }

  /** Takes what session and engine know now; call it in an effect. */
  update(session: Session, engine: MediaEngine): void {
    const stats = engine.stats.value;
    const flows = session.flows.value;
    const roundTrip = session.roundTrip.value;
    const streams = session.streams.value;
    const participants = session.participants.value;
    const you = session.you.value?.id;
    const fresh = stats !== this.#stats;
    this.#stats = stats;
    const others = [...stats].flatMap(([id, one]) =>
      streams.get(id) && streams.get(id)?.owner !== you ? [one] : [],
    );
    const bad = ownLineBad(others, flows.values(), roundTrip);
    const before = this.#tiles.peek();
    const now = new Map<string, TileQuality>();
    for (const [id, stream] of streams) {
      const owner = participants.get(stream.owner);
      const flow = flows.get(id);
      const one = stats.get(id);
      if (!owner || !isVideo(stream) || (!one && !flow)) continue;
      const own = stream.owner === you;
      const next = tileQuality({
        stats: owner.state.away ? undefined : one,
        flow,
        name: own ? null : plainName(owner),
        moving: stream.source === "camera" && owner.kind !== "kernel",
        ownLineBad: bad,
      });
      const shown = before.get(id);
      // Between two rounds of figures only a pause or its end is news.
      if (!fresh && shown && !next.paused && !shown.paused) {
        now.set(id, shown);
        continue;
      }
      const steady = this.#steady.get(id) ?? new Steady();
      this.#steady.set(id, steady);
      const sign = steady.take(next);
      const same =
        shown?.level === sign.level &&
        shown.sentence === sign.sentence &&
        shown.paused === sign.paused;
      now.set(id, same ? shown : sign);
    }
    for (const id of this.#steady.keys()) if (!now.has(id)) this.#steady.delete(id);
    const unchanged =
      now.size === before.size && [...now].every(([id, sign]) => before.get(id) === sign);
    if (!unchanged) this.#tiles.value = now;
  }
}
