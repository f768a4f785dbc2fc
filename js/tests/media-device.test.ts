import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Device } from "../src/media/device.js";

/** What a browser gives for a camera, as far as a device looks at it. */
class FakeTrack {
  readyState = "live";
  onended: (() => void) | null = null;
  readonly label: string;
  constructor(readonly id = "front") {
    this.label = `The ${id} one`;
  }
  stop(): void {
    this.readyState = "ended";
  }
  getSettings() {
    return { deviceId: this.id };
  }
}

let answers: ((track: FakeTrack | DOMException) => void)[];
let asked: MediaStreamConstraints[];
let used: string[];
let told: string[];
let plugged: string[];
let listeners: Set<() => void>;

/** Answers the oldest open question of `getUserMedia`. */
function answer(with_: FakeTrack | DOMException): FakeTrack | DOMException {
  answers.shift()?.(with_);
  return with_;
}

const use = {
  start: async (): Promise<void> => void used.push("start"),
  stop: (): void => void used.push("stop"),
  tell: (sentence: string): void => void told.push(sentence),
};

function camera(): Device {
  return new Device("camera", use, undefined);
}

/** Turns a device on, and returns its track. */
async function turnOn(device: Device, id?: string): Promise<FakeTrack> {
  const turning = device.toggle();
  const track = answer(new FakeTrack(id)) as FakeTrack;
  await turning;
  return track;
}

/** The system takes devices away: first the track ends, then the list changes. */
function unplug(track: FakeTrack, ...left: string[]): void {
  track.readyState = "ended";
  track.onended?.();
  plugged = left;
  for (const listener of listeners) listener();
}

beforeEach(() => {
  answers = [];
  asked = [];
  used = [];
  told = [];
  plugged = ["front", "back"];
  listeners = new Set();
  vi.stubGlobal("navigator", {
    mediaDevices: {
      addEventListener: (_: string, listener: () => void) => listeners.add(listener),
      removeEventListener: (_: string, listener: () => void) => listeners.delete(listener),
      enumerateDevices: async () => [
        ...plugged.map((id) => ({ kind: "videoinput", deviceId: id, label: `The ${id} one` })),
        { kind: "audioinput", deviceId: "mic", label: "Mic" },
      ],
      getUserMedia: (constraints: MediaStreamConstraints) => {
        asked.push(constraints);
        return new Promise((resolve, reject) => {
          answers.push((track) =>
            track instanceof FakeTrack ? resolve({ getTracks: () => [track] }) : reject(track),
          );
        });
      },
    },
  });
});

afterEach(() => vi.unstubAllGlobals());

test("nothing is asked for before the first toggle", () => {
  expect(camera().state.value).toEqual({ kind: "off" });
  expect(asked).toEqual([]);
});

test("on, and off again: the track has stopped, so the light is out", async () => {
  const device = camera();
  const turning = device.toggle();
  expect(device.state.value.kind).toBe("starting");
  const track = answer(new FakeTrack()) as FakeTrack;
  await turning;
  expect(device.state.value).toEqual({ kind: "on" });
  await device.toggle();
  expect(device.state.value).toEqual({ kind: "off" });
  expect(track.readyState).toBe("ended");
  expect(used).toEqual(["start", "stop"]);
});

test("turned off while the browser still asks: a late yes turns nothing on", async () => {
  const device = camera();
  const turning = device.toggle();
  await device.toggle();
  const track = answer(new FakeTrack()) as FakeTrack;
  await turning;
  expect(track.readyState).toBe("ended");
  expect(device.state.value).toEqual({ kind: "off" });
  expect(used).toEqual([]);
});

test("a refusal is told, and the next click asks again", async () => {
  const device = camera();
  const turning = device.toggle();
  answer(new DOMException("", "NotAllowedError"));
  await turning;
  expect(device.state.value.kind).toBe("denied");
  void device.toggle();
  expect(device.state.value.kind).toBe("starting");
  expect(asked).toHaveLength(2);
});

test("the last camera is unplugged: off, with a reason", async () => {
  const device = camera();
  unplug(await turnOn(device));
  await vi.waitFor(() => expect(device.state.value.kind).toBe("off"));
  expect(device.state.value.reason).toContain("disconnected");
  expect(used).toEqual(["start", "stop"]);
});

test("one of two cameras is unplugged: the other goes on, never off, and it is told", async () => {
  const device = camera();
  const seen: string[] = [];
  const track = await turnOn(device);
  device.state.subscribe(({ kind }) => void seen.push(kind));
  unplug(track, "back");
  await vi.waitFor(() => expect(answers).toHaveLength(1));
  answer(new FakeTrack("back"));
  await vi.waitFor(() => expect(told).toHaveLength(1));
  expect(told[0]).toContain("The back one is used instead");
  expect(seen).toEqual(["on"]);
  expect(used).toEqual(["start", "start"]);
});

test("a camera taken away in the browser's menu is off, and no other is asked for", async () => {
  const device = camera();
  const track = await turnOn(device);
  unplug(track, "front", "back");
  await vi.waitFor(() => expect(device.state.value.kind).toBe("off"));
  expect(asked).toHaveLength(1);
});

test("a camera that does not open leaves the one in use", async () => {
  const device = camera();
  const track = await turnOn(device);
  const changing = device.choose("back");
  answer(new DOMException("", "NotAllowedError"));
  await changing;
  expect(device.state.value).toEqual({ kind: "on" });
  expect(track.readyState).toBe("live");
  expect(told).toHaveLength(1);
  await vi.waitFor(() => expect(device.choice.value.chosen).toBe("front"));
});

test("where only one camera opens at a time, the next one follows the first", async () => {
  const device = camera();
  const track = await turnOn(device);
  const changing = device.choose("back");
  answer(new DOMException("", "NotReadableError"));
  await vi.waitFor(() => expect(answers).toHaveLength(1));
  expect(track.readyState).toBe("ended");
  answer(new FakeTrack("back"));
  await changing;
  expect(device.state.value).toEqual({ kind: "on" });
});

test("a muted microphone stays open and speaks again without asking", async () => {
  const paused: boolean[] = [];
  const pause = (on: boolean): boolean => {
    paused.push(on);
    return true;
  };
  const device = new Device("microphone", { ...use, pause }, undefined);
  const track = await turnOn(device);
  await device.toggle();
  expect(device.state.value).toEqual({ kind: "off" });
  expect(device.paused).toBe(true);
  expect(track.readyState).toBe("live");
  await device.toggle();
  expect(device.state.value).toEqual({ kind: "on" });
  expect(asked).toHaveLength(1);
  expect(paused).toEqual([true, false]);
  device.off();
  expect(track.readyState).toBe("ended");
});

test("another camera is used at once when one is on, and turns nothing on when none is", async () => {
  const device = camera();
  await device.choose("back");
  expect(asked).toEqual([]);
  const turning = device.toggle();
  expect(JSON.stringify(asked[0])).toContain('"deviceId":{"exact":"back"}');
  answer(new FakeTrack());
  await turning;
  await vi.waitFor(() =>
    expect(device.choice.value.options.map(({ id }) => id)).toEqual(["front", "back"]),
  );
  const changing = device.choose("front");
  answer(new FakeTrack());
  await changing;
  expect(device.state.value).toEqual({ kind: "on" });
  // Never off in between.
  expect(used).toEqual(["start", "start"]);
});

test("where it cannot work it says why and asks for nothing", async () => {
  const device = new Device("camera", { start: async () => {}, stop() {} }, "Plain HTTP.");
  await device.toggle();
  expect(device.state.value).toEqual({ kind: "unsupported", reason: "Plain HTTP." });
  expect(asked).toEqual([]);
});
