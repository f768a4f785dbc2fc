/**
 * The media worker: owns the media sockets, every encoder and decoder, and the canvases.
 *
 * It is one Blob worker per session, since workers are throttled neither in hidden tabs nor by a
 * busy page.
 */

import { FrameKind, type MediaHeader } from "../../wire/media.js";
import type { FromWorker, RemoteStream, ToWorker } from "../messages.js";
import type { PlaybackReport, ToPlayback } from "../worklet/names.js";
import { AudioReceiver } from "./audio_receiver.js";
import { Camera } from "./camera.js";
import { CaptureClock } from "./capture_clock.js";
import { Lane } from "./lane.js";
import { Microphone } from "./microphone.js";
import { Surfaces } from "./surfaces.js";
import { VideoReceiver } from "./video_receiver.js";

const LEVELS_MS = 100;
const STATS_MS = 1_000;

interface WorkerScope {
  postMessage(message: FromWorker): void;
  onmessage: ((event: MessageEvent<ToWorker>) => void) | null;
}
const page = globalThis as unknown as WorkerScope;
const tell = (message: FromWorker) => page.postMessage(message);

let playback: MessagePort | null = null;
let audible = true;
const clock = new CaptureClock();
const relayNowUs = () => clock.relayNowUs();

type Receiver = VideoReceiver | AudioReceiver;
const receivers = new Map<string, Receiver>();
const byHandle = new Map<number, Receiver>();

const surfaces = new Surfaces((streams) => tell({ type: "pictures", streams }));

const audio = new Lane(["audio"], {
  frame: take,
  ready: (ready) => tell({ type: "lane", lane: "audio", ready }),
});
const video = new Lane(["video", "data"], {
  frame: take,
  ready: (ready) => {
    if (ready) camera.renew();
    tell({ type: "lane", lane: "video", ready });
  },
});
const camera = new Camera(clock, video, audio, tell);
const microphone = new Microphone(clock, audio, tell);

function take(header: MediaHeader, payload: Uint8Array): void {
  if (header.kind === FrameKind.DATA) return;
  byHandle.get(header.handle)?.take(header, payload);
}

function watched(streams: readonly RemoteStream[]): void {
  const alive = new Set(streams.map(({ id }) => id));
  for (const [id, receiver] of receivers) {
    if (alive.has(id)) continue;
    receiver.close();
    receivers.delete(id);
    surfaces.forget(id);
  }
  byHandle.clear();
  for (const { id, kind, renditions } of streams) {
    let receiver = receivers.get(id);
    if (!receiver) {
      receiver = kind === "audio" ? hear(id) : see(id);
      receivers.set(id, receiver);
    }
    receiver.update(renditions);
    for (const { handle } of renditions) byHandle.set(handle, receiver);
  }
}

function see(stream: string): VideoReceiver {
  return new VideoReceiver({
    needKey: () => tell({ type: "need-key", stream }),
    picture: (frame) => surfaces.show(stream, frame),
    relayNowUs,
  });
}

function hear(stream: string): AudioReceiver {
  return new AudioReceiver(stream, relayNowUs, play);
}

function play(message: ToPlayback): void {
  // To a worklet that stands still (no gesture yet) packets would only pile up.
  if (message.samples && !audible) return;
  playback?.postMessage(message, message.samples ? [message.samples.buffer] : []);
}

function playOn(port: MessagePort): void {
  playback = port;
  port.onmessage = ({ data }: MessageEvent<readonly PlaybackReport[]>) => {
    for (const report of data) {
      const receiver = receivers.get(report.stream);
      if (receiver instanceof AudioReceiver) receiver.played(report);
    }
  };
}

function demand({ renditions }: Extract<ToWorker, { type: "demand" }>): void {
  for (const { handle, on, key } of renditions) {
    if (handle === microphone.handle) microphone.demand(handle, on);
    else camera.demand(handle, on, key ?? false);
  }
}

page.onmessage = ({ data }) => {
  switch (data.type) {
    case "clock":
      clock.offsetUs = data.offsetUs;
      break;
    case "endpoint":
      audio.connect(data.endpoint);
      video.connect(data.endpoint);
      break;
    case "streams":
      watched(data.streams);
      break;
    case "canvas":
      surfaces.attach(data.id, data.stream, data.canvas);
      break;
    case "uncanvas":
      surfaces.detach(data.id);
      break;
    case "playback":
      playOn(data.port);
      break;
    case "audible":
      audible = data.on;
      break;
    case "camera":
      void camera.start(data.frames, data.fps);
      break;
    case "frame":
      camera.take(data.frame);
      break;
    case "camera-off":
      camera.stop();
      break;
    case "own-video":
      camera.published(data.stream, data.renditions);
      break;
    case "microphone":
      microphone.start(data.port);
      break;
    case "microphone-off":
      microphone.stop();
      break;
    case "own-audio":
      microphone.published(data.stream, data.handle);
      break;
    case "demand":
      demand(data);
      break;
  }
};

let quiet = true;
setInterval(() => {
  const levels: [string, number][] = [];
  for (const [id, receiver] of receivers) {
    if (receiver instanceof AudioReceiver) levels.push([id, receiver.takeLevel()]);
  }
  levels.push(["", microphone.takeLevel()]);
  const silent = levels.every(([, level]) => level === 0);
  if (silent && quiet) return;
  quiet = silent;
  tell({ type: "levels", levels });
}, LEVELS_MS);

setInterval(() => {
  const stats = [...receivers].map(([id, receiver]) => [id, receiver.report()] as const);
  for (const { stream, pace } of [camera, microphone]) {
    if (stream) stats.push([stream, pace.report()]);
  }
  tell({ type: "stats", stats });
}, STATS_MS);
