import { signal } from "@preact/signals-core";
import { beforeEach, expect, test } from "vitest";
import type { ToWorker } from "../src/media/messages.js";
import { Watching } from "../src/media/watching.js";
import type { Session } from "../src/session/index.js";
import type { Want } from "../src/wire/index.js";

/** A window with a document that may be hidden, and observers that tell what a test wants. */
class FakeWindow {
  readonly observers: FakeObserver[] = [];
  readonly listeners: (() => void)[] = [];
  readonly document: {
    hidden: boolean;
    defaultView: unknown;
    addEventListener: (name: string, listener: () => void) => void;
  };
  readonly IntersectionObserver: unknown;

  constructor() {
    const { observers } = this;
    this.IntersectionObserver = class extends FakeObserver {
      constructor(tell: IntersectionObserverCallback) {
        super(tell);
        observers.push(this);
      }
    };
    this.document = {
      hidden: false,
      defaultView: this,
      addEventListener: (_, listener) => this.listeners.push(listener),
    };
  }
  addEventListener(): void {}

  hide(hidden: boolean): void {
    this.document.hidden = hidden;
    for (const listener of this.listeners) listener();
  }
  sight(canvas: HTMLCanvasElement, isIntersecting: boolean): void {
    for (const observer of this.observers) {
      if (observer.seen.has(canvas)) observer.tell([{ target: canvas, isIntersecting }]);
    }
  }
}

class FakeObserver {
  readonly seen = new Set<unknown>();
  readonly tell: (entries: unknown[]) => void;
  constructor(tell: IntersectionObserverCallback) {
    this.tell = (entries) => tell(entries as IntersectionObserverEntry[], null as never);
  }
  observe(element: unknown): void {
    this.seen.add(element);
  }
  unobserve(element: unknown): void {
    this.seen.delete(element);
  }
  disconnect(): void {
    this.seen.clear();
  }
}

let tab: FakeWindow;
let wants: Map<string, Want | null>;
let asked: readonly string[];
let watching: Watching;

beforeEach(() => {
  tab = new FakeWindow();
  wants = new Map();
  asked = [];
  const session = {
    streams: signal(new Map([["s1", {}]])),
    watch: (stream: string, want: Want | null) => wants.set(stream, want),
  };
  const post = (message: ToWorker) => {
    if (message.type === "asked") asked = message.streams;
  };
  watching = new Watching(session as unknown as Session, post, new AbortController().signal);
});

function canvasIn(window: FakeWindow): HTMLCanvasElement {
  const canvas = {
    ownerDocument: window.document,
    style: {},
    transferControlToOffscreen: () => ({}),
  };
  return canvas as unknown as HTMLCanvasElement;
}
const SIZE = { width: 320, height: 180 };
const isAsked = () => wants.get("s1") != null && asked.includes("s1");
const isNotAsked = () => wants.get("s1") === null && asked.length === 0;

test("a tile in sight is asked for, one scrolled away or collapsed is not", () => {
  const canvas = canvasIn(tab);
  const handle = watching.attach("s1", canvas, SIZE, "cover");
  expect(isAsked()).toBe(true);
  tab.sight(canvas, false);
  expect(isNotAsked()).toBe(true);
  tab.sight(canvas, true);
  expect(isAsked()).toBe(true);
  handle.resize(0, 0);
  expect(isNotAsked()).toBe(true);
});

test("a tab in the background asks for nothing", () => {
  watching.attach("s1", canvasIn(tab), SIZE, "cover");
  tab.hide(true);
  expect(isNotAsked()).toBe(true);
  tab.hide(false);
  expect(isAsked()).toBe(true);
});

test("a floating window is asked for while its tab is in the background", () => {
  const float = new FakeWindow();
  watching.attach("s1", canvasIn(tab), SIZE, "cover");
  const handle = watching.attach("s1", canvasIn(float), { width: 640, height: 360 }, "cover");
  tab.hide(true);
  expect(isAsked()).toBe(true);
  expect(wants.get("s1")!.width).toBeGreaterThan(320);
  handle.detach();
  expect(isNotAsked()).toBe(true);
});

test("a canvas that moves to a floating window and back is followed", () => {
  const float = new FakeWindow();
  const canvas = canvasIn(tab);
  const handle = watching.attach("s1", canvas, SIZE, "cover");
  Object.assign(canvas, { ownerDocument: float.document });
  handle.resize(300, 170);
  tab.hide(true);
  expect(isAsked()).toBe(true);
  float.sight(canvas, false);
  expect(isNotAsked()).toBe(true);
  // The window is closed: its document has no window any more.
  Object.assign(canvas, { ownerDocument: tab.document });
  float.document.defaultView = null;
  tab.hide(false);
  expect(isAsked()).toBe(true);
});

test("a stream that needs a key frame is asked for again as before", () => {
  watching.attach("s1", canvasIn(tab), SIZE, "cover");
  const want = wants.get("s1");
  wants.clear();
  watching.repeat("s1");
  expect(wants.get("s1")).toEqual(want);
});
