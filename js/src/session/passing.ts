/** What passes by: notices for people, and emoji that float up and are not kept. */

import { type ReadonlySignal, signal } from "@preact/signals-core";
import type { FloatingReaction, Notice } from "./types.js";

/** Notices kept; the oldest go first. */
const MOST_NOTICES = 20;
/** An emoji floats so long, ms. */
const FLOAT = 5_000;
/** Emoji floating at once. */
const MOST_FLOATING = 60;

export class Passing {
  readonly #notices = signal<readonly Notice[]>([]);
  readonly #reactions = signal<readonly FloatingReaction[]>([]);
  #next = 1;

  get notices(): ReadonlySignal<readonly Notice[]> {
    return this.#notices;
  }

  get reactions(): ReadonlySignal<readonly FloatingReaction[]> {
    return this.#reactions;
  }

  notify(level: Notice["level"], code: string, text: string): void {
    const notice: Notice = { id: this.#next++, level, code, text, at: Date.now() };
    // The same thing said twice is one notice, renewed.
    const others = this.#notices.peek().filter((old) => old.code !== code || old.text !== text);
    this.#notices.value = [...others, notice].slice(-MOST_NOTICES);
  }

  dismiss(id: number): void {
    this.#notices.value = this.#notices.peek().filter((notice) => notice.id !== id);
  }

  float(by: string, emoji: string): void {
    const reaction: FloatingReaction = { id: this.#next++, by, emoji, at: Date.now() };
    this.#reactions.value = [...this.#reactions.peek(), reaction].slice(-MOST_FLOATING);
    setTimeout(() => {
      this.#reactions.value = this.#reactions.peek().filter((one) => one !== reaction);
    }, FLOAT);
  }
}
