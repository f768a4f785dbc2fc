/**
 * One media socket: hello, acknowledgements both ways, and back again when it is lost.
 *
 * A socket that is away loses frames and nothing else: media is fresh or not at all, so
 * nothing is kept for later.
 */

import { nowUs } from "../../session/clock.js";
import { CloseCode } from "../../wire/close.js";
import {
  type AudioLevel,
  audioLevel,
  FrameKind,
  type MediaHeader,
  packAck,
  parseAck,
  parseHeader,
  payloadOf,
} from "../../wire/media.js";
import { Flight } from "../flight.js";
import { Dial, type Endpoint, Turnstile } from "./dial.js";
import { Stall } from "./stall.js";

/** Acknowledge at most this often (docs/protocol.md). */
const ACK_INTERVAL_MS = 100;
/** Full-jitter back-off between attempts that were refused. */
const BACKOFF_FIRST_MS = 250;
const BACKOFF_MOST_MS = 5_000;
/** The first attempt of all has this long to open. */
const OPEN_MS = 8_000;
/** One after a loss has so long, or so many round trips, for the line may still be away; */
const RACE_MS = 500;
const RACE_ROUND_TRIPS = 6;
/** after so many in vain, longer and longer: the line may just be slow. */
const RACES = 10;
const SLOWER = 1.5;
/** Looks for a stall this often. */
const LOOK_MS = 200;
/** Two sockets of one lane may overtake each other: a "replaced" this soon after is no end. */
const OVERTAKEN_MS = 10_000;
/** As browsers call a connection that broke (RFC 6455, 7.4.1). */
const LOST = 1006;
/** Ticket or token refused, or not allowed: only a new endpoint helps. */
const FINAL_CODES: ReadonlySet<number> = new Set([
  CloseCode.BAD_FRAME,
  CloseCode.BAD_TICKET,
  CloseCode.NOT_ALLOWED,
  CloseCode.REPLACED,
  CloseCode.REMOVED,
  CloseCode.TOO_LARGE,
]);

/** Shared by the lanes of one client. */
export class Lanes {
  readonly turnstile = new Turnstile();
  readonly all: Lane[] = [];

  /** Since anything came on a lane other than `but`, ms. */
  othersSilentMs(but: Lane, now: number): number {
    const others = this.all.filter((lane) => lane !== but && lane.ready);
    return Math.min(Number.POSITIVE_INFINITY, ...others.map((lane) => lane.silentMs(now)));
  }
}

export interface LaneEvents {
  /** A frame that is not an acknowledgement, with the loudness it tells, if any. */
  frame(header: MediaHeader, payload: Uint8Array, level: AudioLevel | null): void;
  /** Open and greeted, or no longer so; true again when one socket takes the place of another. */
  ready(ready: boolean): void;
  /** Whether frames of others are asked for, so that silence means something. */
  expecting?(): boolean;
}

/** A lane of the media plane. */
export class Lane {
  #endpoint: Endpoint | null = null;
  #socket: WebSocket | null = null;
  #ready = false;
  #flight = new Flight();
  #received = 0;
  #acknowledged = 0;
  #ackAt = 0;
  #ackTimer: ReturnType<typeof setTimeout> | undefined;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;
  #lookTimer: ReturnType<typeof setInterval> | undefined;
  readonly #stall = new Stall();
  #dial: Dial | null = null;
  #dialling = false;
  /** Attempts that were refused, and attempts that heard nothing, since the last greeting. */
  #refused = 0;
  #unheard = 0;
  /** Round trip of the last socket, ms. */
  #baseMs = 0;
  #greetedAt = Number.NEGATIVE_INFINITY;

  constructor(
    readonly kinds: readonly string[],
    readonly events: LaneEvents,
    readonly lanes = new Lanes(),
  ) {
    lanes.all.push(this);
  }

  /** Whether frames sent now go out. */
  get ready(): boolean {
    return this.#ready;
  }

  /** What is under way to the relay. */
  get flight(): Flight {
    return this.#flight;
  }

  /** Since anything came on this lane, ms. */
  silentMs(now: number): number {
    return this.#stall.silentMs(now);
  }

  /** Connects to where the session says; null closes. */
  connect(endpoint: Endpoint | null): void {
    this.#endpoint = endpoint;
    this.#refused = this.#unheard = this.#baseMs = 0;
    this.#stopDialling();
    this.#drop();
    clearInterval(this.#lookTimer);
    if (!endpoint) return;
    this.#redial();
    this.#lookTimer = setInterval(() => this.#look(), LOOK_MS);
  }

  /** Sends a frame; false when the lane is not there. */
  send(frame: Uint8Array<ArrayBuffer>): boolean {
    if (!this.#ready || !this.#socket) return false;
    this.#flight.send(frame.byteLength, performance.now());
    this.#socket.send(frame);
    return true;
  }

  /** A socket that is open and useless is replaced by the first new one that is greeted. */
  #look(): void {
    const now = performance.now();
    if (!this.#ready) return;
    if (this.#dialling) {
      // It works after all, and the relay has not yet heard of another.
      const alive = this.#stall.silentMs(now) < LOOK_MS;
      if (alive && !this.#dial?.opened) this.#stopDialling();
      return;
    }
    const calls = this.#stall.calls(
      {
        oldestMs: this.#flight.oldestMs(now),
        baseMs: this.#flight.baseMs,
        othersSilentMs: this.lanes.othersSilentMs(this, now),
        expecting: this.events.expecting?.() ?? false,
      },
      now,
    );
    if (calls) this.#redial();
  }

  #redial(): void {
    if (this.#dialling || !this.#endpoint) return;
    this.#dialling = true;
    const rank = this.lanes.all.indexOf(this);
    this.lanes.turnstile.wait(this, rank, () => this.#attempt());
  }

  #attempt(): void {
    const endpoint = this.#endpoint;
    if (!endpoint) return;
    const limit =
      this.#baseMs || this.#unheard
        ? Math.max(RACE_MS, this.#baseMs * RACE_ROUND_TRIPS) *
          SLOWER ** Math.max(0, this.#unheard - RACES)
        : OPEN_MS;
    const shaken = () => this.lanes.turnstile.leave(this);
    this.#dial = new Dial(endpoint, this.kinds, Math.min(OPEN_MS, limit), shaken, (result) => {
      this.#stopDialling();
      if ("socket" in result) this.#greeted(result.socket);
      else if (result.code === null) {
        this.#unheard++;
        this.#redial();
      } else this.#refusedWith(result.code);
    });
  }

  #stopDialling(): void {
    clearTimeout(this.#retryTimer);
    this.#dial?.cancel();
    this.#dial = null;
    this.#dialling = false;
    this.lanes.turnstile.leave(this);
  }

  #refusedWith(code: number): void {
    const overtaken =
      code === CloseCode.REPLACED && performance.now() - this.#greetedAt < OVERTAKEN_MS;
    if (FINAL_CODES.has(code) && !overtaken) return;
    const most = Math.min(BACKOFF_MOST_MS, BACKOFF_FIRST_MS * 2 ** this.#refused++);
    this.#retryTimer = setTimeout(() => this.#redial(), Math.random() * most);
  }

  #greeted(socket: WebSocket): void {
    this.#drop();
    const now = performance.now();
    this.#socket = socket;
    this.#refused = this.#unheard = 0;
    this.#greetedAt = now;
    this.#stall.restart(now);
    socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => {
      if (socket === this.#socket && typeof data !== "string") this.#take(new Uint8Array(data));
    };
    socket.onclose = ({ code }) => {
      if (socket !== this.#socket) return;
      this.#drop();
      // To a greeting it means no entry; later a frame named somebody else's stream, the next need not.
      const again = code === CloseCode.NOT_ALLOWED;
      if (!this.#dialling) this.#refusedWith(again ? LOST : code);
    };
    this.#ready = true;
    this.events.ready(true);
  }

  #take(frame: Uint8Array): void {
    const now = performance.now();
    this.#stall.heard(frame[0] !== FrameKind.ACK, now);
    let header: MediaHeader;
    try {
      header = parseHeader(frame);
    } catch {
      this.#received += frame.byteLength;
      return; // not of this version of the protocol: counted, and passed by
    }
    if (header.kind === FrameKind.ACK) {
      const { received, clockUs } = parseAck(frame);
      this.#flight.acknowledge(received, now, clockUs / 1000);
      this.#baseMs = this.#flight.baseMs;
      return;
    }
    this.#received += frame.byteLength;
    this.#acknowledgeSoon();
    this.events.frame(header, payloadOf(frame), audioLevel(frame));
  }

  #acknowledgeSoon(): void {
    if (this.#ackTimer !== undefined) return;
    const wait = this.#ackAt + ACK_INTERVAL_MS - performance.now();
    if (wait <= 0) this.#acknowledge();
    else this.#ackTimer = setTimeout(() => this.#acknowledge(), wait);
  }

  #acknowledge(): void {
    this.#ackTimer = undefined;
    if (this.#socket?.readyState !== WebSocket.OPEN || this.#received === this.#acknowledged)
      return;
    this.#ackAt = performance.now();
    this.#acknowledged = this.#received;
    this.#socket.send(packAck(this.#received, nowUs()));
  }

  #drop(): void {
    clearTimeout(this.#ackTimer);
    this.#ackTimer = undefined;
    const socket = this.#socket;
    this.#socket = null;
    socket?.close(1000);
    this.#flight = new Flight();
    this.#received = 0;
    this.#acknowledged = 0;
    if (!this.#ready) return;
    this.#ready = false;
    this.events.ready(false);
  }
}
