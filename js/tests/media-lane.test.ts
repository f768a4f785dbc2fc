import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type WebSocket as NodeSocket, WebSocket, WebSocketServer } from "ws";
import { Lane, Lanes } from "../src/media/worker/lane.js";
import {
  FrameKind,
  frameFlags,
  type MediaHeader,
  packAck,
  packFrame,
  parseAck,
  parseHeader,
} from "../src/wire/media.js";

/** A media socket's other end: greets, keeps what it gets. */
class MediaServer {
  readonly hellos: { token: string; kinds: string[] }[] = [];
  readonly frames: Uint8Array[] = [];
  readonly sockets: NodeSocket[] = [];
  /** Attempts to connect, answered or not. */
  attempts = 0;
  /** As on a line that is away: sockets stay open, and nobody hears anything. */
  away = false;
  readonly server: WebSocketServer;

  constructor() {
    this.server = new WebSocketServer({
      host: "127.0.0.1",
      port: 0,
      verifyClient: (_: unknown, answer: (yes: boolean) => void) => {
        this.attempts++;
        if (!this.away) answer(true);
      },
    });
    this.server.on("connection", (socket) => {
      this.sockets.push(socket);
      socket.on("message", (data: Buffer, binary) => {
        if (this.away) return;
        if (binary) {
          this.frames.push(new Uint8Array(data));
          return;
        }
        this.hellos.push(JSON.parse(String(data)));
        socket.send('{"type":"ready"}');
      });
    });
  }

  get url(): string {
    return `ws://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  get acks() {
    return this.frames.filter((frame) => frame[0] === FrameKind.ACK).map(parseAck);
  }
}

function frame(sequence: number, size = 100): Uint8Array<ArrayBuffer> {
  const flags = frameFlags({ key: sequence === 0 });
  const header = { kind: FrameKind.AUDIO, flags, handle: 7, sequence };
  return packFrame(
    { ...header, captureUs: 1, baseCount: 0, config: 0 },
    new Uint8Array(size).fill(sequence),
  );
}

/** Polls until it holds, patiently: machines are slow at times. */
const soon = (check: () => void) => vi.waitFor(check, { timeout: 10_000 });

let server: MediaServer;
let lane: Lane;
let got: MediaHeader[];
let states: boolean[];

beforeEach(async () => {
  vi.stubGlobal("WebSocket", WebSocket);
  server = new MediaServer();
  await new Promise((resolve) => server.server.once("listening", resolve));
  got = [];
  states = [];
  lane = new Lane(["audio"], {
    frame: (header) => got.push(header),
    ready: (ready) => states.push(ready),
  });
});

afterEach(() => {
  lane.connect(null);
  for (const socket of server.sockets) socket.terminate();
  server.server.close();
  vi.unstubAllGlobals();
});

async function connected(): Promise<void> {
  lane.connect({ url: server.url, token: "secret" });
  await soon(() => expect(lane.ready).toBe(true));
}

test("a lane says hello with its token and kinds, and sends nothing before the relay is ready", async () => {
  expect(lane.send(frame(0))).toBe(false);
  await connected();
  expect(server.hellos).toEqual([{ type: "hello", token: "secret", kinds: ["audio"] }]);
  expect(lane.send(frame(0))).toBe(true);
  await soon(() => expect(server.frames).toHaveLength(1));
  expect(parseHeader(server.frames[0]!).handle).toBe(7);
});

test("everything received is acknowledged, in bytes, and not one by one", async () => {
  await connected();
  for (let i = 0; i < 50; i++) server.sockets[0]!.send(frame(i));
  await soon(() => expect(got).toHaveLength(50));
  await soon(() => expect(server.acks.at(-1)?.received).toBe(50 * 120));
  expect(server.acks.length).toBeLessThan(50);
});

test("the relay's acknowledgements tell what is in flight, and are not acknowledged themselves", async () => {
  await connected();
  for (let i = 0; i < 3; i++) lane.send(frame(i));
  expect(lane.flight.inFlight).toBe(360);
  server.sockets[0]!.send(packAck(240, 1));
  await soon(() => expect(lane.flight.inFlight).toBe(120));
  expect(got).toEqual([]);
  expect(server.acks).toEqual([]);
});

test("a frame of another version of the protocol is passed by, and counted", async () => {
  await connected();
  const strange = frame(0);
  strange[0] = 9;
  server.sockets[0]!.send(strange);
  server.sockets[0]!.send(frame(1));
  await soon(() => expect(got).toHaveLength(1));
  await soon(() => expect(server.acks.at(-1)?.received).toBe(240));
});

test("a frame for somebody else's stream costs the socket, not the lane", async () => {
  await connected();
  server.sockets[0]!.close(4403);
  await soon(() => expect(states).toEqual([true, false, true]));
});

test("a lost socket is opened again, and counting starts anew", async () => {
  await connected();
  lane.send(frame(0));
  server.sockets[0]!.terminate();
  await soon(() => expect(states).toEqual([true, false, true]));
  expect(server.hellos).toHaveLength(2);
  expect(lane.flight.inFlight).toBe(0);
});

test("after a refused token only a new endpoint brings the lane back", async () => {
  await connected();
  const first = server.sockets[0]!;
  first.close(4401);
  await soon(() => expect(states).toEqual([true, false]));
  lane.connect({ url: server.url, token: "fresh" });
  await soon(() => expect(lane.ready).toBe(true));
  expect(server.hellos.map(({ token }) => token)).toEqual(["secret", "fresh"]);
});

test("a socket that is open but hears nothing is replaced as soon as a new one is greeted", async () => {
  await connected();
  server.away = true;
  const talking = setInterval(() => lane.send(frame(1)), 20);
  try {
    // Attempts that nobody answers are given up, one after the other.
    await soon(() => expect(server.attempts).toBeGreaterThan(3));
    expect(states).toEqual([true]);
    server.away = false;
    await soon(() => expect(states).toEqual([true, false, true]));
    const before = server.frames.length;
    await soon(() => expect(server.frames.length).toBeGreaterThan(before + 5));
    expect(server.hellos).toHaveLength(2);
  } finally {
    clearInterval(talking);
  }
});

test("a socket that works again before another was greeted is kept", async () => {
  await connected();
  const [socket] = server.sockets;
  server.away = true;
  const talking = setInterval(() => lane.send(frame(1)), 20);
  let answering: ReturnType<typeof setInterval> | undefined;
  try {
    await soon(() => expect(server.attempts).toBe(2));
    answering = setInterval(() => socket?.send(frame(1)), 20);
    await soon(() => expect(got.length).toBeGreaterThan(20));
    expect(states).toEqual([true]);
    lane.connect(null);
    await soon(() => expect(socket?.readyState).toBe(WebSocket.CLOSED));
    expect(server.hellos).toHaveLength(1);
  } finally {
    clearInterval(talking);
    clearInterval(answering);
  }
});

test("two lanes of one client shake hands one after the other, sound first", async () => {
  const lanes = new Lanes();
  const order: string[] = [];
  const made = ["audio", "video"].map(
    (kind) => new Lane([kind], { frame() {}, ready: (ready) => ready && order.push(kind) }, lanes),
  );
  server.away = true;
  for (const one of made.toReversed()) one.connect({ url: server.url, token: "secret" });
  await soon(() => expect(server.attempts).toBe(1));
  server.away = false;
  for (const one of made) one.connect({ url: server.url, token: "secret" });
  await soon(() => expect(order).toEqual(["audio", "video"]));
  for (const one of made) one.connect(null);
});
