/**
 * The session: joins its parts (connection, roster, chat, publications, watches …) into one
 * object that media and views use, and that outlives both.
 *
 * Its methods read signals with `peek`, so that calling one inside an effect subscribes to
 * nothing.
 */

import { batch } from "@preact/signals-core";
import type { Waiting, Welcome } from "../wire/control.js";
import { roomNameProblem } from "../wire/rooms.js";
import { SessionCalls } from "./calls.js";
import { Connection } from "./connection.js";
import { type Ending, ending } from "./ending.js";
import { DEFAULT_TIMINGS, type Environment, type Timings } from "./environment.js";
import { Emitter } from "./events.js";
import { MeetingError } from "./failure.js";
import { type Parts, receive } from "./incoming.js";
import { TabMemory } from "./memory.js";
import type { Reliable } from "./outbox.js";
import { watchPage } from "./page-life.js";
import { Publications } from "./publications.js";
import { Roster } from "./roster.js";
import { OwnStanding } from "./standing.js";
import { fetchTicket } from "./ticket.js";
import type * as api from "./types.js";
import { Typing } from "./typing.js";
import { Views } from "./views.js";
import { Watches } from "./watches.js";

/** After a reload so many events before the last seen one are asked for, to show some chat. */
const RELOAD_EVENTS = 200;

const DEVICES_OFF: api.StatePatch = { microphone: false, camera: false, screen: false };

function hasDevices({ state }: api.Participant): boolean {
  return Boolean(state.microphone || state.camera || state.screen);
}

export class MeetSession extends SessionCalls implements api.Session {
  readonly slots = new Map<string, unknown>();

  readonly #roster = new Roster();
  readonly #standing = new OwnStanding(() => this.#roster.you.value?.role ?? "member");
  readonly #emitter = new Emitter<api.SessionEvents>();
  readonly #typing = new Typing((on) => this.#connection.send({ type: "chat.typing", on }));
  readonly #watches = new Watches((message) => this.#connection.send(message));
  readonly #publications: Publications;
  readonly #connection: Connection;
  readonly #views: Views;
  readonly #memory: TabMemory;
  /** What the relay needs to know us again; null for a new arrival. */
  #resume: { session: string; epoch: string; offset: number } | null = null;
  /** The log shown belongs to this epoch; null when there is none to continue. */
  #epoch: string | null = null;

  readonly phase = this.state.phase;
  readonly roomInfo = this.state.info;
  readonly pageUrl = this.state.page;
  readonly rights = this.#standing.rights;
  readonly lobby = this.#standing.lobby;
  readonly mediaEndpoint = this.state.media;
  readonly iceServers = this.state.iceServers;
  readonly clockOffset = this.state.clockOffset;
  readonly roundTrip = this.state.roundTrip;
  readonly you = this.#roster.you;
  readonly participants = this.#roster.participants;
  readonly streams = this.#roster.streams;
  readonly flows = this.#watches.flows;
  readonly typing = this.#typing.others;
  readonly reactions = this.passing.reactions;

  constructor(
    options: api.SessionOptions,
    environment: Environment,
    timings: Partial<Timings> = {},
  ) {
    super(options, environment);
    const waits = { ...DEFAULT_TIMINGS, ...timings };
    this.#memory = new TabMemory(environment.storage, this.apiUrl, this.room);
    this.#publications = new Publications(this.outbox, environment.newId);
    this.#views = new Views(waits.viewGrace, () => this.#leave("idle"));
    const parts: Parts = {
      state: this.state,
      roster: this.#roster,
      standing: this.#standing,
      chat: this.chat,
      typing: this.#typing,
      passing: this.passing,
      outbox: this.outbox,
      publications: this.#publications,
      watches: this.#watches,
      emitter: this.#emitter,
      setState: (patch) => this.setState(patch),
    };
    const openTicket =
      options.fetchTicket ?? ((abort) => fetchTicket(environment, this.apiUrl, this.room, abort));
    this.#connection = new Connection(environment, waits, openTicket, {
      resume: () => this.#resume ?? undefined,
      welcome: (welcome, ticket) => this.#welcomed(welcome, ticket),
      lobby: (waiting, ticket) => this.#inLobby(waiting, ticket),
      message: (message) => batch(() => receive(parts, message)),
      pong: (pong, received) => batch(() => this.state.measured(pong, received)),
      waiting: (attempt, retryAt, reason) => this.#waiting(attempt, retryAt, reason),
      ended: (how) => this.#ended(how),
    });
    watchPage(environment, {
      wake: () => this.#connection.wake(),
      goes: () => this.#remember(),
      returned: () => {
        this.#memory.forget(); // this very page goes on, and no other may take its place
        this.#connection.wake();
      },
    });
  }

  // ------------------------------------------------------------ coming and going

  join(): void {
    if (this.state.running) return;
    const problem = roomNameProblem(this.room);
    if (problem !== null) {
      this.#ended(ending("invalid-room", problem));
      return;
    }
    const before = this.#memory.take();
    if (before) {
      const { offset } = before.resume;
      this.#resume = { ...before.resume, offset: Math.max(0, offset - RELOAD_EVENTS) };
      for (const message of before.unsent) this.chat.send(message);
    }
    this.state.phase.value = { kind: "joining" };
    this.#connection.start();
  }

  leave(): void {
    this.#leave("left");
  }

  retryNow(): void {
    this.#connection.wake();
  }

  attach(): () => void {
    return this.#views.attach();
  }

  #leave(why: "left" | "idle"): void {
    if (!this.state.running) return;
    this.#connection.stop({ type: "goodbye" });
    this.#ended(ending(why));
  }

  #remember(): void {
    const resume = this.#resume;
    if (resume === null || !this.state.running) return;
    this.#memory.leave({ resume: this.#upToDate(resume), unsent: this.chat.unsent });
  }

  #upToDate(resume: { session: string; epoch: string; offset: number }) {
    return { ...resume, offset: Math.max(resume.offset, this.chat.offset) };
  }

  #welcomed(welcome: Welcome, ticket: api.Ticket): void {
    const { you, room, streams } = welcome;
    const again = this.#epoch !== null;
    const continues = again && welcome.recovered && room.epoch === this.#epoch;
    this.#epoch = room.epoch;
    this.#resume = { session: welcome.session, epoch: room.epoch, offset: room.offset };
    batch(() => {
      // A page that was reloaded is the same participant, but its devices are off.
      if (!again && hasDevices(you)) this.#roster.wish({ ...DEVICES_OFF, ...this.#roster.wishes });
      this.#roster.welcome(welcome);
      this.#standing.welcome(welcome.rights);
      this.chat.welcome(you, welcome.events, !continues, welcome.pinned);
      if (!continues) this.passages.reset();
      this.#typing.clear();
      this.state.welcome(welcome, ticket);
    });
    const lost = this.#publications.reconcile(streams, you.id);
    const { wishes } = this.#roster;
    if (Object.keys(wishes).length > 0) this.#connection.send({ type: "state", ...wishes });
    this.#watches.connected(new Set(streams.map((stream) => stream.id)));
    this.outbox.connected();
    if (lost.length > 0) this.#emitter.emit("republish", { streams: lost });
  }

  /** A page that was inside before (its place is gone) waits like a newcomer. */
  #inLobby(waiting: Waiting, ticket: api.Ticket): void {
    batch(() => {
      this.#roster.hide();
      this.#standing.welcome(undefined);
      this.state.lobby(waiting, ticket);
    });
  }

  #waiting(attempt: number, retryAt: number | null, reason: string): void {
    if (this.#resume !== null) this.#resume = this.#upToDate(this.#resume);
    this.outbox.disconnected();
    batch(() => {
      this.#typing.clear();
      this.state.phase.value = { kind: "reconnecting", attempt, retryAt, reason };
    });
  }

  #ended(how: Ending): void {
    this.#resume = null;
    this.#epoch = null;
    this.#memory.forget();
    this.outbox.disconnected();
    batch(() => {
      this.outbox.abandon(new MeetingError("ended", how.reason));
      this.#roster.clear();
      this.#standing.welcome(undefined);
      this.#typing.clear();
      this.#publications.clear();
      this.#watches.clear();
      this.state.end(how);
    });
  }

  // -------------------------------------------------------------- to the relay

  protected override transmit(message: Reliable): void {
    this.#connection.send(message);
  }

  override say(body: string, options: api.SayOptions = {}): string {
    const cid = super.say(body, options);
    this.#typing.set(false);
    return cid;
  }

  setTyping(on: boolean): void {
    this.#typing.set(on);
  }

  sendReaction(emoji: string): void {
    const you = this.you.peek();
    if (you && this.#connection.send({ type: "reaction", emoji })) {
      this.passing.float(you.id, emoji);
    }
  }

  setState(patch: api.StatePatch): void {
    batch(() => this.#roster.wish(patch));
    this.#connection.send({ type: "state", ...patch });
  }

  sendSignal(to: string, data: unknown): void {
    this.#connection.send({ type: "signal", to, data });
  }

  publish(source: string, renditions: readonly api.RenditionOffer[]): Promise<api.Published> {
    return this.#publications.publish(source, renditions);
  }

  unpublish(stream: string): Promise<void> {
    return this.#publications.unpublish(stream);
  }

  watch(stream: string, want: api.Want | null): void {
    this.#watches.set(stream, want);
  }

  demandOf(stream: string): readonly api.RenditionDemand[] {
    return this.#publications.demandOf(stream);
  }

  on<K extends keyof api.SessionEvents>(
    name: K,
    listener: (event: api.SessionEvents[K]) => void,
    options?: { readonly signal?: AbortSignal },
  ): () => void {
    return this.#emitter.on(name, listener, options);
  }
}
