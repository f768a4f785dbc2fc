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
  readonly #observer: IntersectionObserver;
  #nextId = 1;

  constructor(
    readonly session: Session,
    readonly post: Post,
    signal: AbortSignal,
  ) {
    this.#observer = new IntersectionObserver((entries) => this.#seen(entries), {
      rootMargin: MARGIN,
    });
    document.addEventListener("visibilitychange", () => this.#ask(), { signal });
    signal.addEventListener("abort", () => this.#observer.disconnect(), { once: true });
  }

  attach(stream: string, canvas: HTMLCanvasElement, size: TileSize, fit: Fit): CanvasHandle {
    const id = this.#nextId++;
    const shown: Shown = { stream, size, priority: USUAL_PRIORITY, inSight: true };
    const offscreen = canvas.transferControlToOffscreen();
    canvas.style.objectFit = fit;
    this.#shown.set(id, shown);
    this.#elements.set(canvas, shown);
    this.post({ type: "canvas", id, stream, canvas: offscreen }, [offscreen]);
    this.#observer.observe(canvas);
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
        this.#observer.unobserve(canvas);
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

  #seen(entries: readonly IntersectionObserverEntry[]): void {
    for (const { target, isIntersecting } of entries) {
      const shown = this.#elements.get(target);
      if (shown) shown.inSight = isIntersecting;
    }
    this.#ask();
  }

  #ask(): void {
    const wanted = new Map<string, Wish>();
    for (const { stream, size, priority, inSight } of this.#shown.values()) {
      if (document.hidden || !inSight || !size.width || !size.height) continue;
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
  }
}

function pixels(css: number): number {
  const device = (css * (globalThis.devicePixelRatio || 1)) / ENLARGED;
  return Math.min(MOST_PX, Math.max(1, Math.round(device / STEP_PX)) * STEP_PX);
}
