/**
 * How high the rows of a long list are: measured where they have been shown, estimated elsewhere.
 *
 * Only a few dozen of thousands of messages are in the document; this knows where the others
 * would be. Positions are counted from the list's top, in CSS pixels.
 */

export interface Extent {
  /** The same row always has the same key. */
  readonly key: string;
  /** Height until it has been measured, pixels. */
  readonly estimate: number;
}

export class Extents {
  #rows: readonly Extent[] = [];
  readonly #measured = new Map<string, number>();
  /** Top of each row, and the end of the last one; true up to index `#known`. */
  #tops = new Float64Array(1);
  #known = 0;

  get count(): number {
    return this.#rows.length;
  }

  /** Height of the whole list. */
  get total(): number {
    return this.top(this.count);
  }

  setRows(rows: readonly Extent[]): void {
    const before = this.#rows;
    const most = Math.min(before.length, rows.length, this.#known);
    let same = 0;
    while (same < most && before[same]?.key === rows[same]?.key) same += 1;
    this.#rows = rows;
    this.#known = same;
    if (this.#tops.length <= rows.length) {
      const grown = new Float64Array(Math.ceil((rows.length + 1) * 1.5));
      grown.set(this.#tops.subarray(0, same + 1));
      this.#tops = grown;
    }
  }

  /** Takes in what a row measures; true if that was not known. */
  measure(index: number, height: number): boolean {
    const row = this.#rows[index];
    if (!row || this.#measured.get(row.key) === height) return false;
    this.#measured.set(row.key, height);
    this.#known = Math.min(this.#known, index);
    return true;
  }

  /** Where row `index` begins; for the number of rows: where the last one ends. */
  top(index: number): number {
    const wanted = Math.max(0, Math.min(this.count, index));
    for (let at = this.#known; at < wanted; at += 1) {
      this.#tops[at + 1] = (this.#tops[at] ?? 0) + this.#height(at);
    }
    this.#known = Math.max(this.#known, wanted);
    return this.#tops[wanted] ?? 0;
  }

  /** The row that covers position `y`; the first or last one beyond the ends, -1 without rows. */
  at(y: number): number {
    this.top(this.count);
    let low = 0;
    let high = this.count - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#tops[middle] ?? 0) <= y) low = middle;
      else high = middle - 1;
    }
    return high < 0 ? -1 : low;
  }

  /** Index of the row with `key`, -1 if there is none; looks around `near` first. */
  find(key: string, near = 0): number {
    for (const at of [near, near - 1, near + 1]) if (this.#rows[at]?.key === key) return at;
    return this.#rows.findIndex((row) => row.key === key);
  }

  #height(index: number): number {
    const row = this.#rows[index];
    return row ? (this.#measured.get(row.key) ?? row.estimate) : 0;
  }
}
