import { beforeEach, expect, test } from "vitest";
import { fakeEngine, fakeSession } from "../dev/fakes.js";
import { pressKey } from "../src/ui/keyboard.js";
import { type RoomView, viewStateOf } from "../src/ui/view.js";

const session = fakeSession("a");
let done: string[];
const engine = {
  ...fakeEngine(),
  toggleMicrophone: async () => void done.push("microphone"),
  toggleCamera: async () => void done.push("camera"),
  holdToTalk: (on: boolean) => void done.push(on ? "talk" : "quiet"),
};
const view: RoomView = {
  session,
  engine,
  state: viewStateOf(session),
  invitation: { command: "", link: null },
  returning: false,
};

/** A key pressed on an element, named by the tags and classes around it. */
function press(key: string, on = "", more: Partial<KeyboardEvent> = {}): boolean {
  const around = on.split(" ");
  const closest = (selectors: string) =>
    selectors.split(",").find((selector) => around.includes(selector)) ?? null;
  const event = { key, code: "", target: { closest }, ...more };
  return pressKey(view, event as unknown as KeyboardEvent);
}

beforeEach(() => {
  done = [];
  session.phase.value = { kind: "live" };
  session.rights.value = { chat: true, publish: true, moderate: false, guest_links: false };
});

test("M and V turn microphone and camera on and off, whatever alphabet is typed", () => {
  expect(press("m")).toBe(true);
  expect(press("V")).toBe(true);
  expect(press("ь", "", { code: "KeyM" })).toBe(true);
  expect(press("x")).toBe(false);
  expect(done).toEqual(["microphone", "camera", "microphone"]);
});

test("a held key is one press, and with Ctrl, Alt or Shift it is somebody else's", () => {
  press("m", "", { repeat: true });
  for (const chord of ["ctrlKey", "metaKey", "altKey", "shiftKey"])
    press("m", "", { [chord]: true });
  expect(done).toEqual([]);
});

test("in a text field, a menu or a dialog letters and Space are not the room's", () => {
  for (const place of ["textarea", "input", "select", "[role=dialog]", "[popover]"]) {
    expect(press("m", place)).toBe(false);
    expect(press(" ", place)).toBe(false);
  }
  expect(done).toEqual([]);
});

test("Space talks, keeps the page still while it is held, and presses a button that has the focus", () => {
  expect(press(" ")).toBe(true);
  expect(press(" ", "", { repeat: true })).toBe(true);
  expect(press(" ", "button")).toBe(false);
  expect(press("m", "button")).toBe(true);
  expect(done).toEqual(["talk", "microphone"]);
});

test("before the meeting M and V prepare, and Space does nothing", () => {
  session.phase.value = { kind: "idle" };
  expect(press("v")).toBe(true);
  expect(press(" ")).toBe(false);
  expect(done).toEqual(["camera"]);
});

test("whoever may not share anything, or has left, has no keys", () => {
  session.rights.value = { chat: true, publish: false, moderate: false, guest_links: false };
  expect(press("m")).toBe(false);
  session.rights.value = { chat: true, publish: true, moderate: false, guest_links: false };
  session.phase.value = { kind: "ended", code: "left", reason: "", canRejoin: true };
  expect(press("m")).toBe(false);
  expect(done).toEqual([]);
});
