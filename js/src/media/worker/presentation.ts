/** Decoded pictures on their way to the canvas: drawn at once, or held until their sound plays. */

/** Pictures held; a decoder has only so many to give. */
const HELD_MOST = 8;

interface Held {
  readonly frame: VideoFrame;
  readonly due: number;
}

/** Draws one stream's pictures in order. */
export class Presentation {
  readonly #held: Held[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** `draw` gets a picture in its time, and owns it. */
  constructor(readonly draw: (frame: VideoFrame) => void) {}

  /** Takes a picture that shall wait for `holdMs`. */
  offer(frame: VideoFrame, holdMs: number): void {
    if (holdMs <= 0 && !this.#held.length) {
      this.draw(frame);
      return;
    }
    this.#held.push({ frame, due: performance.now() + holdMs });
    if (this.#held.length > HELD_MOST) this.#drawFirst();
    this.#wake();
  }

  close(): void {
    clearTimeout(this.#timer);
    for (const { frame } of this.#held.splice(0)) frame.close();
  }

  #drawFirst(): void {
    const first = this.#held.shift();
    if (first) this.draw(first.frame);
  }

  #wake(): void {
    clearTimeout(this.#timer);
    while (this.#held[0] && this.#held[0].due <= performance.now()) this.#drawFirst();
    const [first] = this.#held;
    if (!first) return;
    this.#timer = setTimeout(() => this.#wake(), first.due - performance.now());
  }
}
