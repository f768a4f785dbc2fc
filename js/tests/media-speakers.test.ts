import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { routeTo, Speakers } from "../src/media/speakers.js";

let plugged: string[];
let changed: () => void;
let told: string[];
let stored: Map<string, string>;

beforeEach(() => {
  plugged = ["default", "desk"];
  told = [];
  stored = new Map();
  vi.stubGlobal(
    "AudioContext",
    class {
      async setSinkId() {}
    },
  );
  vi.stubGlobal("localStorage", {
    getItem: (key: string) => stored.get(key) ?? null,
    setItem: (key: string, value: string) => stored.set(key, value),
  });
  vi.stubGlobal("navigator", {
    mediaDevices: {
      addEventListener: (_: string, listener: () => void) => {
        changed = listener;
      },
      enumerateDevices: async () => [
        { kind: "audioinput", deviceId: "ear", label: "A microphone" },
        ...plugged.map((id) => ({ kind: "audiooutput", deviceId: id, label: `The ${id} one` })),
      ],
    },
  });
});
afterEach(() => vi.unstubAllGlobals());

const speakers = () => new Speakers((reason) => void told.push(reason));
const settled = () => new Promise((resolve) => setTimeout(resolve));

test("speakers are listed, and nothing is chosen until a person does", async () => {
  const all = speakers();
  await settled();
  expect(all.choice.value.options.map(({ id }) => id)).toEqual(["default", "desk"]);
  expect(all.choice.value.chosen).toBeNull();
});

test("the choice is remembered for the next visit", async () => {
  speakers().choose("desk");
  expect(speakers().choice.value.chosen).toBe("desk");
});

test("a speaker that is unplugged gives way to the default one, and that is said", async () => {
  const all = speakers();
  await settled();
  all.choose("desk");
  plugged = ["default"];
  changed();
  await settled();
  expect(all.choice.value.chosen).toBeNull();
  expect(told).toHaveLength(1);
  expect(stored.get("meetwidget.speaker")).toBe("desk"); // for when it is back
});

test("before the browser tells names a remembered speaker is not given up", async () => {
  stored.set("meetwidget.speaker", "desk");
  plugged = [];
  const all = speakers();
  await settled();
  expect(all.choice.value.chosen).toBe("desk");
  expect(told).toEqual([]);
});

test("where the browser cannot choose there is no list", async () => {
  vi.stubGlobal("AudioContext", class {});
  const all = speakers();
  await settled();
  expect(all.choice.value.options).toEqual([]);
});

test("a context with a choice is told, and its sound goes to its own end", async () => {
  const setSinkId = vi.fn(async () => {});
  const context = { setSinkId, destination: "end" } as unknown as AudioContext;
  expect(await routeTo(context, "desk")).toBe("end");
  expect(setSinkId).toHaveBeenCalledWith("desk");
});

test("where only an element can choose, its sound takes the way through one", async () => {
  const chosen: string[] = [];
  vi.stubGlobal(
    "Audio",
    class {
      srcObject: unknown;
      async setSinkId(id: string) {
        chosen.push(id);
      }
      async play() {}
    },
  );
  const out = { stream: "stream" };
  const context = { destination: "end", createMediaStreamDestination: () => out };
  expect(await routeTo(context as unknown as AudioContext, "desk")).toBe(out);
  expect(await routeTo(context as unknown as AudioContext, "")).toBe("end");
  expect(chosen).toEqual(["desk"]);
});
