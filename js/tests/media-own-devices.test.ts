import { signal } from "@preact/signals-core";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { fakeSession } from "../dev/fakes.js";
import type { ToWorker } from "../src/media/messages.js";
import { OwnDevices, type Sending } from "../src/media/own_devices.js";
import type { Publishing } from "../src/media/publishing.js";
import type { Sound } from "../src/media/sound.js";
import type { StatePatch } from "../src/session/index.js";

/** A device that is there, and what becomes of it. */
class FakeTrack {
  readyState = "live";
  onended: (() => void) | null = null;
  label = "";
  constructor(readonly kind: "audio" | "video") {}
  stop(): void {
    this.readyState = "ended";
  }
  getSettings() {
    return { deviceId: this.kind };
  }
}

let tracks: FakeTrack[];
let states: StatePatch[];
let posted: string[];
let released: number;
let samples: MessageChannel;

function devices(): OwnDevices {
  const session = fakeSession("a");
  session.setState = (patch) => void states.push(patch);
  const sound = { capture: async () => samples.port1, stopCapture() {} } as unknown as Sound;
  const slot = { open: () => sound, release: () => void released++ };
  const able = { camera: true, microphone: true, watch: true };
  return new OwnDevices(session, slot, able, () => undefined);
}

/** A meeting that takes everything. */
function meeting(): Sending {
  const announced = signal(false);
  return {
    post: (message: ToWorker) => {
      const muted = message.type === "microphone-muted" ? ` ${message.on}` : "";
      posted.push(message.type + muted);
    },
    publishing: {
      has: () => announced.value,
      sound: async () => {
        announced.value = true;
        return true;
      },
      videoOff: async () => void posted.push("unpublish camera"),
    } as unknown as Publishing,
  };
}

function open(): string[] {
  return tracks.filter(({ readyState }) => readyState === "live").map(({ kind }) => kind);
}

beforeEach(() => {
  tracks = [];
  states = [];
  posted = [];
  released = 0;
  samples = new MessageChannel();
  const stored = new Map<string, string>();
  vi.stubGlobal("localStorage", {
    getItem: (key: string) => stored.get(key) ?? null,
    setItem: (key: string, value: string) => void stored.set(key, value),
  });
  vi.stubGlobal("MediaStream", class {});
  vi.stubGlobal(
    "MediaStreamTrackProcessor",
    class {
      readable = {};
    },
  );
  vi.stubGlobal("navigator", {
    mediaDevices: {
      addEventListener() {},
      removeEventListener() {},
      enumerateDevices: async () => [],
      getUserMedia: async (wish: MediaStreamConstraints) => {
        const track = new FakeTrack(wish.video ? "video" : "audio");
        tracks.push(track);
        return { getTracks: () => [track] };
      },
    },
  });
});

afterEach(() => {
  samples.port1.close();
  samples.port2.close();
  vi.unstubAllGlobals();
});

test("a preview tells nobody, and its microphone is measured on the page", async () => {
  const own = devices();
  await own.preview();
  expect(open().sort()).toEqual(["audio", "video"]);
  expect(own.selfStream.value).not.toBeNull();
  samples.port2.postMessage(new Float32Array(960).fill(0.5));
  await vi.waitFor(() => expect(own.level.value).toBeGreaterThan(0.5));
  expect(states).toEqual([]);
});

test("off in the preview closes the device, and gives the page's sound back", async () => {
  const own = devices();
  await own.preview();
  await own.microphone.toggle();
  await own.camera.toggle();
  expect(open()).toEqual([]);
  expect(released).toBe(1);
  expect(own.level.value).toBe(0);
});

test("what was on in the preview is announced when the meeting begins, without opening it anew", async () => {
  const own = devices();
  await own.preview();
  own.begin(meeting());
  await vi.waitFor(() => expect(states).toEqual([{ camera: true }, { microphone: true }]));
  expect(posted).toEqual(["video-on", "sound-on", "microphone-muted false"]);
  expect(tracks).toHaveLength(2);
});

test("a preview remembers what was off the last time", async () => {
  const before = devices();
  await before.camera.toggle();
  await before.camera.toggle();
  await before.microphone.toggle();
  before.close();
  const own = devices();
  await own.preview();
  expect(open()).toEqual(["audio"]);
});

test("muted in a meeting, the microphone is open and silent; held, it speaks at once", async () => {
  const own = devices();
  own.begin(meeting());
  own.holdToTalk(true);
  await vi.waitFor(() => expect(states.at(-1)).toEqual({ microphone: true }));
  own.holdToTalk(false);
  expect(states.at(-1)).toEqual({ microphone: false });
  expect(own.heard(0.9)).toBe(0);
  expect(own.level.value).toBe(0.9);
  own.holdToTalk(true);
  expect(own.microphone.state.value.kind).toBe("on");
  expect(own.heard(0.9)).toBe(0.9);
  expect(tracks).toHaveLength(1);
});

test("letting go of the talk key leaves a microphone on that was on before", async () => {
  const own = devices();
  own.begin(meeting());
  await own.microphone.toggle();
  own.holdToTalk(true);
  own.holdToTalk(false);
  expect(own.microphone.state.value.kind).toBe("on");
});

test("whoever goes on speaking muted is told, and not any more once unmuted", async () => {
  const own = devices();
  own.begin(meeting());
  await own.microphone.toggle();
  await own.microphone.toggle();
  const now = vi.spyOn(performance, "now");
  for (let at = 10_000; at <= 10_400; at += 100) {
    now.mockReturnValue(at);
    own.heard(0.8);
  }
  expect(own.mutedSpeech.value).toBe(false);
  for (let at = 10_500; at <= 11_000; at += 100) {
    now.mockReturnValue(at);
    own.heard(0.8);
  }
  expect(own.mutedSpeech.value).toBe(true);
  await own.microphone.toggle();
  expect(own.mutedSpeech.value).toBe(false);
  now.mockRestore();
});

test("single noises while muted are no speech", async () => {
  const own = devices();
  own.begin(meeting());
  await own.microphone.toggle();
  await own.microphone.toggle();
  const now = vi.spyOn(performance, "now");
  for (let at = 10_000; at <= 20_000; at += 1_000) {
    now.mockReturnValue(at);
    own.heard(0.8);
  }
  expect(own.mutedSpeech.value).toBe(false);
  now.mockRestore();
});

test("the end of the meeting closes everything, muted or not", async () => {
  const own = devices();
  own.begin(meeting());
  await own.microphone.toggle();
  await own.camera.toggle();
  await own.microphone.toggle();
  own.end();
  expect(open()).toEqual([]);
  expect(own.announced).toBe(false);
});
