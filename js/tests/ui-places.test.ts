import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type FakeSession, fakeSession, person } from "../dev/fakes.js";
import { cellOfAddress, notebookAddress, notebookPath } from "../src/lab/notebook-path.js";
import type { Location, StatePatch } from "../src/session/types.js";
import {
  announceMeeting,
  meetings,
  type NotebookHost,
  notebookHost,
  onHostChange,
  provideHost,
} from "../src/ui/host.js";
import { Places } from "../src/ui/places.js";

vi.stubGlobal("location", new URL("http://localhost/"));

/** A notebook that does as it is told, and writes down what it was told. */
class PaperNotebook implements NotebookHost {
  at: Location | null = { path: "a.ipynb", cell: "1" };
  readonly opened: string[] = [];
  refuse: string | null = null;
  readonly #places = new Set<() => void>();
  readonly #gestures = new Set<() => void>();

  place(): Location | null {
    return this.at;
  }
  onPlace(listener: () => void): () => void {
    this.#places.add(listener);
    return () => this.#places.delete(listener);
  }
  onGesture(listener: () => void): () => void {
    this.#gestures.add(listener);
    return () => this.#gestures.delete(listener);
  }
  cellNumber(): number | null {
    return null;
  }
  async open({ path, cell }: Location, options?: { focus?: boolean }) {
    expect(options?.focus).toBe(false);
    if (this.refuse) throw new Error(this.refuse);
    this.opened.push(`${path} ${cell}`);
    return { cellFound: true };
  }
  async insertCell(): Promise<Location> {
    throw new Error("not asked for here");
  }
  goTo(path: string, cell: string): void {
    this.at = { path, cell };
    for (const listener of this.#places) listener();
  }
  scroll(): void {
    for (const listener of this.#gestures) listener();
  }
}

const you = person(4, { id: "you" });
let notebook: PaperNotebook;
let takeAway: () => void;

interface Room {
  readonly session: FakeSession;
  readonly places: Places;
  /** What the room was told, in order. */
  readonly told: readonly (Location | null | undefined)[];
  readonly notices: readonly string[];
  /** Ada is somewhere, nowhere (null) or gone (undefined). */
  ada(place: Location | null | undefined): void;
}

function enter(name = "lecture"): Room {
  const told: (Location | null | undefined)[] = [];
  const notices: string[] = [];
  const session: FakeSession = Object.assign(fakeSession(name), {
    setState: (patch: StatePatch) => void told.push(patch.location),
    notify: (_level: string, _code: string, text: string) => void notices.push(text),
  });
  session.you.value = you;
  session.phase.value = { kind: "live" };
  const ada = (place: Location | null | undefined): void => {
    const who = person(0, { id: "ada", state: place ? { location: place } : {} });
    session.participants.value = new Map(
      (place === undefined ? [you] : [you, who]).map((one) => [one.id, one]),
    );
  };
  ada(null);
  return { session, places: new Places(session), told, notices, ada };
}

beforeEach(() => {
  vi.useFakeTimers();
  const items = new Map<string, string>();
  vi.stubGlobal("localStorage", {
    getItem: (key: string) => items.get(key) ?? null,
    setItem: (key: string, value: string) => void items.set(key, value),
  });
  notebook = new PaperNotebook();
  takeAway = provideHost(notebook);
});

afterEach(() => {
  takeAway();
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.stubGlobal("location", new URL("http://localhost/"));
});

test("nobody is told where one is until one turns it on, and again once it is off", () => {
  const { places, told } = enter();
  notebook.goTo("a.ipynb", "2");
  vi.runAllTimers();
  expect(told).toEqual([]);
  places.sharing.value = true;
  expect(told).toEqual([{ path: "a.ipynb", cell: "2" }]);
  places.sharing.value = false;
  expect(told).toEqual([{ path: "a.ipynb", cell: "2" }, null]);
});

test("a walk through cells is told once, where it ends", () => {
  const { places, told } = enter();
  places.sharing.value = true;
  for (const cell of ["2", "3", "4"]) notebook.goTo("a.ipynb", cell);
  vi.runAllTimers();
  expect(told.slice(1)).toEqual([{ path: "a.ipynb", cell: "4" }]);
});

test("it is told again in a meeting that one joins anew, and not after a mere reconnect", () => {
  const { session, places, told } = enter();
  places.sharing.value = true;
  session.phase.value = { kind: "reconnecting", attempt: 1, retryAt: null, reason: "" };
  session.phase.value = { kind: "live" };
  expect(told).toHaveLength(1);
  session.phase.value = { kind: "ended", code: "left", reason: "", canRejoin: true };
  session.phase.value = { kind: "live" };
  expect(told).toHaveLength(2);
});

test("the switch is remembered for its room alone", () => {
  enter("lecture").places.sharing.value = true;
  expect(enter("lecture").places.sharing.value).toBe(true);
  expect(enter("pub").places.sharing.value).toBe(false);
});

test("when the notebook around us goes, so does what was told", () => {
  const { places, told } = enter();
  places.sharing.value = true;
  takeAway();
  expect(told.at(-1)).toBe(null);
});

test("following goes along, one move at a time, and of many moves makes the last", async () => {
  const { places, ada } = enter();
  ada({ path: "b.ipynb", cell: "1" });
  places.follow("ada");
  for (const cell of ["2", "3", "4"]) ada({ path: "b.ipynb", cell });
  await vi.runAllTimersAsync();
  expect(notebook.opened).toEqual(["b.ipynb 1", "b.ipynb 4"]);
});

test("following ends when one scrolls oneself", async () => {
  const { places, ada } = enter();
  ada({ path: "b.ipynb", cell: "1" });
  places.follow("ada");
  await vi.runAllTimersAsync();
  notebook.scroll();
  expect(places.following.value).toBe(null);
  ada({ path: "b.ipynb", cell: "9" });
  await vi.runAllTimersAsync();
  expect(notebook.opened).toEqual(["b.ipynb 1"]);
});

test("following ends when they no longer say where they are, with a word, or leave", () => {
  const { places, ada, notices } = enter();
  ada({ path: "b.ipynb", cell: "1" });
  places.follow("ada");
  ada(null);
  expect(places.following.value).toBe(null);
  expect(notices).toHaveLength(1);
  ada({ path: "b.ipynb", cell: "1" });
  places.follow("ada");
  ada(undefined);
  expect(places.following.value).toBe(null);
});

test("following ends where one may not go, and says why", async () => {
  const { places, ada, notices } = enter();
  notebook.refuse = "There is no b.ipynb on this server.";
  ada({ path: "b.ipynb", cell: "1" });
  places.follow("ada");
  await vi.runAllTimersAsync();
  expect(places.following.value).toBe(null);
  expect(notices).toEqual(["There is no b.ipynb on this server."]);
});

test("a copy of the code that is loaded later finds the same host and meetings", async () => {
  vi.resetModules();
  const other = await import("../src/ui/host.js");
  expect(other.provideHost).not.toBe(provideHost);
  expect(other.notebookHost()).toBe(notebookHost());
  const heard = vi.fn();
  const stop = other.onHostChange(heard);
  const leave = announceMeeting({ room: "lecture", point: () => undefined });
  expect(heard).toHaveBeenCalledOnce();
  expect(other.meetings()).toEqual(meetings());
  leave();
  expect(other.meetings()).toEqual([]);
  stop();
  onHostChange(heard)();
  expect(heard).toHaveBeenCalledTimes(2);
});

test("a place from somebody else opens notebooks of this server only", () => {
  expect(notebookPath("course/Week 1.ipynb")).toBe("course/Week 1.ipynb");
  expect(notebookPath("/a.ipynb")).toBe("a.ipynb");
  expect(notebookPath("Week 1: HW #2?.ipynb")).toBe("Week 1: HW #2?.ipynb");
  for (const path of [
    "../../hub/logout?x=.ipynb",
    "../a.ipynb",
    "a/./b.ipynb",
    "a//b.ipynb",
    "..\\a.ipynb",
    "javascript:alert(1)//.ipynb",
    "a//evil.example/b.ipynb",
    "a/../../../b.ipynb",
    "a\u0000.ipynb",
    "notes.txt",
    "",
  ]) {
    expect(notebookPath(path), path).toBe(null);
  }
});

test("an address of a cell leads to that cell, whatever its id", () => {
  const address = notebookAddress("http://h/a%40b/", "x/Ü #1?.ipynb", "c#1/2");
  expect(address).toBe("http://h/a%40b/notebooks/x/%C3%9C%20%231%3F.ipynb#cell-id=c%231%2F2");
  expect(cellOfAddress(new URL(address).hash)).toBe("c#1/2");
  expect(cellOfAddress("#cell-id=%")).toBe(null);
  expect(cellOfAddress("#Heading")).toBe(null);
});
