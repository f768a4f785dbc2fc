/**
 * Which frames of a rendition a decoder may have.
 *
 * VP8 reports no error when a frame it predicts from is missing: the picture is just
 * wrong until the next key frame. So the sender counts its base-layer frames and the
 * receiver decodes only what continues the count (docs/protocol.md, "base count").
 */

/** The base count is an unsigned 16-bit number. */
const BASE_MODULUS = 0x10000;

/** What the gate reads of a media header. */
export interface Continuity {
  readonly key: boolean;
  readonly layer: number;
  readonly baseCount: number;
}

/** Lets through what continues the picture; one per handle. */
export class ContinuityGate {
  /** Base count of the last decoded base frame; null while waiting for a key frame. */
  #base: number | null = null;

  /** Whether only a key frame helps now. */
  get waiting(): boolean {
    return this.#base === null;
  }

  /** Forgets the picture: the decoder failed, or a frame was left out on purpose. */
  close(): void {
    this.#base = null;
  }

  /** Whether the decoder may have this frame; a `false` may also close the gate. */
  admits(frame: Continuity): boolean {
    if (frame.key) {
      this.#base = frame.baseCount;
      return true;
    }
    if (this.#base === null) return false;
    const ahead = (frame.baseCount - this.#base + BASE_MODULUS) % BASE_MODULUS;
    if (frame.layer === 0 && ahead === 1) {
      this.#base = frame.baseCount;
      return true;
    }
    if (frame.layer > 0 && ahead === 0) return true;
    // An upper frame of an older base is merely late; anything else tells of a lost base frame.
    if (frame.layer === 0 || ahead < BASE_MODULUS / 2) this.#base = null;
    return false;
  }
}
