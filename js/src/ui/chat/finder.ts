/** What a search of the chat has found so far, and which hit one is at. */

import { type Signal, signal } from "@preact/signals";
import type { SearchHit, Session } from "../../session/index.js";

/** After the last key, the time until words are looked for, ms. */
const TYPING_MS = 200;

export class Finder {
  readonly query = signal("");
  readonly hits: Signal<readonly SearchHit[]> = signal([]);
  /** Whether there may be older hits. */
  readonly more = signal(false);
  readonly busy = signal(false);
  readonly error = signal<string | null>(null);
  /** The words that `hits` answer; empty before the first answer. */
  readonly answered = signal("");
  /** Index of the hit one is at; -1: none. */
  readonly at = signal(-1);
  readonly #session: Session;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #abort = new AbortController();

  constructor(session: Session) {
    this.#session = session;
  }

  /** Looks for `query` once typing pauses. */
  type(query: string): void {
    this.stop();
    this.query.value = query;
    const words = query.trim();
    this.busy.value = words !== "";
    this.error.value = null;
    if (words === "") {
      this.hits.value = [];
      this.answered.value = "";
      this.more.value = false;
      this.at.value = -1;
    } else {
      this.#timer = setTimeout(() => void this.#ask(words), TYPING_MS);
    }
  }

  /** Asks again, or for older hits. */
  async further(): Promise<void> {
    if (this.busy.peek()) return;
    this.busy.value = true;
    const last = this.error.peek() === null ? this.hits.peek().at(-1) : undefined;
    await this.#ask(this.query.peek().trim(), last);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#abort.abort();
    this.#abort = new AbortController();
  }

  async #ask(words: string, after?: SearchHit): Promise<void> {
    const { signal: stopped } = this.#abort;
    const before = after ? { before: after.offset } : {};
    try {
      const page = await this.#session.search(words, { ...before, signal: stopped });
      if (stopped.aborted) return;
      const had = after ? this.hits.peek() : [];
      this.hits.value = [...had, ...page.hits];
      this.more.value = page.more;
      this.at.value = after ? this.at.peek() : Math.min(0, page.hits.length - 1);
      this.answered.value = words;
      this.error.value = null;
    } catch (problem) {
      if (stopped.aborted) return;
      this.error.value = (problem as Error).message;
    }
    this.busy.value = false;
  }
}

/** The words of `hit` that were found, in lower case. */
export function wordsOf({ snippet, marks }: SearchHit): readonly string[] {
  const words = marks.map(([start, length]) => snippet.slice(start, start + length).toLowerCase());
  return [...new Set(words)].filter((word) => word !== "");
}
