/**
 * A relay of one room, small enough to read: real sockets, the protocol's rules for resume and
 * `cid`, and switches for what goes wrong. The real one is met in `real-relay.test.ts`.
 */

import type { AddressInfo } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";
import type {
  FromClient,
  FromRelay,
  LoggedEvent,
  Participant,
  Rights,
  RoomInfo,
  Stream,
  Welcome,
} from "../src/wire/index.js";

type Hello = Extract<FromClient, { type: "hello" }>;

interface Member {
  readonly you: Participant;
  socket: WebSocket | null;
}

export class SmallRelay {
  readonly log: LoggedEvent[] = [];
  /** Every message received, hellos included, in order. */
  readonly received: FromClient[] = [];
  readonly streams = new Map<string, Stream>();
  /** Members by their secret session. */
  members = new Map<string, Member>();
  /** Cids are answered once, with the same ack ever after. */
  #acks = new Map<string, FromRelay>();
  #next = 1;
  epoch = "epoch-1";
  #mute = false;
  /** Answers nothing at all, not even pings. */
  silent = false;
  /** Keeps nothing, as with a full disk: the code of the error every send is answered with. */
  refusal: string | null = null;
  /** So many sends are taken; a refused one (`too-fast`) earns 0.4 of the next. */
  budget = Number.POSITIVE_INFINITY;
  /** Instead of a welcome: what to do with a hello. */
  refuse: ((socket: WebSocket) => void) | null = null;
  /** Newcomers wait until `admit`. */
  lobby = false;
  /** What the welcome says the newcomer may do; null: nothing, as older relays. */
  rights: Rights | null = null;
  readonly #waiting = new Map<WebSocket, Hello>();

  private constructor(readonly server: WebSocketServer) {
    server.on("connection", (socket) => {
      socket.on("message", (data) => this.#received(socket, JSON.parse(String(data))));
      socket.on("close", () => {
        this.#waiting.delete(socket);
        for (const member of this.members.values()) {
          if (member.socket === socket) member.socket = null;
        }
      });
    });
  }

  static async start(port = 0): Promise<SmallRelay> {
    const server = new WebSocketServer({ host: "127.0.0.1", port });
    await new Promise((resolve) => server.once("listening", resolve));
    return new SmallRelay(server);
  }

  /**
   * Hears, and what it says is lost: a line that died one way. All connections end with it, since
   * TCP never loses a part and delivers the rest.
   */
  set mute(mute: boolean) {
    if (this.#mute && !mute) this.drop();
    this.#mute = mute;
  }

  get url(): string {
    return `ws://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Connections that said hello. */
  get hellos() {
    return this.received.filter((message) => message.type === "hello");
  }

  of<T extends FromClient["type"]>(type: T): Extract<FromClient, { type: T }>[] {
    return this.received.filter(
      (message): message is Extract<FromClient, { type: T }> => message.type === type,
    );
  }

  /** Breaks every connection without a close frame. */
  drop(): void {
    for (const socket of this.server.clients) socket.terminate();
  }

  close(code: number, bye?: Extract<FromRelay, { type: "bye" }>): void {
    for (const socket of this.server.clients) {
      if (bye) socket.send(JSON.stringify(bye));
      socket.close(code);
    }
  }

  /** A new process: sessions and streams are forgotten, log and cids are on disk. */
  restart(): void {
    this.members = new Map();
    this.streams.clear();
    this.close(1012);
  }

  /** Nothing goes wrong any more. */
  recover(): void {
    this.mute = false;
    this.refusal = null;
    this.budget = Number.POSITIVE_INFINITY;
  }

  /** How many wait to be let in. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** A moderator lets everyone in who waits. */
  admit(): void {
    for (const [socket, hello] of this.#waiting) this.#send(socket, this.#welcome(socket, hello));
    this.#waiting.clear();
  }

  /** Everyone is sent away, in and before the room: an error, and the close 4403 after it. */
  sendAway(code: string, message: string): void {
    for (const socket of this.server.clients) {
      this.#send(socket, { type: "error", code, message });
      socket.close(4403);
    }
  }

  async stop(): Promise<void> {
    this.drop();
    await new Promise((resolve) => this.server.close(resolve));
  }

  tell(message: FromRelay): void {
    for (const { socket } of this.members.values()) this.#send(socket, message);
  }

  /** Somebody else says something. */
  append(by: LoggedEvent["by"], event: LoggedEvent["event"], cid?: string): LoggedEvent {
    const offset = this.log.length + 1;
    const entry: LoggedEvent = { type: "event", offset, at: 1_760_000_000_000 + offset, by, event };
    this.log.push(entry);
    for (const { you, socket } of this.members.values()) {
      const own = you.id === by.id && cid !== undefined;
      this.#send(socket, own ? { ...entry, cid } : entry);
    }
    return entry;
  }

  #id(what: string): string {
    return `${what}-${this.#next++}`;
  }

  #received(socket: WebSocket, message: FromClient): void {
    this.received.push(message);
    if (this.silent) return;
    if (message.type === "hello") {
      if (this.refuse) this.refuse(socket);
      else if (this.lobby && !this.members.has(message.resume?.session ?? "")) {
        this.#waiting.set(socket, message);
        this.#send(socket, { type: "waiting", room: { ...this.#room(), title: "The demo" } });
      } else this.#send(socket, this.#welcome(socket, message));
      return;
    }
    if (this.#waiting.has(socket)) {
      if (message.type === "ping") this.#pong(socket, message.t);
      else if (message.type === "goodbye") socket.close(1000);
      else socket.close(4400); // nothing else is heard in the waiting room
      return;
    }
    const member = [...this.members.values()].find((one) => one.socket === socket);
    if (!member) return;
    if (message.type === "ping") {
      this.#pong(socket, message.t);
    } else if ("cid" in message && this.refusal !== null) {
      const { cid } = message;
      socket.send(
        JSON.stringify({
          type: "error",
          code: this.refusal,
          message: "No.",
          cid,
          retry_after: 0.01,
        }),
      );
    } else if ("cid" in message) {
      this.budget -= 1;
      const ack = this.#acks.get(message.cid) ?? this.#perform(member.you, message);
      this.#acks.set(message.cid, ack);
      this.#send(socket, ack);
    } else if (message.type === "goodbye") {
      socket.close(1000);
    }
  }

  #pong(socket: WebSocket, t: number): void {
    this.#send(socket, { type: "pong", t, now: t + 5_000_000 });
  }

  #room(): RoomInfo {
    const { epoch, log } = this;
    return { name: "demo", title: "demo", locked: false, epoch, offset: log.length };
  }

  #send(socket: WebSocket | null, message: FromRelay): void {
    if (!this.#mute) socket?.send(JSON.stringify(message));
  }

  #refuse(socket: WebSocket, cid: string, code: string): void {
    const error: FromRelay = { type: "error", code, message: "No.", cid, retry_after: 0.001 };
    this.#send(socket, error);
  }

  #perform(you: Participant, message: Extract<FromClient, { cid: string }>): FromRelay {
    const { cid } = message;
    switch (message.type) {
      case "chat.send": {
        const id = this.#id("message");
        const { type: _type, cid: _cid, files: ids, ...said } = message;
        const files = ids?.map((file) => ({ id: file, name: file, type: "text/plain", size: 1 }));
        const event = { kind: "message" as const, id, ...said, ...(files ? { files } : {}) };
        const { offset, at } = this.append(you, event, cid);
        return { type: "ack", cid, id, offset, at };
      }
      case "publish": {
        const id = this.#id("stream");
        const handles = message.renditions.map(() => this.#next++);
        const renditions = message.renditions.map((one, index) => ({
          ...one,
          handle: handles[index]!,
        }));
        const stream: Stream = { id, owner: you.id, source: message.source, renditions };
        this.streams.set(id, stream);
        this.tell({ type: "stream.added", stream });
        return { type: "ack", cid, stream: id, handles };
      }
      case "unpublish":
        this.streams.delete(message.stream);
        this.tell({ type: "stream.removed", id: message.stream });
        return { type: "ack", cid };
      case "chat.react":
        return { type: "error", cid, code: "not-found", message: "There is no such message." };
      default:
        return { type: "ack", cid };
    }
  }

  #welcome(socket: WebSocket, hello: Hello): Welcome {
    let session = hello.resume?.session ?? "";
    let member = this.members.get(session);
    if (!member) {
      session = this.#id("session");
      member = { you: person(this.#id("participant"), "ada"), socket: null };
      this.members.set(session, member);
    }
    member.socket = socket;
    const { resume } = hello;
    const recovered = resume?.epoch === this.epoch;
    return {
      type: "welcome",
      protocol: 1,
      session,
      you: member.you,
      room: this.#room(),
      ...(this.rights ? { rights: this.rights } : {}),
      participants: [...this.members.values()].map((one) => one.you),
      streams: [...this.streams.values()],
      recovered,
      events: this.log.slice(recovered ? resume.offset : -200),
      media: { token: `media-${session}`, url: "ws://elsewhere:1/a/meet/api/media" },
      limits: {
        body_bytes: 100,
        data_bytes: 1000,
        frame_bytes: 65536,
        messages_per_second: 20,
        participants: 100,
        streams: 8,
        file_bytes: 3 * 1024,
      },
      ice_servers: [],
    };
  }
}

/** A participant as the relay would stamp them. */
export function person(id: string, name: string): Participant {
  return {
    id,
    user: { name, display_name: name, initials: name.slice(0, 2), color: "#888888" },
    kind: "person",
    role: "member",
    state: {},
    joined_at: 1_760_000_000_000,
  };
}
