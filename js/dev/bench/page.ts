/**
 * The page of the network bench: a meeting with the real session and engine and no interface, watched
 * by probes; driven through `globalThis.bench` (tests/network/rig.py).
 */

import { effect } from "@preact/signals-core";
import {
  type CanvasHandle,
  getEngine,
  type MediaEngine,
  type StreamStats,
} from "../../src/media/index.js";
import { getSession, type Session, socketUrl } from "../../src/session/index.js";
import { CodeReader, nowMs } from "./clock_code.js";
import { BenchDevices } from "./devices.js";
import { type Arrival, install } from "./probes.js";
import { Rival } from "./rtc.js";
import type { Heard } from "./tones.js";

/** What was seen and heard since `begin`; times in ms since 1970. */
interface Samples {
  begun: number;
  ended: number;
  /** New pictures: when seen, when captured, width. */
  pictures: [number, number, number][];
  heard: Heard[];
  arrivals: Arrival[];
  /** Once a second: the engine's statistics by stream id, and what the relay tells of flows. */
  stats: [number, Record<string, StreamStats>, Record<string, unknown>][];
  /** Phases of the session as they came. */
  phases: [number, string][];
  /** Where the sound goes, ms: what the browser says it adds after what was heard. */
  outputMs: number;
  rival: Record<string, Record<string, unknown>>[];
}

interface Wish {
  readonly room: string;
  readonly token: string;
  readonly camera: boolean;
  readonly microphone: boolean;
}

/** Until somebody who joins must be in the room. */
const PATIENCE_MS = 60_000;

const host = document.getElementById("host") as HTMLElement;
const devices = new BenchDevices();
const reader = new CodeReader();
let samples = empty();
let shown: HTMLCanvasElement | HTMLVideoElement | null = null;
let lastCode: number | null = null;
/** Reading codes costs processor time of its own. */
let looking = true;
/** CSS pixels asked for. */
let size = { width: 640, height: 360 };
let handle: CanvasHandle | null = null;
let session: Session | null = null;
let engine: MediaEngine | null = null;
let rival: Rival | null = null;

function empty(): Samples {
  return {
    begun: nowMs(),
    ended: 0,
    pictures: [],
    heard: [],
    arrivals: [],
    stats: [],
    phases: [],
    outputMs: 0,
    rival: [],
  };
}

install(
  (batch, context) => {
    samples.heard.push(...batch);
    if (context instanceof AudioContext) {
      samples.outputMs = ((context.baseLatency || 0) + (context.outputLatency || 0)) * 1000;
    }
  },
  (batch) => samples.arrivals.push(...batch),
);

function look(): void {
  const at = looking && shown && reader.read(shown);
  if (shown && typeof at === "number" && at !== lastCode) {
    lastCode = at;
    const width = "videoWidth" in shown ? shown.videoWidth : shown.width;
    samples.pictures.push([nowMs(), at, width]);
  }
  requestAnimationFrame(look);
}
requestAnimationFrame(look);

setInterval(async () => {
  if (engine && session) {
    const flows = Object.fromEntries(session.flows.peek());
    samples.stats.push([nowMs(), Object.fromEntries(engine.stats.peek()), flows]);
  }
  if (rival) samples.rival.push(await rival.inbound());
}, 1000);

/** Shows the first camera of somebody else, on a new canvas each time it is another stream. */
function follow(session: Session, engine: MediaEngine): void {
  let stream: string | null = null;
  effect(() => {
    const you = session.you.value?.id;
    const others = [...session.streams.value.values()].filter(
      ({ source, owner }) => source === "camera" && owner !== you,
    );
    const next = others[0]?.id ?? null;
    if (next === stream) return;
    handle?.detach();
    stream = next;
    if (next === null) return;
    const canvas = document.createElement("canvas");
    canvas.style.cssText = "width:640px;height:360px";
    host.replaceChildren(canvas);
    shown = canvas;
    handle = engine.attachCanvas(next, canvas, size);
    // What the interface does for whoever speaks; the bench's only tile is that one.
    handle.setPriority(6);
  });
}

const bench = {
  /** Loads the camera's pictures. */
  prepare: (count: number): Promise<void> => devices.prepare(count),

  async join({ room, token, camera, microphone }: Wish): Promise<void> {
    const ticketUrl = new URL("/meet/api/tickets", location.href).href;
    session = getSession({
      room,
      baseUrl: "/",
      fetchTicket: async (signal) => {
        const response = await fetch(ticketUrl, {
          method: "POST",
          headers: { "Content-Type": "application/json", Authorization: `token ${token}` },
          body: JSON.stringify({ room, client: "browser" }),
          signal,
        });
        if (!response.ok) throw new Error(`ticket: ${response.status}`);
        const answer = await response.json();
        return {
          ticket: answer.ticket,
          controlUrl: socketUrl(answer.control_url, ticketUrl, true),
          sameOrigin: true,
        };
      },
    });
    engine = getEngine(session);
    const { phase } = session;
    effect(() => {
      samples.phases.push([nowMs(), phase.value.kind]);
    });
    session.attach();
    session.join();
    await new Promise<void>((done, fail) => {
      setTimeout(() => fail(new Error(`Still ${phase.peek().kind}`)), PATIENCE_MS);
      effect(() => {
        if (phase.value.kind === "live") done();
      });
    });
    follow(session, engine);
    if (camera) await engine.toggleCamera();
    if (microphone) await engine.toggleMicrophone();
  },

  leave(): void {
    session?.leave();
    session = engine = null;
    shown = null;
    host.replaceChildren();
  },

  /** Since `begin`: pictures captured and shown, and looks of the ear that found a tone. */
  came(): { pictures: number; tones: number } {
    return {
      pictures: samples.pictures.filter(([, drawn]) => drawn >= samples.begun).length,
      tones: samples.heard.filter(([, tone]) => tone >= 0).length,
    };
  },

  /** Asks for another size; 0 × 0: for nothing. */
  resize(width: number, height: number): void {
    size = { width, height };
    handle?.resize(width, height);
  },

  /** The engine's own count of others' pictures drawn in the last second. */
  shown(): { fps: number } {
    const you = session?.you.peek()?.id;
    const streams = [...(session?.streams.peek().values() ?? [])];
    const other = streams.find(({ owner, source }) => source === "camera" && owner !== you);
    return { fps: engine?.stats.peek().get(other?.id ?? "")?.fps ?? 0 };
  },

  /** Looks at no picture any more. */
  blind(): void {
    looking = false;
  },

  state(): unknown {
    return {
      phase: session?.phase.peek(),
      streams: [...(session?.streams.peek().values() ?? [])],
      camera: engine?.camera.peek(),
      microphone: engine?.microphone.peek(),
      stats: [...(engine?.stats.peek() ?? [])],
      notices: session?.notices.peek(),
    };
  },

  begin(): number {
    samples = empty();
    return samples.begun;
  },

  end(): Samples {
    samples.ended = nowMs();
    return samples;
  },

  async rivalOffer(): Promise<string> {
    rival = new Rival(host, await devices.open({ video: true, audio: true }));
    shown = rival.video;
    return rival.offer();
  },

  async rivalAnswer(sdp: string): Promise<string> {
    rival = new Rival(host, await devices.open({ video: true, audio: true }));
    shown = rival.video;
    return rival.answer(sdp);
  },

  rivalAccept: (sdp: string): Promise<void> => rival?.accept(sdp) ?? Promise.resolve(),
};

Object.assign(globalThis, { bench });
