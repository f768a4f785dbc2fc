/**
 * Whose turn it is: which speaker has the stage, without flicker.
 *
 * Speech comes in bursts. Who has the stage keeps it while pausing, until another has spoken for a
 * while; who interrupts must go on longer than who fills a silence.
 */

/** Somebody must have spoken this long to take the stage from one who is silent, ms: no cough. */
export const TURN_MS = 900;
/** And this long to take it from one who still speaks, ms. */
export const INTERRUPT_MS = 2500;
/** A breath within a sentence does not end it, ms. */
export const BREATH_MS = 400;

interface Burst {
  since: number;
  /** When the voice fell silent; null while it is there. */
  silent: number | null;
}

export class Turns {
  #current: string | null = null;
  /** When the current turn began. */
  #began = 0;
  readonly #bursts = new Map<string, Burst>();

  get current(): string | null {
    return this.#current;
  }

  /**
   * Notes who speaks at `now`, ms. Returns when to ask again (ms from now) because a turn may be
   * due then; null if only a new voice can change anything.
   *
   * @param speaking those who can have the stage: others, not oneself.
   */
  hear(speaking: ReadonlySet<string>, now: number): number | null {
    for (const [who, burst] of this.#bursts) {
      if (speaking.has(who)) continue;
      burst.silent ??= now;
      if (now - burst.silent > BREATH_MS) this.#bursts.delete(who);
    }
    let wait: number | null = null;
    for (const who of speaking) {
      const burst = this.#bursts.get(who) ?? { since: now, silent: null };
      if (burst.silent !== null && now - burst.silent > BREATH_MS) burst.since = now;
      burst.silent = null;
      this.#bursts.set(who, burst);
      if (who === this.#current) continue;
      const left = this.#due(burst, speaking) - now;
      if (left <= 0) {
        this.#current = who;
        this.#began = now;
        wait = null;
      } else {
        wait = Math.min(wait ?? left, left);
      }
    }
    return wait;
  }

  #due(burst: Burst, speaking: ReadonlySet<string>): number {
    if (this.#current === null) return Number.NEGATIVE_INFINITY;
    const needed = speaking.has(this.#current) ? INTERRUPT_MS : TURN_MS;
    return Math.max(burst.since, this.#began) + needed;
  }

  /** The one on the stage has left the room. */
  gone(): void {
    this.#current = null;
  }
}
