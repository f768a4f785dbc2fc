/** What is true of the session as a whole: its phase, the room, and where media goes. */

import { type ReadonlySignal, signal } from "@preact/signals-core";
import type { Pong, Waiting, Welcome } from "../wire/control.js";
import { ClockFilter } from "./clock.js";
import type { Ending } from "./ending.js";
import { socketUrl } from "./ticket.js";
import type { Limits, MediaEndpoint, Phase, RoomInfo, Ticket } from "./types.js";

export class RoomState {
  readonly phase = signal<Phase>({ kind: "idle" });
  readonly info = signal<RoomInfo | null>(null);
  readonly limits = signal<Limits | null>(null);
  readonly media = signal<MediaEndpoint | null>(null);
  readonly page = signal<string | null>(null);
  readonly iceServers = signal<readonly Readonly<Record<string, unknown>>[]>([]);
  readonly #clockOffset = signal<number | null>(null);
  readonly #roundTrip = signal<number | null>(null);
  readonly #clock = new ClockFilter();

  get clockOffset(): ReadonlySignal<number | null> {
    return this.#clockOffset;
  }

  get roundTrip(): ReadonlySignal<number | null> {
    return this.#roundTrip;
  }

  /** Joining, waiting, live or reconnecting: as opposed to not begun or over. */
  get running(): boolean {
    const { kind } = this.phase.peek();
    return kind !== "idle" && kind !== "ended";
  }

  /** In the waiting room; what was true of the room inside no longer is. */
  lobby({ room }: Waiting, ticket: Ticket): void {
    this.info.value = room;
    this.page.value = ticket.pageUrl ?? null;
    this.media.value = null;
    this.phase.value = { kind: "waiting" };
  }

  welcome(welcome: Welcome, ticket: Ticket): void {
    this.page.value = ticket.pageUrl ?? null;
    this.info.value = welcome.room;
    this.limits.value = welcome.limits;
    this.iceServers.value = welcome.ice_servers;
    const { token } = welcome.media;
    const url = socketUrl(welcome.media.url, ticket.controlUrl, ticket.sameOrigin === true);
    const known = this.media.peek();
    if (known?.token !== token || known.url !== url) this.media.value = { url, token };
    this.#clock.reset(); // it may be another process, on another machine
    this.phase.value = { kind: "live" };
  }

  /** A pong came at `received` on this clock, µs. */
  measured(pong: Pong, received: number): void {
    this.#clock.add(pong.t, pong.now, received);
    this.#clockOffset.value = this.#clock.best?.offset ?? null;
    this.#roundTrip.value = Math.max(0, received - pong.t) / 1000;
  }

  end(how: Ending): void {
    this.media.value = null;
    this.#clockOffset.value = null;
    this.#roundTrip.value = null;
    this.phase.value = { kind: "ended", ...how };
  }
}
