/**
 * Keeps one control socket to the relay alive: ticket, hello, welcome, pings, and after a loss
 * back-off and resume, until an end that trying again cannot help.
 *
 * It knows nothing of rooms or chat; what arrives is handed on.
 */

import { remedy } from "../wire/close.js";
import type {
  Bye,
  FromClient,
  FromRelay,
  Hello,
  Pong,
  Error as Refusal,
  Waiting,
  Welcome,
} from "../wire/control.js";
import { PROTOCOL_VERSION } from "../wire/index.js";
import { parseRelayFrame } from "../wire/relay-frames.js";
import { backoff } from "./backoff.js";
import { nowUs } from "./clock.js";
import { knownDecodes } from "./decodes.js";
import { type Ending, ending } from "./ending.js";
import type { Environment, Timings } from "./environment.js";
import { ConnectFailure } from "./failure.js";
import type { Ticket } from "./types.js";

/** Pings right after the welcome, for a first clock offset. */
const FIRST_PINGS = 4;
const FIRST_PING_GAP_MS = 150;
/** A sign-in may be refused while a server starts; after so many times it is. */
const SIGN_IN_TRIES = 3;

export interface ConnectionEvents {
  /** Where to resume; absent for a fresh start. */
  resume(): Hello["resume"];
  welcome(welcome: Welcome, ticket: Ticket): void;
  /** In the waiting room: the welcome follows when somebody lets us in. */
  lobby(waiting: Waiting, ticket: Ticket): void;
  /** Anything after the welcome but `bye`. */
  message(message: Exclude<FromRelay, Welcome | Bye | Waiting>): void;
  pong(pong: Pong, received: number): void;
  /** The connection is lost, or an attempt failed; `retryAt` is null while one runs. */
  waiting(attempt: number, retryAt: number | null, reason: string): void;
  ended(ending: Ending): void;
}

type Stage = "stopped" | "connecting" | "lobby" | "live" | "waiting";

/** What the relay answers while we are in the waiting room. */
const IN_LOBBY: ReadonlySet<FromClient["type"]> = new Set(["ping", "goodbye"]);

export class Connection {
  #stage: Stage = "stopped";
  #socket: WebSocket | null = null;
  #abort: AbortController | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #pings: ReturnType<typeof setTimeout> | undefined;
  #attempt = 0;
  #refusedSignIns = 0;
  /** Whether the relay ever let us in, if only into the waiting room. */
  #everLive = false;
  #liveSince = 0;
  #pingSentAt: number | null = null;
  #bye: Bye | null = null;
  /** The relay's last words: why it does not welcome us, or no longer wants us. */
  #refusal: Refusal | null = null;
  #reason = "";

  constructor(
    readonly environment: Environment,
    readonly timings: Timings,
    readonly openTicket: (signal: AbortSignal) => Promise<Ticket>,
    readonly events: ConnectionEvents,
  ) {}

  get live(): boolean {
    return this.#stage === "live";
  }

  start(): void {
    if (this.#stage !== "stopped") return;
    this.#attempt = 0;
    this.#refusedSignIns = 0;
    this.#everLive = false;
    void this.#connect();
  }

  /** Closes for good; `farewell` is sent first if the connection is live. */
  stop(farewell?: FromClient): void {
    if (farewell) this.send(farewell);
    this.#drop(1000);
    this.#stage = "stopped";
  }

  /** Writes `message` if live; what is lost otherwise is the caller's to repeat. */
  send(message: FromClient): boolean {
    const heard = this.#stage === "live" || (this.#stage === "lobby" && IN_LOBBY.has(message.type));
    if (!heard || this.#socket?.readyState !== 1) return false;
    this.#socket.send(JSON.stringify(message));
    return true;
  }

  /** The line may be back, or dead without notice: tries at once, or asks for a sign of life. */
  wake(): void {
    if (this.#stage === "waiting") {
      clearTimeout(this.#timer);
      void this.#connect();
    } else if (this.#connected) {
      clearTimeout(this.#pings);
      this.#ping(this.timings.probeTimeout);
    }
  }

  get #connected(): boolean {
    return this.#stage === "live" || this.#stage === "lobby";
  }

  async #connect(): Promise<void> {
    this.#stage = "connecting";
    this.#bye = null;
    this.#refusal = null;
    if (this.#attempt > 0) this.events.waiting(this.#attempt, null, this.#reason);
    const abort = new AbortController();
    this.#abort = abort;
    this.#timer = setTimeout(
      () => this.#failed(abort, new ConnectFailure("The meeting server does not answer.")),
      this.timings.openTimeout,
    );
    try {
      const ticket = await this.openTicket(abort.signal);
      if (this.#abort === abort) this.#open(ticket, abort);
    } catch (error) {
      const failure =
        error instanceof ConnectFailure
          ? error
          : new ConnectFailure(error instanceof Error ? error.message : String(error));
      this.#failed(abort, failure);
    }
  }

  #failed(abort: AbortController, failure: ConnectFailure): void {
    if (this.#abort !== abort) return;
    // Behind a hub a server that restarts answers 404 for a while, and 403 until it knows us.
    const restarting = this.#everLive && failure.end === "not-installed";
    const signInPending =
      failure.end === "signed-out" && ++this.#refusedSignIns < SIGN_IN_TRIES && this.#everLive;
    if (failure.end !== null && !restarting && !signInPending) {
      this.#end(ending(failure.end, failure.message));
    } else {
      this.#retry(failure.message, (failure.retryAfter ?? 0) * 1000);
    }
  }

  #open(ticket: Ticket, abort: AbortController): void {
    let socket: WebSocket;
    try {
      socket = this.environment.openSocket(ticket.controlUrl);
    } catch {
      this.#failed(abort, new ConnectFailure("This page may not connect to the meeting server."));
      return;
    }
    this.#socket = socket;
    const current = () => this.#socket === socket;
    socket.addEventListener("open", () => {
      if (!current()) return;
      const decodes = knownDecodes();
      const hello: Hello = {
        type: "hello",
        protocol: PROTOCOL_VERSION,
        ticket: ticket.ticket,
        client: {
          kind: "browser",
          version: __MEETWIDGET_VERSION__,
          ...(decodes ? { decodes } : {}),
        },
        resume: this.events.resume(),
      };
      socket.send(JSON.stringify(hello));
    });
    socket.addEventListener("message", (event) => {
      if (current()) this.#received(String(event.data), ticket);
    });
    socket.addEventListener("close", (event) => {
      if (current()) this.#closed(event.code);
    });
  }

  #received(data: string, ticket: Ticket): void {
    this.#pingSentAt = null;
    const frame = parseRelayFrame(data);
    if (frame.outcome !== "message") {
      this.#unreadable(frame.outcome === "bad-frame" ? frame.outcome : frame.type);
      return;
    }
    const { message } = frame;
    if (message.type === "error" && message.cid === undefined) this.#refusal = message;
    else if (message.type !== "bye") this.#refusal = null;
    switch (message.type) {
      case "welcome":
        if (this.#stage === "live") break;
        this.#entered("live");
        this.events.welcome(message, ticket);
        this.#ping(this.timings.pongTimeout, FIRST_PINGS);
        break;
      case "waiting":
        if (this.#stage !== "connecting") break;
        this.#entered("lobby");
        this.events.lobby(message, ticket);
        this.#ping(this.timings.pongTimeout);
        break;
      case "bye":
        this.#bye = message;
        break;
      case "pong":
        this.events.pong(message, nowUs());
        break;
      default:
        if (this.#stage === "live") this.events.message(message);
    }
  }

  /** Later relays may send what this version does not know; only the welcome must be understood. */
  #unreadable(what: string): void {
    console.warn(`meetwidget: the relay sent a frame this version does not understand (${what})`);
    if (what === "welcome") this.#end(ending("protocol"));
  }

  #entered(stage: "live" | "lobby"): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#pings);
    this.#stage = stage;
    this.#everLive = true;
    this.#refusedSignIns = 0;
    this.#liveSince = nowUs();
  }

  /** Sends a ping; `more` further ones follow at once, then one per interval. */
  #ping(timeout: number, more = 0): void {
    if (!this.#connected) return;
    this.send({ type: "ping", t: nowUs() });
    this.#pingSentAt ??= nowUs();
    const wait = more > 0 ? FIRST_PING_GAP_MS : timeout;
    this.#pings = setTimeout(() => {
      if (more > 0) return this.#ping(timeout, more - 1);
      if (this.#pingSentAt !== null) return this.#closed(1006);
      const rest = Math.max(0, this.timings.pingInterval - timeout);
      this.#pings = setTimeout(() => this.#ping(this.timings.pongTimeout), rest);
    }, wait);
  }

  #closed(code: number): void {
    const bye = this.#bye;
    const told = code === 1005 || code === 1006 ? (bye?.code ?? code) : code;
    const what = remedy(told);
    if (what === "stop" || bye?.reconnect === false) {
      this.#end(ending(told, this.#refusal?.message ?? bye?.reason, this.#refusal?.code));
      return;
    }
    const stable = nowUs() - this.#liveSince > this.timings.stableAfter * 1000;
    if (this.#connected && stable) this.#attempt = 0;
    const reason =
      told === 1012
        ? "The meeting server restarts."
        : this.#everLive
          ? "The connection to the meeting was lost."
          : "The meeting server does not accept the connection.";
    const least = bye?.after_ms ?? (what === "wait" ? this.timings.tooFastWait : 0);
    this.#retry(reason, least);
  }

  #retry(reason: string, least: number): void {
    this.#drop(4000);
    this.#attempt += 1;
    this.#reason = reason;
    this.#stage = "waiting";
    const wait = least + backoff(this.#attempt, this.timings, this.environment.random);
    this.#timer = setTimeout(() => void this.#connect(), wait);
    this.events.waiting(this.#attempt, Date.now() + wait, reason);
  }

  #end(how: Ending): void {
    this.#drop(1000);
    this.#stage = "stopped";
    this.events.ended(how);
  }

  /** Lets go of socket, request and timers; nothing of them is heard any more. */
  #drop(code: number): void {
    const socket = this.#socket;
    this.#socket = null;
    this.#abort?.abort();
    this.#abort = null;
    this.#pingSentAt = null;
    clearTimeout(this.#timer);
    clearTimeout(this.#pings);
    if (socket && socket.readyState < 2) socket.close(code);
  }
}
