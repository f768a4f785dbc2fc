/** A notebook around the gallery's room, where nothing can be opened. */

import type { Location } from "../src/session/index.js";
import type { NotebookHost } from "../src/ui/host.js";

const NUMBERS: Readonly<Record<string, number>> = { own: 3, fit: 12 };

export class FakeNotebook implements NotebookHost {
  place(): Location {
    return { path: "physics/lab-3.ipynb", cell: "own" };
  }
  onPlace(): () => void {
    return () => undefined;
  }
  onGesture(): () => void {
    return () => undefined;
  }
  cellNumber({ cell }: Location): number | null {
    return NUMBERS[cell ?? ""] ?? null;
  }
  async open() {
    return { cellFound: true };
  }
  async insertCell(): Promise<Location> {
    return this.place();
  }
}
