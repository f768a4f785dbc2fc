import { beforeEach, expect, test, vi } from "vitest";
import { EarDelay } from "../src/media/worker/ear_delay.js";
import { VideoReceiver } from "../src/media/worker/video_receiver.js";
import { FrameKind, frameFlags, type MediaHeader } from "../src/wire/media.js";

/** A decoder that answers at once, until it is told to fail or to say nothing. */
class FakeDecoder {
  static made: FakeDecoder[] = [];
  static mute = false;
  state: CodecState = "unconfigured";
  decodeQueueSize = 0;
  fed: { type: string; timestamp: number }[] = [];

  constructor(readonly init: VideoDecoderInit) {
    FakeDecoder.made.push(this);
  }
  configure(): void {
    this.state = "configured";
  }
  decode(chunk: { type: string; timestamp: number }): void {
    this.fed.push(chunk);
    if (FakeDecoder.mute) return;
    const { timestamp } = chunk;
    const frame = { timestamp, displayWidth: 640, displayHeight: 360, close() {} };
    this.init.output(frame as unknown as VideoFrame);
  }
  fail(): void {
    this.state = "closed";
    this.init.error(new DOMException("garbage", "EncodingError"));
  }
  close(): void {
    this.state = "closed";
  }
}

let keys: number[];
let drawn: number[];
let sent: { sequence: number; base: number };
let receiver: VideoReceiver;

const nowUs = () => Math.round(performance.now() * 1000) + 1e9;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date", "performance"] });
  vi.stubGlobal("VideoDecoder", FakeDecoder);
  vi.stubGlobal(
    "EncodedVideoChunk",
    class {
      constructor(init: object) {
        Object.assign(this, init);
      }
    },
  );
  FakeDecoder.made = [];
  FakeDecoder.mute = false;
  keys = [];
  drawn = [];
  sent = { sequence: 0, base: 0 };
  receiver = new VideoReceiver(
    {
      needKey: () => keys.push(performance.now()),
      picture: (frame) => drawn.push(frame.timestamp),
      relayNowUs: nowUs,
    },
    new EarDelay(nowUs, () => 0),
  );
  receiver.update([rendition(1), rendition(2)]);
  receiver.expect(true);
  return () => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  };
});

function rendition(handle: number) {
  const size = { width: 640, height: 360 };
  return { handle, codec: "vp8", ...size, colorSpace: null, sampleRate: 48_000, channels: 1 };
}

/** The next picture of a sender, 40 ms after the one before; it comes unless it is lost. */
function picture(what: { key?: boolean; handle?: number; lost?: boolean } = {}): void {
  vi.advanceTimersByTime(40);
  receiver.tick();
  sent.base++;
  const header: MediaHeader = {
    kind: FrameKind.VIDEO,
    flags: frameFlags({ key: what.key ?? false }),
    handle: what.handle ?? 1,
    sequence: sent.sequence++,
    captureUs: nowUs(),
    baseCount: sent.base,
    config: 0,
  };
  if (!what.lost) receiver.take(header, new Uint8Array(100));
}

/** Pictures for some seconds; each request for a key frame is answered by the one after `late` others. */
function pictures(seconds: number, late = 2): void {
  let answered = keys.length;
  for (let i = 0; i < seconds * 25; i++) {
    const due = keys.length > answered && i % (late + 1) === late;
    picture({ key: due });
    if (due) answered = keys.length;
  }
}

test("pictures are drawn as they come", () => {
  picture({ key: true });
  pictures(1);
  expect(drawn).toHaveLength(26);
  expect(keys).toEqual([]);
  expect(receiver.report().share).toBe(1);
});

test("a lost picture is told, and all is well again with the key frame it asked for", () => {
  picture({ key: true });
  picture({ lost: true });
  pictures(1);
  expect(keys).toHaveLength(1);
  expect(drawn.length).toBeGreaterThan(22);
  const { share, lost } = receiver.report();
  expect(share).toBeCloseTo(26 / 27);
  expect(lost).toBeGreaterThan(0);
});

test("who comes in the middle asks for a key frame until one comes", () => {
  for (let i = 0; i < 100; i++) picture();
  expect(keys.length).toBeGreaterThan(3);
  expect(drawn).toEqual([]);
  picture({ key: true });
  picture();
  expect(drawn).toHaveLength(2);
});

test("a decoder that fails is replaced", () => {
  picture({ key: true });
  FakeDecoder.made[0]!.fail();
  pictures(2);
  expect(FakeDecoder.made).toHaveLength(2);
  expect(FakeDecoder.made[1]!.fed[0]!.type).toBe("key");
  expect(drawn.length).toBeGreaterThan(20);
});

test("a decoder that says nothing is replaced", () => {
  picture({ key: true });
  FakeDecoder.mute = true;
  pictures(6);
  FakeDecoder.mute = false;
  pictures(4);
  expect(FakeDecoder.made.length).toBeGreaterThan(1);
  expect(drawn.length).toBeGreaterThan(50);
});

test("when nothing comes any more it asks again, and says for how long", () => {
  picture({ key: true });
  const before = drawn.length;
  for (let i = 0; i < 200; i++) picture({ lost: true });
  expect(keys.length).toBeGreaterThanOrEqual(2);
  expect(receiver.report().stalledMs).toBeGreaterThan(7_000);
  picture({ key: true });
  expect(drawn).toHaveLength(before + 1);
  expect(receiver.report().stalledMs).toBeLessThan(100);
});

test("what nobody looks at is not asked for, and is not stalled", () => {
  picture({ key: true });
  receiver.expect(false);
  for (let i = 0; i < 200; i++) picture({ lost: true });
  expect(keys).toEqual([]);
  expect(receiver.report().stalledMs).toBeUndefined();
  receiver.expect(true);
  picture({ key: true });
  expect(receiver.report().share).toBe(1); // what went by meanwhile was not lost
});

test("another rendition takes over at its key frame", () => {
  picture({ key: true });
  picture({ key: true, handle: 2 });
  picture({ handle: 2 });
  expect(drawn).toHaveLength(3);
  expect(keys).toEqual([]);
});
