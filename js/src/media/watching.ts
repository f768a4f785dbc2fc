/** What this page shows, told to the relay: streams nobody looks at are not even encoded. */

import type { Session } from "../session/index.js";
import type { Want } from "../wire/index.js";
import type { ToWorker } from "./messages.js";
import type { CanvasHandle, Fit, TileSize } from "./types.js";

/** Sizes asked for go in steps, so that a dragged splitter does not chatter. */
const STEP_PX = 20;
/** A moving picture enlarged this much still looks sharp; the next rendition costs 2.7 times the bits. */
const ENLARGED = 1.25;
/** The protocol's largest tile. */
const MOST_PX = 16_384;
/** How far outside of the window a canvas counts as shown: scrolling finds it playing. */
const MARGIN = "200px";
/** Where nobody said what is more important. */
const USUAL_PRIORITY = 3;

interface Shown {
  readonly stream: string;
  readonly canvas: HTMLCanvasElement;
  /** Where the canvas is watched for being in sight: a floating window has a document of its own. */
  place: Document | null;
  size: TileSize;
  priority: number;
  inSight: boolean;
}

/** The largest of the canvases that show a stream, and the most important. */
type Wish = Required<Want>;

type Post = (message: ToWorker, transfer?: Transferable[]) => void;

/** Keeps the attached canvases and the wishes that follow from them. */
export class Watching {
  readonly #shown = new Map<number, Shown>();
  /** By stream: what was last asked for. */
  readonly #asked = new Map<string, Wish>();
  readonly #elements = new Map<Element, Shown>();
  readonly #observers = new Map<Document, IntersectionObserver>();
  #nextId = 1;
  /** The streams that the worker knows to be asked for. */
  #told = "";

  constructor(
    readonly session: Session,
    readonly post: Post,
    readonly signal: AbortSignal,
  ) {
    const end = () => {
      for (const observer of this.#observers.values()) observer.disconnect();
    };
    signal.addEventListener("abort", end, { once: true });
  }

  attach(stream: string, canvas: HTMLCanvasElement, size: TileSize, fit: Fit): CanvasHandle {
    const id = this.#nextId++;
    const priority = USUAL_PRIORITY;
    const shown: Shown = { stream, canvas, place: null, size, priority, inSight: true };
    const offscreen = canvas.transferControlToOffscreen();
    canvas.style.objectFit = fit;
    this.#shown.set(id, shown);
    this.#elements.set(canvas, shown);
    this.post({ type: "canvas", id, stream, canvas: offscreen }, [offscreen]);
    this.#ask();
    return {
      resize: (width, height) => {
        shown.size = { width, height };
        this.#ask();
      },
      setPriority: (priority) => {
        shown.priority = priority;
        this.#ask();
      },
      setFit: (next) => {
        canvas.style.objectFit = next;
      },
      detach: () => {
        if (!this.#shown.delete(id)) return;
        this.#leave(shown);
        this.#elements.delete(canvas);
        this.post({ type: "uncanvas", id });
        this.#ask();
      },
    };
  }

  /** Asks for a key frame: the relay takes a repeated wish as that. */
  repeat(stream: string): void {
    const wish = this.#asked.get(stream);
    if (wish) this.session.watch(stream, wish);
  }

  /** Streams that are gone need no word to the relay. */
  keep(alive: ReadonlySet<string>): void {
    for (const stream of this.#asked.keys()) if (!alive.has(stream)) this.#asked.delete(stream);
    this.#ask();
  }

  /** Follows the canvas to whatever document it is in now. */
  #settle(shown: Shown): void {
    const place = shown.canvas.ownerDocument;
    if (shown.place === place) return;
    this.#leave(shown);
    shown.place = place;
    shown.inSight = true;
    this.#observerOf(place)?.observe(shown.canvas);
  }

  #leave({ place, canvas }: Shown): void {
    if (!place) return;
    this.#observers.get(place)?.unobserve(canvas);
    const others = [...this.#shown.values()].some((shown) => shown.place === place);
    // A floating window is closed for good: nothing of it is to be kept.
    if (!others && !place.defaultView) this.#observers.delete(place);
  }

  #observerOf(place: Document): IntersectionObserver | undefined {
    const known = this.#observers.get(place);
    const view = place.defaultView;
    if (known || !view) return known;
    // An observer sees what its own window shows, even while this tab is hidden.
    const observer = new view.IntersectionObserver((entries) => this.#seen(entries), {
      rootMargin: MARGIN,
    });
    this.#observers.set(place, observer);
    const { signal } = this;
    place.addEventListener("visibilitychange", () => this.#ask(), { signal });
    view.addEventListener("pagehide", () => this.#ask(), { signal });
    return observer;
  }

  #seen(entries: readonly IntersectionObserverEntry[]): void {
    for (const { target, isIntersecting } of entries) {
      const shown = this.#elements.get(target);
      if (shown) shown.inSight = isIntersecting;
    }
    this.#ask();
  }

  #ask(): void {
    const wanted = new Map<string, Wish>();
    for (const shown of this.#shown.values()) {
      this.#settle(shown);
      const { stream, place, size, priority, inSight } = shown;
      if (!place?.defaultView || place.hidden) continue;
      if (!inSight || !size.width || !size.height) continue;
      if (!this.session.streams.peek().has(stream)) continue;
      const before = wanted.get(stream) ?? { width: 0, height: 0, priority: 0 };
      wanted.set(stream, {
        width: Math.max(before.width, pixels(size.width)),
        height: Math.max(before.height, pixels(size.height)),
        priority: Math.max(before.priority, priority),
      });
    }
    for (const stream of this.#asked.keys()) {
      if (wanted.has(stream)) continue;
      this.#asked.delete(stream);
      this.session.watch(stream, null);
    }
    for (const [stream, wish] of wanted) {
      const before = this.#asked.get(stream);
      const same = before?.width === wish.width && before.height === wish.height;
      if (same && before.priority === wish.priority) continue;
      this.#asked.set(stream, wish);
      this.session.watch(stream, wish);
    }
    const streams = [...wanted.keys()];
    if (streams.join() === this.#told) return;
    this.#told = streams.join();
    this.post({ type: "asked", streams });
  }
}

function pixels(css: number): number {
  const device = (css * (globalThis.devicePixelRatio || 1)) / ENLARGED;
  return Math.min(MOST_PX, Math.max(1, Math.round(device / STEP_PX)) * STEP_PX);
}
