/**
 * The media worker: owns the media sockets, every encoder and decoder, and the canvases.
 *
 * It is one Blob worker per session, since workers are throttled neither in hidden tabs nor by a
 * busy page.
 */

import { type AudioLevel, FrameKind, type MediaHeader } from "../../wire/media.js";
import type { FromWorker, RemoteStream, SoundSource, ToWorker, VideoSource } from "../messages.js";
import type { PlaybackReport, ToPlayback } from "../worklet/names.js";
import { AudioReceiver } from "./audio_receiver.js";
import { AudioSender } from "./audio_sender.js";
import { CaptureClock } from "./capture_clock.js";
import { EarDelay } from "./ear_delay.js";
import { Lane, Lanes } from "./lane.js";
import { Surfaces } from "./surfaces.js";
import { Uplink } from "./uplink.js";
import { VideoReceiver } from "./video_receiver.js";
import { VideoSender } from "./video_sender.js";

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
let outputMs = 0;
const clock = new CaptureClock();
const relayNowUs = () => clock.relayNowUs();

type Receiver = VideoReceiver | AudioReceiver;
const receivers = new Map<string, Receiver>();
const byHandle = new Map<number, Receiver>();
/** By what belongs together (RemoteStream). */
const ears = new Map<string, EarDelay>();
let asked: ReadonlySet<string> = new Set();

const surfaces = new Surfaces((streams) => tell({ type: "pictures", streams }));

const lanes = new Lanes();
// The first to connect, and to come back after an outage: a voice matters more than a picture.
const audio = new Lane(
  ["audio"],
  { frame: take, ready: (ready) => tell({ type: "lane", lane: "audio", ready }) },
  lanes,
);
const video = new Lane(
  ["video", "data"],
  {
    frame: take,
    ready: (ready) => {
      if (ready) {
        for (const sender of Object.values(pictures)) sender.renew();
        for (const id of asked) expectOf(id);
      }
      tell({ type: "lane", lane: "video", ready });
    },
    expecting: () => asked.size > 0,
  },
  lanes,
);
const uplink = new Uplink(video, audio, tell);
const pictures = {
  camera: new VideoSender("camera", clock, uplink, tell),
  screen: new VideoSender("screen", clock, uplink, tell),
};
const sounds = {
  microphone: new AudioSender("microphone", clock, audio, tell),
  "screen-audio": new AudioSender("screen-audio", clock, audio, tell),
};

function take(header: MediaHeader, payload: Uint8Array, level: AudioLevel | null): void {
  if (header.kind === FrameKind.DATA) return;
  byHandle.get(header.handle)?.take(header, payload, level);
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
  for (const key of ears.keys()) {
    if (!streams.some(({ together }) => together === key)) ears.delete(key);
  }
  for (const { id, kind, together, renditions } of streams) {
    let receiver = receivers.get(id);
    if (!receiver) {
      receiver = kind === "audio" ? hear(id, earOf(together)) : see(id, earOf(together));
      receivers.set(id, receiver);
      if (asked.has(id)) expectOf(id);
    }
    receiver.update(renditions);
    for (const { handle } of renditions) byHandle.set(handle, receiver);
  }
}

function earOf(together: string): EarDelay {
  const known = ears.get(together);
  if (known) return known;
  const ear = new EarDelay(relayNowUs, () => outputMs);
  ears.set(together, ear);
  return ear;
}

function see(stream: string, ear: EarDelay): VideoReceiver {
  const events = {
    needKey: () => tell({ type: "need-key", stream }),
    picture: (frame: VideoFrame) => surfaces.show(stream, frame),
    relayNowUs,
  };
  return new VideoReceiver(events, ear);
}

function hear(stream: string, ear: EarDelay): AudioReceiver {
  return new AudioReceiver(stream, relayNowUs, play, ear);
}

/** Something should come on this stream from now on, or nothing more. */
function expectOf(stream: string): void {
  const receiver = receivers.get(stream);
  if (receiver instanceof VideoReceiver) receiver.expect(asked.has(stream));
}

function askFor(streams: readonly string[]): void {
  const before = asked;
  asked = new Set(streams);
  for (const id of receivers.keys()) if (before.has(id) !== asked.has(id)) expectOf(id);
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
    for (const sender of Object.values(sounds)) sender.demand(handle, on);
    for (const sender of Object.values(pictures)) sender.demand(handle, on, key ?? false);
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
    case "asked":
      askFor(data.streams);
      break;
    case "output-delay":
      outputMs = data.ms;
      break;
    case "playback":
      playOn(data.port);
      break;
    case "audible":
      audible = data.on;
      break;
    case "video-on":
      void pictures[data.source].start(data.frames, data.fps);
      break;
    case "frame":
      pictures[data.source].take(data.frame);
      break;
    case "video-off":
      pictures[data.source].stop();
      break;
    case "own-video":
      pictures[data.source].published(data.stream, data.renditions);
      break;
    case "sound-on":
      sounds[data.source].start(data.port);
      break;
    case "sound-off":
      sounds[data.source].stop();
      break;
    case "microphone-muted":
      sounds.microphone.muted = data.on;
      break;
    case "own-audio":
      sounds[data.source].published(data.stream, data.handle);
      break;
    case "lost":
      if (data.source in sounds) sounds[data.source as SoundSource].lost();
      else pictures[data.source as VideoSource].lost();
      break;
    case "demand":
      demand(data);
      break;
  }
};

/** Silence is told for a second more: the page holds a speaker's mark for half of one. */
const TELL_SILENCE = 1000 / LEVELS_MS;
let silences = TELL_SILENCE;
setInterval(() => {
  const levels: [string, number][] = [];
  for (const [id, receiver] of receivers) {
    if (receiver instanceof AudioReceiver) levels.push([id, receiver.takeLevel()]);
    else receiver.tick();
  }
  levels.push(["", sounds.microphone.takeLevel()]);
  const silent = levels.every(([, level]) => level === 0);
  silences = silent ? silences + 1 : 0;
  if (silences > TELL_SILENCE) return;
  tell({ type: "levels", levels });
}, LEVELS_MS);

setInterval(() => {
  const stats = [...receivers].map(([id, receiver]) => [id, receiver.report()] as const);
  for (const sender of [...Object.values(pictures), ...Object.values(sounds)]) {
    if (sender.stream) stats.push([sender.stream, sender.report()]);
  }
  tell({ type: "stats", stats });
}, STATS_MS);
