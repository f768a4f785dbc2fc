/**
 * Ways to messages away from the newest ones: a single one, and a stretch of the log around one.
 *
 * All of them are folded into the one log of the chat, so that they stay true like all others;
 * a passage is only the range of offsets that is shown.
 */

import { computed, type ReadonlySignal, signal } from "@preact/signals-core";
import type { Chat } from "./chat.js";
import { MeetingError } from "./failure.js";
import { fetchPage, type LogPage, type Which } from "./history.js";
import type { RoomRest } from "./rest.js";
import type { ChatMessage, Passage } from "./types.js";

const FAILED = "These messages could not be loaded; try again.";
const ONE_FAILED = "This message could not be loaded; try again.";

/** Events of one page. */
const PAGE = 100;

/** The offsets that are shown, both included, all events between them known. */
interface Span {
  readonly focus: string;
  readonly from: number;
  readonly to: number;
  readonly older: boolean;
  readonly newer: boolean;
  readonly loading: boolean;
  readonly error: string | null;
}

/** The range of a page that has events; `fallback` where it has none. */
function range({ events }: LogPage, fallback: number): { from: number; to: number } {
  const offsets = events.map((event) => event.offset);
  return { from: Math.min(...offsets, fallback), to: Math.max(...offsets, fallback) };
}

export class Passages {
  readonly #span = signal<Span | null>(null);
  /** Counts visits: of two the later one is meant. */
  #turn = 0;
  readonly #asked = new Map<string, Promise<ChatMessage | null>>();

  readonly passage: ReadonlySignal<Passage | null> = computed(() => {
    const span = this.#span.value;
    if (span === null || this.chat.cleared.value >= span.to) return null;
    const { focus, older, newer, loading, error } = span;
    const messages = this.chat.between(span.from, span.to);
    return { focus, messages, older, newer, loading, error };
  });

  constructor(
    readonly chat: Chat,
    readonly rest: RoomRest,
    readonly pageSize = PAGE,
  ) {}

  /** The log was replaced: what is known of its older parts is no longer true. A visit goes on. */
  reset(): void {
    this.#span.value = null;
    this.#asked.clear();
  }

  leave(): void {
    this.#turn += 1;
    this.#span.value = null;
  }

  async visit(id: string): Promise<boolean> {
    this.#turn += 1;
    const turn = this.#turn;
    if (this.#isShown(id)) return true;
    const page = await this.#fetch({ around: id }, FAILED, this.pageSize);
    if (turn !== this.#turn) return true; // another visit has taken its place
    const offset = page && this.chat.message(id)?.offset;
    if (!page || typeof offset !== "number") return false;
    const { from, to } = range(page, offset);
    this.#show({
      focus: id,
      from,
      to,
      older: page.more,
      newer: page.newer,
      loading: false,
      error: null,
    });
    return true;
  }

  async load(direction: "older" | "newer"): Promise<void> {
    const span = this.#span.peek();
    if (span === null || span.loading || !span[direction]) return;
    const turn = this.#turn;
    this.#span.value = { ...span, loading: true, error: null };
    try {
      const grown = await (direction === "older" ? this.#older(span) : this.#newer(span));
      const now = this.#span.peek();
      if (turn === this.#turn && now) this.#show({ ...now, ...grown, loading: false });
    } catch (error) {
      const now = this.#span.peek();
      const text = error instanceof MeetingError ? error.message : FAILED;
      if (turn === this.#turn && now) this.#span.value = { ...now, loading: false, error: text };
    }
  }

  async #newer({ to }: Span): Promise<Partial<Span>> {
    const page = await this.#page({ after: to }, this.pageSize);
    return { to: range(page, to).to, newer: page.newer && page.events.length > 0 };
  }

  /**
   * Asked for as what comes after an offset: only such pages tell what became of their messages
   * later. There are at most as many events as offsets; a page that is cut short is gone on from.
   */
  async #older({ from }: Span): Promise<Partial<Span>> {
    const start = Math.max(0, from - 1 - this.pageSize);
    const first = await this.#page({ after: start }, this.pageSize);
    let page = first;
    let to = range(page, start).to;
    while (to < from - 1 && page.newer && page.events.length > 0) {
      page = await this.#page({ after: to }, this.pageSize);
      to = range(page, to).to;
    }
    return { from: start + 1, older: start > 0 && first.more };
  }

  /** One message, asked of the server if it is not known; null: there is none. */
  find(id: string): Promise<ChatMessage | null> {
    const known = this.chat.message(id);
    if (known) return Promise.resolve(known);
    let asked = this.#asked.get(id);
    if (!asked) {
      asked = this.#fetch({ about: id }, ONE_FAILED).then(() => this.chat.message(id) ?? null);
      // That there is none is remembered; a failure is not.
      asked.catch(() => this.#asked.delete(id));
      this.#asked.set(id, asked);
    }
    return asked;
  }

  /** Among the newest messages, or in the passage that is open. */
  #isShown(id: string): boolean {
    const offset = this.chat.message(id)?.offset;
    if (typeof offset !== "number") return false;
    if (offset >= this.chat.from) {
      this.#span.value = null;
      return true;
    }
    const span = this.#span.peek();
    if (span === null || offset < span.from || offset > span.to) return false;
    this.#span.value = { ...span, focus: id };
    return true;
  }

  async #page(which: Which, limit: number): Promise<LogPage> {
    const page = await this.#fetch(which, FAILED, limit);
    if (page === null) throw new MeetingError("not-found", FAILED);
    return page;
  }

  /** Takes a page in; null if there is no such message. */
  async #fetch(which: Which, otherwise: string, limit?: number): Promise<LogPage | null> {
    const log = this.chat.generation;
    const page = await fetchPage(this.rest, which, otherwise, limit).catch((error) => {
      if (error instanceof MeetingError && error.code === "not-found") return null;
      throw error;
    });
    // Another log has come meanwhile: this page belongs to none.
    if (log !== this.chat.generation) return this.#fetch(which, otherwise, limit);
    if (page) this.chat.learn([...page.events, ...page.later]);
    return page;
  }

  #show(span: Span): void {
    if (!span.newer || span.to >= this.chat.from) {
      this.chat.extend(span.from, span.older);
      this.#span.value = null;
    } else {
      this.#span.value = span;
    }
  }
}
