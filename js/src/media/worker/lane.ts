/**
 * One media socket: hello, acknowledgements both ways, and back again when it is lost.
 *
 * A socket that is away loses frames and nothing else: media is fresh or not at all, so
 * nothing is kept for later.
 */

import { nowUs } from "../../session/clock.js";
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

/** Acknowledge at most this often (PROTOCOL.md). */
const ACK_INTERVAL_MS = 100;
/** Full-jitter back-off between attempts. */
const BACKOFF_FIRST_MS = 250;
const BACKOFF_MOST_MS = 5_000;
/** Ticket or token refused, or not allowed: only a new endpoint helps. */
const FINAL_CODES: ReadonlySet<number> = new Set([4400, 4401, 4403, 4409, 4410, 4413]);

export interface Endpoint {
  readonly url: string;
  readonly token: string;
}

export interface LaneEvents {
  /** A frame that is not an acknowledgement, with the loudness it tells, if any. */
  frame(header: MediaHeader, payload: Uint8Array, level: AudioLevel | null): void;
  /** Open and greeted, or no longer so. */
  ready(ready: boolean): void;
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
  #attempt = 0;

  constructor(
    readonly kinds: readonly string[],
    readonly events: LaneEvents,
  ) {}

  /** Whether frames sent now go out. */
  get ready(): boolean {
    return this.#ready;
  }

  /** What is under way to the relay. */
  get flight(): Flight {
    return this.#flight;
  }

  /** Connects to where the session says; null closes. */
  connect(endpoint: Endpoint | null): void {
    this.#endpoint = endpoint;
    this.#attempt = 0;
    this.#drop();
    if (endpoint) this.#open(endpoint);
  }

  /** Sends a frame; false when the lane is not there. */
  send(frame: Uint8Array<ArrayBuffer>): boolean {
    if (!this.#ready || !this.#socket) return false;
    this.#flight.send(frame.byteLength, performance.now());
    this.#socket.send(frame);
    return true;
  }

  #open({ url, token }: Endpoint): void {
    const socket = new WebSocket(url);
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    socket.onopen = () => {
      socket.send(JSON.stringify({ type: "hello", token, kinds: this.kinds }));
    };
    socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => {
      if (socket !== this.#socket) return;
      if (typeof data === "string") this.#greeted();
      else this.#take(new Uint8Array(data));
    };
    socket.onclose = ({ code }) => {
      if (socket === this.#socket) this.#lost(code);
    };
  }

  /** The only text on a media socket is the relay's "ready". */
  #greeted(): void {
    if (this.#ready) return;
    this.#ready = true;
    this.#attempt = 0;
    this.events.ready(true);
  }

  #take(frame: Uint8Array): void {
    let header: MediaHeader;
    try {
      header = parseHeader(frame);
    } catch {
      this.#received += frame.byteLength;
      return; // not of this version of the protocol: counted, and passed by
    }
    if (header.kind === FrameKind.ACK) {
      this.#flight.acknowledge(parseAck(frame).received, performance.now());
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

  #lost(code: number): void {
    this.#drop();
    const endpoint = this.#endpoint;
    if (!endpoint || FINAL_CODES.has(code)) return;
    const most = Math.min(BACKOFF_MOST_MS, BACKOFF_FIRST_MS * 2 ** this.#attempt++);
    this.#retryTimer = setTimeout(() => this.#open(endpoint), Math.random() * most);
  }

  #drop(): void {
    clearTimeout(this.#retryTimer);
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
