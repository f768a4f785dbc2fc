import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Device } from "../src/media/device.js";

/** What a browser gives for a camera, as far as a device looks at it. */
class FakeTrack {
  readyState = "live";
  onended: (() => void) | null = null;
  stop(): void {
    this.readyState = "ended";
  }
  getSettings() {
    return { deviceId: "front" };
  }
}

let answers: ((track: FakeTrack | DOMException) => void)[];
let asked: MediaStreamConstraints[];
let used: string[];

/** Answers the oldest open question of `getUserMedia`. */
function answer(with_: FakeTrack | DOMException): FakeTrack | DOMException {
  answers.shift()?.(with_);
  return with_;
}

function camera(): Device {
  return new Device(
    "camera",
    { start: async () => void used.push("start"), stop: () => void used.push("stop") },
    undefined,
  );
}

beforeEach(() => {
  answers = [];
  asked = [];
  used = [];
  vi.stubGlobal("navigator", {
    mediaDevices: {
      addEventListener() {},
      enumerateDevices: async () => [
        { kind: "videoinput", deviceId: "front", label: "Front" },
        { kind: "videoinput", deviceId: "back", label: "Back" },
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

test("an unplugged device is off, with a reason", async () => {
  const device = camera();
  const turning = device.toggle();
  const track = answer(new FakeTrack()) as FakeTrack;
  await turning;
  track.onended?.();
  expect(device.state.value.kind).toBe("off");
  expect(device.state.value.reason).toContain("disconnected");
  expect(used).toEqual(["start", "stop"]);
});

test("another camera is used at once when one is on, and turns nothing on when none is", async () => {
  const device = camera();
  await device.choose("back");
  expect(asked).toEqual([]);
  const turning = device.toggle();
  expect(JSON.stringify(asked[0])).toContain('"deviceId":{"ideal":"back"}');
  answer(new FakeTrack());
  await turning;
  await vi.waitFor(() =>
    expect(device.choice.value.options.map(({ id }) => id)).toEqual(["front", "back"]),
  );
  const changing = device.choose("front");
  answer(new FakeTrack());
  await changing;
  expect(device.state.value).toEqual({ kind: "on" });
  expect(used).toEqual(["start", "stop", "start"]);
});

test("where it cannot work it says why and asks for nothing", async () => {
  const device = new Device("camera", { start: async () => {}, stop() {} }, "Plain HTTP.");
  await device.toggle();
  expect(device.state.value).toEqual({ kind: "unsupported", reason: "Plain HTTP." });
  expect(asked).toEqual([]);
});
