/**
 * Keeps a part of a long list in the document: the rows in sight and some around them.
 *
 * Rows lie in normal flow, and the list's padding stands for those that are left out; so text
 * breaks, is selected and is read as in any list. What somebody reads stays where it is: the rows
 * in sight are remembered with their places, and after every change of rows, heights or size the
 * first of them is put back there. At the end the list follows its newest row instead.
 *
 * Rows have no outer margins, and each is one child of the list.
 */

import { type Extent, Extents } from "./extents.js";

/** This much of the list is in the document above and below what is in sight, pixels. */
const AROUND_PX = 700;
/** What is in sight may come this near to the edge of that before the part moves, pixels. */
const SPARE_PX = 300;
/** Nearer to the end than this counts as being at the end, pixels. */
const END_PX = 48;
/** Height before the first layout, pixels. */
const USUAL_PX = 600;
/** Kept free around a row that is brought into sight, pixels. */
const MARGIN_PX = 12;

export interface ListRow extends Extent {
  /** Whether what is read may be held by it: a row that does not wander. */
  readonly firm: boolean;
}

interface Place {
  readonly key: string;
  readonly index: number;
  /** From the upper edge of what is in sight to the row's, pixels. */
  readonly y: number;
}

export interface ListEvents {
  /** Another part of the list is to be rendered: `from` and `to` have changed. */
  readonly onRange: () => void;
  /** What is in sight has changed, or somebody scrolled. */
  readonly onMove: () => void;
}

export class ListWindow {
  /** Rows `from` up to but not including `to` are to be in the document. */
  from = 0;
  to = 0;
  /** Whether the list's end is in sight. */
  atEnd = true;
  #follows = true;
  readonly #events: ListEvents;
  readonly #extents = new Extents();
  #rows: readonly ListRow[] = [];
  #scroller: HTMLElement | null = null;
  #list: HTMLElement | null = null;
  /** Firm rows in sight and where they are; the first that still exists is held in place. */
  #places: readonly Place[] = [];
  /** The rows that are in the document: those of the last render. */
  #shown = { from: 0, to: 0 };
  /** As of the last settling, to tell scrolling from a list that changes its size. */
  #known = { scroll: 0, client: 0, top: 0, placed: false };

  constructor(events: ListEvents) {
    this.#events = events;
  }

  /** Whether to stay at the end when rows are added there. */
  get follows(): boolean {
    return this.#follows;
  }

  set follows(on: boolean) {
    if (on === this.#follows) return;
    this.#follows = on;
    // The end was that of another stretch of the list.
    this.atEnd = false;
  }

  /** Pixels above what is in sight. */
  get above(): number {
    return this.#scroller?.scrollTop ?? 0;
  }

  /** Pixels below what is in sight. */
  get below(): number {
    const element = this.#scroller;
    return element ? element.scrollHeight - element.scrollTop - element.clientHeight : 0;
  }

  /** Index of the first row in sight; -1 without rows. */
  get first(): number {
    return this.#extents.at(this.above - this.#listTop());
  }

  /** Watches the elements until the returned function is called. */
  attach(scroller: HTMLElement, list: HTMLElement): () => void {
    this.#scroller = scroller;
    this.#list = list;
    const onScroll = (): void => this.#scrolled();
    scroller.addEventListener("scroll", onScroll, { passive: true });
    const view = scroller.ownerDocument.defaultView ?? window;
    // Pictures that load late, a composer that grows, another width.
    const observer = new view.ResizeObserver(() => this.settle());
    observer.observe(scroller);
    observer.observe(list);
    return () => {
      observer.disconnect();
      scroller.removeEventListener("scroll", onScroll);
    };
  }

  /** Takes the rows about to be rendered and chooses `from` and `to`. */
  setRows(rows: readonly ListRow[]): void {
    if (rows === this.#rows) return;
    this.#rows = rows;
    this.#extents.setRows(rows);
    this.#choose();
  }

  /** Rows `from` to `to` have been rendered. */
  rendered(): void {
    this.#shown = { from: this.from, to: this.to };
    this.settle();
  }

  /** Measures what is in the document and puts what is read back in its place. */
  settle(): void {
    const list = this.#list;
    const scroller = this.#scroller;
    // Folded away: nothing can be measured, and nothing is in sight.
    if (!list || !scroller || scroller.clientHeight === 0) return;
    this.#follow(scroller);
    this.#measure(list);
    const { from, to } = this.#shown;
    list.style.paddingTop = `${this.#extents.top(from)}px`;
    list.style.paddingBottom = `${this.#extents.total - this.#extents.top(to)}px`;
    this.#place(scroller);
    this.#known = {
      scroll: scroller.scrollHeight,
      client: scroller.clientHeight,
      top: scroller.scrollTop,
      placed: true,
    };
    if (this.#short() && this.#choose()) this.#events.onRange();
    this.#events.onMove();
  }

  toEnd(): void {
    this.atEnd = true;
    if (this.#choose()) this.#events.onRange();
    else this.settle();
  }

  /** Brings a row into sight: in the middle, or by the least scrolling. False: no such row. */
  show(key: string, where: "middle" | "nearest" | "upper" = "middle"): boolean {
    const index = this.#extents.find(key, this.first);
    if (index < 0) return false;
    const client = this.#scroller?.clientHeight || USUAL_PX;
    const top = this.#extents.top(index);
    const height = this.#extents.top(index + 1) - top;
    const most = client - height - MARGIN_PX;
    const now = top + this.#listTop() - this.above;
    const aim = { middle: (client - height) / 2, upper: client / 4, nearest: now }[where];
    this.#places = [{ key, index, y: Math.max(MARGIN_PX, Math.min(most, aim)) }];
    this.atEnd = false;
    if (this.#choose()) this.#events.onRange();
    else this.settle();
    return true;
  }

  #measure(list: HTMLElement): void {
    let top: number | null = null;
    // Backwards: a row ends where the next begins, fractions included.
    for (let at = list.children.length - 1; at >= 0; at -= 1) {
      const box = list.children[at]?.getBoundingClientRect();
      if (!box) continue;
      this.#extents.measure(this.#shown.from + at, (top ?? box.bottom) - box.top);
      top = box.top;
    }
  }

  #place(scroller: HTMLElement): void {
    if (this.atEnd && this.follows) {
      scroller.scrollTop = scroller.scrollHeight;
      this.#remember();
      return;
    }
    const held = this.#held();
    if (!held) return;
    const wanted = this.#listTop() + this.#extents.top(held.index) - held.y;
    if (Math.abs(scroller.scrollTop - wanted) >= 1) scroller.scrollTop = wanted;
    if (Math.abs(scroller.scrollTop - wanted) < 1 || this.#short()) return;
    // The list ends before that: what is in sight now is what stays.
    this.#look();
  }

  /** Takes in scrolling that the browser has not told yet. */
  #follow(scroller: HTMLElement): void {
    const moved = scroller.scrollTop - this.#known.top;
    // A list that shrinks moves without anybody having scrolled.
    if (Math.abs(moved) < 1 || this.below < 1) return;
    this.#known.top = scroller.scrollTop;
    this.#places = this.#places.map((place) => ({ ...place, y: place.y - moved }));
    if (moved < 0) this.atEnd = this.below < END_PX;
  }

  /** The first of the rows that were in sight and still exist. */
  #held(): Place | null {
    for (const place of this.#places) {
      const index = this.#extents.find(place.key, place.index);
      if (index >= 0) return { ...place, index };
    }
    return null;
  }

  /** Chooses which rows are to be in the document; true if those are others now. */
  #choose(): boolean {
    const client = this.#scroller?.clientHeight || USUAL_PX;
    const held = this.atEnd && this.follows ? null : this.#held();
    const top = held ? this.#extents.top(held.index) - held.y : this.#extents.total - client;
    const from = Math.max(0, this.#extents.at(top - AROUND_PX));
    const to = this.#extents.at(top + client + AROUND_PX) + 1;
    const changed = from !== this.from || to !== this.to;
    this.from = from;
    this.to = to;
    return changed;
  }

  /** Whether what is in sight comes near to an edge of what is in the document. */
  #short(): boolean {
    const top = this.above - this.#listTop();
    const bottom = top + (this.#scroller?.clientHeight ?? 0);
    const { from, to } = this.#shown;
    return (
      (from > 0 && this.#extents.top(from) > top - SPARE_PX) ||
      (to < this.#rows.length && this.#extents.top(to) < bottom + SPARE_PX)
    );
  }

  #scrolled(): void {
    const scroller = this.#scroller;
    if (!scroller || scroller.clientHeight === 0) return;
    const { scroll, client, top, placed } = this.#known;
    if (scroller.scrollHeight !== scroll || scroller.clientHeight !== client) {
      this.settle();
      return;
    }
    if (placed && Math.abs(scroller.scrollTop - top) < 1) return;
    this.#known.top = scroller.scrollTop;
    this.#known.placed = false;
    this.#look();
    if (this.#short() && this.#choose()) this.#events.onRange();
    this.#events.onMove();
  }

  #look(): void {
    this.atEnd = this.below < END_PX;
    this.#remember();
  }

  /** Notes which firm rows are in sight, and where. */
  #remember(): void {
    const top = this.above - this.#listTop();
    const bottom = top + (this.#scroller?.clientHeight ?? 0);
    const places: Place[] = [];
    for (let index = Math.max(0, this.#extents.at(top)); index < this.#rows.length; index += 1) {
      const y = this.#extents.top(index) - top;
      if (top + y > bottom) break;
      const row = this.#rows[index];
      if (row?.firm) places.push({ key: row.key, index, y });
    }
    this.#places = places;
  }

  /** Where the list begins within what is scrolled, pixels. */
  #listTop(): number {
    const list = this.#list;
    const scroller = this.#scroller;
    if (!list || !scroller) return 0;
    const from = scroller.getBoundingClientRect().top + scroller.clientTop;
    return list.getBoundingClientRect().top - from + scroller.scrollTop;
  }
}
