import { expect, test } from "vitest";
import { fromWire, sameColors, toWire } from "../src/media/colors.js";
import { deviceFailure } from "../src/media/devices.js";
import type { VideoSource } from "../src/media/messages.js";
import { remoteStreams } from "../src/media/remote.js";
import { renditionsOf } from "../src/media/renditions.js";
import { SpeechDetector } from "../src/media/speech.js";

const sizes = (source: VideoSource, width: number, height: number, most?: number) =>
  renditionsOf(source, { width, height, colorSpace: null }, "vp8", most).map((offer) => [
    offer.width,
    offer.height,
  ]);

test("a camera gives renditions of its own aspect up to what the machine bears, small one first", () => {
  expect(sizes("camera", 640, 360)).toEqual([
    [320, 180],
    [640, 360],
  ]);
  expect(sizes("camera", 1280, 720, 360)).toEqual([
    [320, 180],
    [640, 360],
  ]);
  expect(sizes("camera", 1280, 720, 720)).toEqual([
    [320, 180],
    [640, 360],
    [1280, 720],
  ]);
  expect(sizes("camera", 640, 480, 720)).toEqual([
    [240, 180],
    [480, 360],
    [640, 480],
  ]);
});

test("sizes are even, portraits are scaled by their short side, nothing is enlarged", () => {
  expect(sizes("camera", 720, 1280, 360)).toEqual([
    [180, 320],
    [360, 640],
  ]);
  expect(
    sizes("camera", 333, 187)
      .flat()
      .every((size) => size! % 2 === 0),
  ).toBe(true);
  expect(sizes("camera", 160, 120)).toEqual([[160, 120]]);
});

test("a screen is sent sharp, with a small one for tiles; a small window needs one only", () => {
  expect(sizes("screen", 1920, 1080)).toEqual([
    [640, 360],
    [1920, 1080],
  ]);
  expect(sizes("screen", 400, 300)).toEqual([[400, 300]]);
});

test("a camera's colours survive the wire; RGB, which no chunk is, is not told", () => {
  const camera: VideoColorSpaceInit = {
    primaries: "smpte170m",
    transfer: "smpte170m",
    matrix: "smpte170m",
    fullRange: false,
  };
  const wire = toWire(camera);
  expect(wire && fromWire(wire)).toEqual(camera);
  expect(sameColors(wire, toWire({ ...camera, fullRange: true }))).toBe(false);
  expect(toWire({ matrix: "rgb" })).toBeNull();
  expect(toWire(undefined)).toBeNull();
});

test("only others' sound and pictures are watched", () => {
  const stream = (id: string, owner: string, source: string, rendition = {}) => ({
    id,
    owner,
    source,
    renditions: [{ handle: 1, codec: "vp8", ...rendition }],
  });
  const all = [
    stream("s1", "me", "camera"),
    stream("s2", "you", "camera"),
    stream("s3", "you", "microphone"),
    stream("s4", "you", "data:points"),
    stream("s5", "you", "data:plot", { width: 320, height: 180 }),
  ];
  const remote = remoteStreams(new Map(all.map((one) => [one.id, one])), "me");
  expect(remote.map(({ id, kind }) => [id, kind])).toEqual([
    ["s2", "video"],
    ["s3", "audio"],
    ["s5", "video"],
  ]);
});

test.each([
  ["NotAllowedError", "denied"],
  ["NotFoundError", "missing"],
  ["NotReadableError", "busy"],
  ["TypeError", "unsupported"],
])("a %s of the browser is told as `%s`, with one sentence that says what to do", (name, kind) => {
  const state = deviceFailure("camera", new DOMException("inner words", name));
  expect(state.kind).toBe(kind);
  expect(state.reason).toMatch(/^[A-Z][^.]*\.?[^.]*\.$/);
});

test("speaking starts with a loud moment and lasts through the breath between two words", () => {
  const speech = new SpeechDetector();
  const at = (level: number, now: number) => [...speech.update(new Map([["ada", level]]), now)];
  expect(at(0.2, 0)).toEqual([]);
  expect(at(0.5, 100)).toEqual(["ada"]);
  expect(at(0.1, 400)).toEqual(["ada"]);
  expect(at(0.1, 900)).toEqual([]);
});
