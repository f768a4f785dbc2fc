/** The time of day as black and white columns in a picture: what was captured when, read off what is drawn. */

/** 2^20 ms: 17 minutes until a code comes again. */
const TIME_BITS = 20;
const CHECK_BITS = 4;
const BITS = TIME_BITS + CHECK_BITS;
const PERIOD_MS = 2 ** TIME_BITS;
/** Columns fill this part of the width, and the strip this part of the height, in the middle. */
const STRIP_HEIGHT = 0.16;
/** Pixels read: some per column, so that scaling and blur do not matter. */
const READ_WIDTH = BITS * 8;
/** Between these (of 255) a column is neither black nor white. */
const DARK = 96;
const BRIGHT = 160;

/** Every computer clock in the bench: both browsers run on one machine. */
export function nowMs(): number {
  return Date.now();
}

function check(time: number): number {
  let sum = 5;
  for (let rest = time; rest > 0; rest = Math.floor(rest / 16)) sum = (sum * 3 + (rest % 16)) % 16;
  return sum;
}

/** Draws the strip for `at` over a picture of the given size. */
export function drawCode(
  context: CanvasRenderingContext2D,
  width: number,
  height: number,
  at: number,
): void {
  const time = at % PERIOD_MS;
  const code = time * 2 ** CHECK_BITS + check(time);
  const strip = height * STRIP_HEIGHT;
  const top = (height - strip) / 2;
  for (let bit = 0; bit < BITS; bit++) {
    context.fillStyle = Math.floor(code / 2 ** bit) % 2 ? "#fff" : "#000";
    const left = Math.round((bit * width) / BITS);
    const right = Math.round(((bit + 1) * width) / BITS);
    context.fillRect(left, top, right - left, strip);
  }
}

/** Reads the strip; remembers its own small canvas. */
export class CodeReader {
  readonly #context: CanvasRenderingContext2D;

  constructor() {
    const canvas = document.createElement("canvas");
    canvas.width = READ_WIDTH;
    canvas.height = 1;
    this.#context = canvas.getContext("2d", { willReadFrequently: true })!;
  }

  /** When the picture was captured, ms since 1970; null while it cannot be read. */
  read(source: HTMLCanvasElement | HTMLVideoElement): number | null {
    const width = "videoWidth" in source ? source.videoWidth : source.width;
    const height = "videoHeight" in source ? source.videoHeight : source.height;
    if (!width || !height) return null;
    this.#context.drawImage(source, 0, height / 2, width, 1, 0, 0, READ_WIDTH, 1);
    const { data } = this.#context.getImageData(0, 0, READ_WIDTH, 1);
    let code = 0;
    for (let bit = 0; bit < BITS; bit++) {
      const at = Math.round((bit + 0.5) * (READ_WIDTH / BITS)) * 4;
      const luma = data[at]!;
      if (luma > DARK && luma < BRIGHT) return null;
      if (luma >= BRIGHT) code += 2 ** bit;
    }
    const time = Math.floor(code / 2 ** CHECK_BITS);
    if (code % 2 ** CHECK_BITS !== check(time)) return null;
    const now = nowMs();
    const age = (((now - time) % PERIOD_MS) + PERIOD_MS) % PERIOD_MS;
    // A code from the future is a misread one, or the millisecond's rounding.
    return age > PERIOD_MS - 1000 ? now : now - age;
  }
}
