/** Who types: told sparingly, believed briefly. */

import { type ReadonlySignal, signal } from "@preact/signals-core";

/** While somebody types, it is told again so often, ms. */
const REPEAT = 3_000;
/** Without a further keystroke, typing is over after, ms. */
const IDLE = 5_000;
/** Others' typing is believed so long after they told it, ms; longer than REPEAT. */
const BELIEVED = 7_000;

export class Typing {
  readonly #others = signal<ReadonlySet<string>>(new Set());
  readonly #timers = new Map<string, ReturnType<typeof setTimeout>>();
  #toldAt = 0;
  #on = false;
  #idle: ReturnType<typeof setTimeout> | undefined;

  /** `tell` says to the room whether this person types. */
  constructor(readonly tell: (on: boolean) => void) {}

  get others(): ReadonlySignal<ReadonlySet<string>> {
    return this.#others;
  }

  /** This person pressed a key (`on`), or sent or emptied the message. */
  set(on: boolean): void {
    clearTimeout(this.#idle);
    if (on) this.#idle = setTimeout(() => this.set(false), IDLE);
    const now = Date.now();
    if (on === this.#on && (!on || now - this.#toldAt < REPEAT)) return;
    this.#on = on;
    this.#toldAt = now;
    this.tell(on);
  }

  /** Participant `id` types, or stopped, left or sent something. */
  heard(id: string, on: boolean): void {
    clearTimeout(this.#timers.get(id));
    this.#timers.delete(id);
    if (on)
      this.#timers.set(
        id,
        setTimeout(() => this.heard(id, false), BELIEVED),
      );
    if (this.#others.peek().has(id) === on) return;
    const others = new Set(this.#others.peek());
    if (on) others.add(id);
    else others.delete(id);
    this.#others.value = others;
  }

  /** Nothing is known any more. */
  clear(): void {
    clearTimeout(this.#idle);
    this.#on = false;
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    if (this.#others.peek().size > 0) this.#others.value = new Set();
  }
}
