/** What this page shows, told to the relay: streams nobody looks at are not even encoded. */

import type { Session } from "../session/index.js";
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

interface Shown {
  readonly stream: string;
  size: TileSize;
  inSight: boolean;
}

type Post = (message: ToWorker, transfer?: Transferable[]) => void;

/** Keeps the attached canvases and the wishes that follow from them. */
export class Watching {
  readonly #shown = new Map<number, Shown>();
  /** By stream: what was last asked for. */
  readonly #asked = new Map<string, TileSize>();
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
    const shown: Shown = { stream, size, inSight: true };
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
    const size = this.#asked.get(stream);
    if (size) this.session.watch(stream, size);
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
    const wanted = new Map<string, TileSize>();
    for (const { stream, size, inSight } of this.#shown.values()) {
      if (document.hidden || !inSight || !size.width || !size.height) continue;
      if (!this.session.streams.peek().has(stream)) continue;
      const before = wanted.get(stream) ?? { width: 0, height: 0 };
      wanted.set(stream, {
        width: Math.max(before.width, pixels(size.width)),
        height: Math.max(before.height, pixels(size.height)),
      });
    }
    for (const stream of this.#asked.keys()) {
      if (wanted.has(stream)) continue;
      this.#asked.delete(stream);
      this.session.watch(stream, null);
    }
    for (const [stream, size] of wanted) {
      const before = this.#asked.get(stream);
      if (before?.width === size.width && before.height === size.height) continue;
      this.#asked.set(stream, size);
      this.session.watch(stream, size);
    }
  }
}

function pixels(css: number): number {
  const device = (css * (globalThis.devicePixelRatio || 1)) / ENLARGED;
  return Math.min(MOST_PX, Math.max(1, Math.round(device / STEP_PX)) * STEP_PX);
}
