/** The canvases of the page: which stream each shows, and the last picture of every stream. */

interface Surface {
  readonly stream: string;
  readonly canvas: OffscreenCanvas;
  readonly context: OffscreenCanvasRenderingContext2D;
}

/** Draws pictures to every canvas that shows their stream. */
export class Surfaces {
  readonly #surfaces = new Map<number, Surface>();
  /** Kept so that a canvas attached later (a re-run cell) shows a picture at once. */
  readonly #last = new Map<string, VideoFrame>();

  /** `changed` is told when the set of streams with a picture changes. */
  constructor(readonly changed: (streams: readonly string[]) => void) {}

  attach(id: number, stream: string, canvas: OffscreenCanvas): void {
    const context = canvas.getContext("2d", { alpha: false });
    if (!context) return;
    const surface = { stream, canvas, context };
    this.#surfaces.set(id, surface);
    const last = this.#last.get(stream);
    if (last) draw(surface, last);
  }

  detach(id: number): void {
    this.#surfaces.delete(id);
  }

  /** Shows a picture and owns it from now on. */
  show(stream: string, frame: VideoFrame): void {
    const before = this.#last.get(stream);
    before?.close();
    this.#last.set(stream, frame);
    for (const surface of this.#surfaces.values()) {
      if (surface.stream === stream) draw(surface, frame);
    }
    if (!before) this.#tell();
  }

  /** The stream has ended. */
  forget(stream: string): void {
    this.#last.get(stream)?.close();
    if (this.#last.delete(stream)) this.#tell();
  }

  #tell(): void {
    this.changed([...this.#last.keys()]);
  }
}

function draw({ canvas, context }: Surface, frame: VideoFrame): void {
  const { displayWidth, displayHeight } = frame;
  if (canvas.width !== displayWidth || canvas.height !== displayHeight) {
    canvas.width = displayWidth;
    canvas.height = displayHeight;
  }
  context.drawImage(frame, 0, 0, displayWidth, displayHeight);
}
