/** The sender's numbering of one handle's frames, which the relay's drops leave holes in. */

const MODULUS = 2 ** 32;

/** Finds holes. */
export class Sequence {
  #next: number | null = null;

  /** What comes next follows no hole, whatever its number: the stream was not asked for meanwhile. */
  reset(): void {
    this.#next = null;
  }

  /** Frames missing right before `number`; null where the numbers go back: a repeat, or a new start. */
  take(number: number): number | null {
    const ahead = this.#next === null ? 0 : (number - this.#next + MODULUS) % MODULUS;
    this.#next = (number + 1) % MODULUS;
    return ahead < MODULUS / 2 ? ahead : null;
  }
}
