/**
 * The session: joins its parts (connection, roster, chat, publications, watches …) into one
 * object that media and views use, and that outlives both.
 *
 * Its methods read signals with `peek`, so that calling one inside an effect subscribes to
 * nothing.
 */

import { batch, type ReadonlySignal, signal } from "@preact/signals-core";
import type { Bye, FromRelay, Pong, Error as Refusal, Welcome } from "../wire/control.js";
import { roomNameProblem } from "../wire/rooms.js";
import { Chat } from "./chat.js";
import { ClockFilter } from "./clock.js";
import { Connection } from "./connection.js";
import { type Ending, ending } from "./ending.js";
import { DEFAULT_TIMINGS, type Environment, type Timings } from "./environment.js";
import { Emitter } from "./events.js";
import { MeetingError } from "./failure.js";
import { fetchHistory } from "./history.js";
import { TabMemory } from "./memory.js";
import { Outbox, type Reliable } from "./outbox.js";
import { Passing } from "./passing.js";
import { Publications } from "./publications.js";
import { Roster } from "./roster.js";
import { fetchTicket, socketUrl } from "./ticket.js";
import type * as api from "./types.js";
import { Typing } from "./typing.js";
import { Views } from "./views.js";
import { Watches } from "./watches.js";

/** After a reload so many events before the last seen one are asked for, to show some chat. */
const RELOAD_EVENTS = 200;
/** One page of history. */
const HISTORY_PAGE = 100;
/** Used before the first welcome told the relay's own. */
const BODY_BYTES = 16 * 1024;
const DATA_BYTES = 1024 * 1024;

const DEVICES_OFF: api.StatePatch = { microphone: false, camera: false, screen: false };

function hasDevices({ state }: api.Participant): boolean {
  return Boolean(state.microphone || state.camera || state.screen);
}

const utf8 = new TextEncoder();

/** `baseUrl` made absolute, with a final slash. */
export function absoluteBase(baseUrl: string, page: string): string {
  return new URL(baseUrl.endsWith("/") ? baseUrl : `${baseUrl}/`, page).href;
}

export class MeetSession implements api.Session {
  readonly room: string;
  readonly baseUrl: string;
  readonly slots = new Map<string, unknown>();

  readonly #phase = signal<api.Phase>({ kind: "idle" });
  readonly #roomInfo = signal<api.RoomInfo | null>(null);
  readonly #limits = signal<api.Limits | null>(null);
  readonly #mediaEndpoint = signal<api.MediaEndpoint | null>(null);
  readonly #iceServers = signal<readonly Readonly<Record<string, unknown>>[]>([]);
  readonly #clockOffset = signal<number | null>(null);
  readonly #roundTrip = signal<number | null>(null);

  readonly #emitter = new Emitter<api.SessionEvents>();
  readonly #clock = new ClockFilter();
  readonly #roster = new Roster();
  readonly #passing = new Passing();
  readonly #connection: Connection;
  readonly #outbox = new Outbox((message) => this.#connection.send(message));
  readonly #chat = new Chat(this.#outbox);
  readonly #typing = new Typing((on) => this.#connection.send({ type: "chat.typing", on }));
  readonly #watches = new Watches((message) => this.#connection.send(message));
  readonly #publications: Publications;
  readonly #views: Views;
  readonly #memory: TabMemory;
  /** What the relay needs to know us again; null for a new arrival. */
  #resume: { session: string; epoch: string; offset: number } | null = null;
  /** The log shown belongs to this epoch; null when there is none to continue. */
  #epoch: string | null = null;

  constructor(
    options: api.SessionOptions,
    readonly environment: Environment,
    timings: Partial<Timings> = {},
  ) {
    const waits = { ...DEFAULT_TIMINGS, ...timings };
    this.room = options.room;
    this.baseUrl = absoluteBase(options.baseUrl, environment.location);
    this.#memory = new TabMemory(environment.storage, this.baseUrl, this.room);
    this.#publications = new Publications(this.#outbox, environment.newId);
    this.#views = new Views(waits.viewGrace, () => this.#leave("idle"));
    const openTicket =
      options.fetchTicket ?? ((abort) => fetchTicket(environment, this.baseUrl, this.room, abort));
    this.#connection = new Connection(environment, waits, openTicket, {
      resume: () => this.#resume ?? undefined,
      welcome: (welcome, ticket) => this.#welcomed(welcome, ticket),
      message: (message) => batch(() => this.#received(message)),
      pong: (pong, received) => this.#measured(pong, received),
      waiting: (attempt, retryAt, reason) => this.#waiting(attempt, retryAt, reason),
      ended: (how) => this.#ended(how),
    });
    this.#listenToPage();
  }

  get phase(): ReadonlySignal<api.Phase> {
    return this.#phase;
  }
  get you() {
    return this.#roster.you;
  }
  get participants() {
    return this.#roster.participants;
  }
  get streams() {
    return this.#roster.streams;
  }
  get messages() {
    return this.#chat.messages;
  }
  get history() {
    return this.#chat.history;
  }
  get typing() {
    return this.#typing.others;
  }
  get roomInfo(): ReadonlySignal<api.RoomInfo | null> {
    return this.#roomInfo;
  }
  get limits(): ReadonlySignal<api.Limits | null> {
    return this.#limits;
  }
  get notices() {
    return this.#passing.notices;
  }
  get reactions() {
    return this.#passing.reactions;
  }
  get mediaEndpoint(): ReadonlySignal<api.MediaEndpoint | null> {
    return this.#mediaEndpoint;
  }
  get iceServers(): ReadonlySignal<readonly Readonly<Record<string, unknown>>[]> {
    return this.#iceServers;
  }
  get clockOffset(): ReadonlySignal<number | null> {
    return this.#clockOffset;
  }
  get roundTrip(): ReadonlySignal<number | null> {
    return this.#roundTrip;
  }

  // ------------------------------------------------------------ coming and going

  join(): void {
    const { kind } = this.#phase.peek();
    if (kind !== "idle" && kind !== "ended") return;
    const problem = roomNameProblem(this.room);
    if (problem !== null) {
      this.#ended(ending("invalid-room", problem));
      return;
    }
    const before = this.#memory.take();
    if (before) {
      const { offset } = before.resume;
      this.#resume = { ...before.resume, offset: Math.max(0, offset - RELOAD_EVENTS) };
      for (const message of before.unsent) this.#chat.send(message);
    }
    this.#phase.value = { kind: "joining" };
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
    const { kind } = this.#phase.peek();
    if (kind === "idle" || kind === "ended") return;
    this.#connection.stop({ type: "goodbye" });
    this.#ended(ending(why));
  }

  #listenToPage(): void {
    const { window, document } = this.environment;
    window?.addEventListener("online", () => this.#connection.wake());
    window?.addEventListener("pageshow", (event) => {
      if ((event as PageTransitionEvent).persisted) {
        this.#memory.forget(); // this very page goes on
        this.#connection.wake();
      }
    });
    // The browser itself closes the socket, with 1001: the relay keeps our place for a while.
    window?.addEventListener("pagehide", () => this.#remember());
    document?.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") this.#connection.wake();
    });
  }

  #remember(): void {
    const { kind } = this.#phase.peek();
    if (this.#resume === null || kind === "idle" || kind === "ended") return;
    this.#memory.leave({ resume: this.#current(this.#resume), unsent: this.#chat.unsent });
  }

  #current(resume: { session: string; epoch: string; offset: number }) {
    return { ...resume, offset: Math.max(resume.offset, this.#chat.offset) };
  }

  // ------------------------------------------------------------- from the relay

  #welcomed(welcome: Welcome, ticket: api.Ticket): void {
    const { you, room } = welcome;
    const again = this.#epoch !== null;
    const continues = again && welcome.recovered && welcome.room.epoch === this.#epoch;
    this.#epoch = room.epoch;
    let lost: readonly { readonly stream: string; readonly source: string }[] = [];
    batch(() => {
      // A page that was reloaded is the same participant, but its devices are off.
      if (!again && hasDevices(you)) this.#roster.wish({ ...DEVICES_OFF, ...this.#roster.wishes });
      this.#roster.welcome(welcome);
      this.#chat.welcome(you, welcome.events, !continues);
      this.#typing.clear();
      this.#roomInfo.value = room;
      this.#limits.value = welcome.limits;
      this.#iceServers.value = welcome.ice_servers;
      this.#setMediaEndpoint(welcome, ticket);
      this.#clock.reset();
      this.#phase.value = { kind: "live" };
      lost = this.#publications.reconcile(welcome.streams, you.id);
    });
    this.#resume = { session: welcome.session, epoch: room.epoch, offset: room.offset };
    if (Object.keys(this.#roster.wishes).length > 0) {
      this.#connection.send({ type: "state", ...this.#roster.wishes });
    }
    this.#watches.connected(new Set(welcome.streams.map((stream) => stream.id)));
    this.#outbox.connected();
    if (lost.length > 0) this.#emitter.emit("republish", { streams: lost });
  }

  #setMediaEndpoint(welcome: Welcome, ticket: api.Ticket): void {
    const { token } = welcome.media;
    const url = socketUrl(welcome.media.url, ticket.controlUrl, ticket.sameOrigin === true);
    const known = this.#mediaEndpoint.peek();
    if (known?.token !== token || known.url !== url) this.#mediaEndpoint.value = { url, token };
  }

  #received(message: Exclude<FromRelay, Welcome | Bye>): void {
    if (this.#roster.apply(message)) {
      if (message.type === "stream.removed") this.#watches.gone(message.id);
      if (message.type === "participant.left") this.#typing.heard(message.id, false);
      return;
    }
    switch (message.type) {
      case "event":
        this.#chat.take([message]);
        if (message.event.kind === "message") this.#typing.heard(message.by.id, false);
        break;
      case "ack":
        this.#outbox.answered(message);
        break;
      case "error":
        if (!this.#outbox.answered(message)) this.#refused(message);
        break;
      case "demand":
        this.#publications.demand(message.stream, message.renditions);
        this.#emitter.emit("demand", message);
        break;
      case "chat.typing":
        if (message.by !== this.you.peek()?.id) this.#typing.heard(message.by, message.on);
        break;
      case "reaction":
        if (message.by !== this.you.peek()?.id) this.#passing.float(message.by, message.emoji);
        break;
      case "signal":
        this.#emitter.emit("signal", message);
        break;
      case "room.updated":
        this.#roomInfo.value = message.room;
        break;
      case "moderated":
        this.#moderated(message);
        break;
    }
  }

  #moderated(message: Extract<FromRelay, { type: "moderated" }>): void {
    const target = message.target ?? null;
    const you = this.you.peek();
    if (message.action === "mute" && target !== null && target === you?.id) {
      const by = this.participants.peek().get(message.by)?.user.display_name ?? "A moderator";
      this.setState({ microphone: false });
      this.notify("info", "muted", `${by} muted you.`);
    }
    this.#emitter.emit("moderated", { action: message.action, by: message.by, target });
  }

  #refused(error: Refusal): void {
    if (error.code === "unknown-type") {
      console.warn(`meetwidget: ${error.message}`); // a newer page on an older relay
    } else if (error.cid === undefined) {
      this.notify("error", error.code, error.message);
    }
  }

  #measured(pong: Pong, received: number): void {
    this.#clock.add(pong.t, pong.now, received);
    const best = this.#clock.best;
    batch(() => {
      this.#clockOffset.value = best?.offset ?? null;
      this.#roundTrip.value = Math.max(0, received - pong.t) / 1000;
    });
  }

  #waiting(attempt: number, retryAt: number | null, reason: string): void {
    if (this.#resume !== null) this.#resume = this.#current(this.#resume);
    this.#outbox.disconnected();
    batch(() => {
      this.#typing.clear();
      this.#phase.value = { kind: "reconnecting", attempt, retryAt, reason };
    });
  }

  #ended(how: Ending): void {
    this.#resume = null;
    this.#epoch = null;
    this.#memory.forget();
    this.#outbox.disconnected();
    batch(() => {
      this.#outbox.abandon(new MeetingError("ended", how.reason));
      this.#roster.clear();
      this.#typing.clear();
      this.#publications.clear();
      this.#watches.clear();
      this.#mediaEndpoint.value = null;
      this.#clockOffset.value = null;
      this.#roundTrip.value = null;
      this.#phase.value = { kind: "ended", ...how };
    });
  }

  // -------------------------------------------------------------- to the relay

  say(body: string, options: api.SayOptions = {}): string {
    this.#checkSize(body, options.data);
    const cid = this.environment.newId();
    this.#chat.send({
      type: "chat.send",
      cid,
      body,
      ...(options.replyTo === undefined ? {} : { reply_to: options.replyTo }),
      ...(options.to === undefined ? {} : { to: options.to }),
      ...(options.data === undefined ? {} : { data: options.data }),
    });
    this.#typing.set(false);
    return cid;
  }

  #checkSize(body: string, data?: Readonly<Record<string, unknown>>): void {
    const limits = this.#limits.peek();
    const most = limits?.body_bytes ?? BODY_BYTES;
    if (utf8.encode(body).byteLength > most) {
      const text = `This message is too long: at most ${Math.floor(most / 1024)} kB fit.`;
      throw new MeetingError("too-large", text);
    }
    const mostData = limits?.data_bytes ?? DATA_BYTES;
    if (data && utf8.encode(JSON.stringify(data)).byteLength > mostData) {
      const text = `This output is too large to share: at most ${Math.floor(mostData / 1024)} kB fit.`;
      throw new MeetingError("too-large", text);
    }
  }

  retry(cid: string): void {
    this.#chat.retry(cid);
  }

  discard(cid: string): void {
    this.#chat.discard(cid);
  }

  async edit(id: string, body: string): Promise<void> {
    this.#checkSize(body);
    await this.#ask({ type: "chat.edit", cid: this.environment.newId(), id, body });
  }

  remove(id: string): Promise<void> {
    return this.#ask({ type: "chat.delete", cid: this.environment.newId(), id });
  }

  react(id: string, emoji: string, on: boolean): Promise<void> {
    return this.#ask({ type: "chat.react", cid: this.environment.newId(), id, emoji, on });
  }

  moderate(
    action: Parameters<api.Session["moderate"]>[0],
    target?: string,
    role?: api.Role,
  ): Promise<void> {
    const cid = this.environment.newId();
    return this.#ask({ type: "moderate", cid, action, target, role });
  }

  /** Sends, and tells people of a refusal, so that a caller may ignore it. */
  #ask(message: Reliable): Promise<void> {
    const done = this.#outbox.add(message).then(
      () => {},
      (error: MeetingError) => {
        if (error.code !== "ended") this.notify("error", error.code, error.message);
        throw error;
      },
    );
    done.catch(() => {});
    return done;
  }

  setTyping(on: boolean): void {
    this.#typing.set(on);
  }

  sendReaction(emoji: string): void {
    const you = this.you.peek();
    if (you && this.#connection.send({ type: "reaction", emoji })) {
      this.#passing.float(you.id, emoji);
    }
  }

  setState(patch: api.StatePatch): void {
    batch(() => this.#roster.wish(patch));
    this.#connection.send({ type: "state", ...patch });
  }

  sendSignal(to: string, data: unknown): void {
    this.#connection.send({ type: "signal", to, data });
  }

  loadHistory(limit = HISTORY_PAGE): Promise<void> {
    return this.#chat.loadOlder((before) =>
      fetchHistory(this.environment, this.baseUrl, this.room, before, limit),
    );
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

  notify(level: api.Notice["level"], code: string, text: string): void {
    this.#passing.notify(level, code, text);
  }

  dismiss(notice: number): void {
    this.#passing.dismiss(notice);
  }
}
