/**
 * The media plane's binary frames: a 20-byte header and an opaque payload.
 *
 * The same rules as `meetwidget/wire/media.py`; one corpus in `tests/wire` holds both to it.
 * Network byte order: kind u8 | flags u8 | handle u16 | sequence u32 | capture time u64 (µs) |
 * base count u16 | config u8 | reserved u8 (0).
 */

export const HEADER_BYTES = 20;
const ACK_BYTES = 16;
/** Largest video payload of one frame; larger chunks are cut into fragments. */
export const FRAGMENT_BYTES = 16 * 1024;
/** Largest unit put together again; a 1080p key frame is below 1 MB. */
const MAX_UNIT_BYTES = 4 * 1024 * 1024;

export const FrameKind = { AUDIO: 1, VIDEO: 2, DATA: 3, ACK: 4 } as const;

export const FLAG_KEY = 0x01;
export const FLAG_LAST = 0x02;
export const LAYER_SHIFT = 2;
export const LAYER_MASK = 0x0c;
export const FLAG_EXTENSION = 0x10;
export const FLAG_ENCRYPTED = 0x20;
const KNOWN_FLAGS = FLAG_KEY | FLAG_LAST | LAYER_MASK | FLAG_EXTENSION | FLAG_ENCRYPTED;

/** Entry of an extension block: the loudness of a packet of sound, one byte as in RFC 6464. */
const EXTENSION_LEVEL = 1;
const VOICE = 0x80;

const TWO_32 = 2 ** 32;

/** Bytes that are not a media frame of this protocol. */
export class BadMediaFrame extends Error {
  override readonly name = "BadMediaFrame";
}

/** The 20 bytes in front of every media payload. */
export interface MediaHeader {
  readonly kind: number;
  readonly flags: number;
  /** Room-wide; names one rendition of one stream. */
  readonly handle: number;
  /** Counts a handle's frames from 0, before any drop by the relay; wraps at 2**32. */
  readonly sequence: number;
  /** The sender's clock, µs; exact up to 2**53. */
  readonly captureUs: number;
  /** Base-layer frames of this handle so far, this one included; wraps at 2**16. */
  readonly baseCount: number;
  /** Version of the rendition's configuration in force. */
  readonly config: number;
}

/** What a receiver has got on one media socket so far. */
export interface Acknowledgement {
  /** Bytes of all frames but acknowledgements received on this socket, headers included. */
  readonly received: number;
  /** The acknowledger's clock, µs. */
  readonly clockUs: number;
}

export interface FlagOptions {
  readonly key?: boolean;
  /** Last (or only) fragment of its unit; true unless told. */
  readonly last?: boolean;
  /** Temporal layer, 0 to 3. */
  readonly layer?: number;
}

/** The flag byte for the given properties. */
export function frameFlags({ key = false, last = true, layer = 0 }: FlagOptions = {}): number {
  return (key ? FLAG_KEY : 0) | (last ? FLAG_LAST : 0) | ((layer << LAYER_SHIFT) & LAYER_MASK);
}

/** How loud a packet of sound is: dB relative to overload (-127 to 0), and whether it is speech. */
export interface AudioLevel {
  readonly dbov: number;
  readonly voice: boolean;
}

/**
 * The extension block that tells a packet's loudness, to be put before the payload of a frame
 * whose flags have FLAG_EXTENSION. A block is its size (u16), then entries: type, size, body.
 */
export function levelExtension({ dbov, voice }: AudioLevel): Uint8Array<ArrayBuffer> {
  const level = Math.min(127, Math.max(0, Math.round(-dbov)));
  return Uint8Array.of(0, 3, EXTENSION_LEVEL, 1, level | (voice ? VOICE : 0));
}

/** The loudness that a frame tells, if it does; `parseHeader` must have accepted it. */
export function audioLevel(frame: Uint8Array): AudioLevel | null {
  if (((frame[1] ?? 0) & FLAG_EXTENSION) === 0) return null;
  let at = HEADER_BYTES + 2;
  const end = at + viewOf(frame).getUint16(HEADER_BYTES);
  while (at + 2 <= end) {
    const size = frame[at + 1]!;
    if (frame[at] === EXTENSION_LEVEL && size === 1 && at + 3 <= end) {
      const byte = frame[at + 2]!;
      return { dbov: -(byte & 0x7f), voice: (byte & VOICE) !== 0 };
    }
    at += 2 + size;
  }
  return null;
}

/** Whether a decoder can start here. */
export function isKey(header: MediaHeader): boolean {
  return (header.flags & FLAG_KEY) !== 0;
}

/** Temporal layer, 0 to 3. */
export function layerOf(header: MediaHeader): number {
  return (header.flags & LAYER_MASK) >> LAYER_SHIFT;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function writeU64(view: DataView, at: number, value: number): void {
  view.setUint32(at, Math.floor(value / TWO_32));
  view.setUint32(at + 4, value % TWO_32);
}

function readU64(view: DataView, at: number): number {
  return view.getUint32(at) * TWO_32 + view.getUint32(at + 4);
}

/** One frame: the header and `payload` behind it. Counters wrap by themselves. */
export function packFrame(header: MediaHeader, payload?: Uint8Array): Uint8Array<ArrayBuffer> {
  const frame = new Uint8Array(HEADER_BYTES + (payload?.byteLength ?? 0));
  const view = viewOf(frame);
  view.setUint8(0, header.kind);
  view.setUint8(1, header.flags);
  view.setUint16(2, header.handle);
  view.setUint32(4, header.sequence);
  writeU64(view, 8, header.captureUs);
  view.setUint16(16, header.baseCount);
  view.setUint8(18, header.config);
  if (payload) frame.set(payload, HEADER_BYTES);
  return frame;
}

/** Reads a frame's header; throws BadMediaFrame unless the whole frame keeps the rules. */
export function parseHeader(frame: Uint8Array): MediaHeader {
  const size = frame.byteLength;
  if (size < HEADER_BYTES) throw new BadMediaFrame(`${size} bytes is shorter than a header`);
  const view = viewOf(frame);
  const kind = view.getUint8(0);
  const flags = view.getUint8(1);
  if (kind < 1 || kind > 4) throw new BadMediaFrame(`unknown kind ${kind}`);
  if (view.getUint8(19) !== 0) throw new BadMediaFrame("reserved byte is not 0");
  if ((flags & ~KNOWN_FLAGS) !== 0) throw new BadMediaFrame(`unknown flags ${flags}`);
  if ((flags & FLAG_EXTENSION) !== 0) {
    const start = HEADER_BYTES + 2;
    if (size < start || size < start + view.getUint16(HEADER_BYTES)) {
      throw new BadMediaFrame("extension block is cut off");
    }
  }
  if (kind === FrameKind.ACK && size !== HEADER_BYTES + ACK_BYTES) {
    throw new BadMediaFrame("an acknowledgement carries 16 bytes");
  }
  return {
    kind,
    flags,
    handle: view.getUint16(2),
    sequence: view.getUint32(4),
    captureUs: readU64(view, 8),
    baseCount: view.getUint16(16),
    config: view.getUint8(18),
  };
}

/** The payload behind header and extension block of a frame `parseHeader` accepted; no copy. */
export function payloadOf(frame: Uint8Array): Uint8Array {
  const extension =
    ((frame[1] ?? 0) & FLAG_EXTENSION) !== 0 ? 2 + viewOf(frame).getUint16(HEADER_BYTES) : 0;
  return frame.subarray(HEADER_BYTES + extension);
}

/** An acknowledgement frame for `received` bytes at `clockUs`. */
export function packAck(received: number, clockUs: number): Uint8Array<ArrayBuffer> {
  const body = new Uint8Array(ACK_BYTES);
  const view = viewOf(body);
  writeU64(view, 0, received);
  writeU64(view, 8, clockUs);
  return packFrame(
    {
      kind: FrameKind.ACK,
      flags: FLAG_LAST,
      handle: 0,
      sequence: 0,
      captureUs: clockUs,
      baseCount: 0,
      config: 0,
    },
    body,
  );
}

/** Reads an acknowledgement frame; throws BadMediaFrame for any other. */
export function parseAck(frame: Uint8Array): Acknowledgement {
  if (parseHeader(frame).kind !== FrameKind.ACK) throw new BadMediaFrame("not an acknowledgement");
  const body = viewOf(payloadOf(frame));
  return { received: readU64(body, 0), clockUs: readU64(body, 8) };
}

/**
 * Cuts one encoded chunk into frames of at most `size` payload bytes. All share capture time,
 * base count, key flag and layer; their sequence numbers follow each other from
 * `header.sequence`; only the final one carries the *last* flag.
 */
export function fragment(
  header: MediaHeader,
  chunk: Uint8Array,
  size = FRAGMENT_BYTES,
): Uint8Array<ArrayBuffer>[] {
  const count = Math.max(1, Math.ceil(chunk.byteLength / size));
  return Array.from({ length: count }, (_, index) =>
    packFrame(
      {
        ...header,
        flags: (header.flags & ~FLAG_LAST) | (index === count - 1 ? FLAG_LAST : 0),
        sequence: (header.sequence + index) % TWO_32,
      },
      chunk.subarray(index * size, (index + 1) * size),
    ),
  );
}

/** A whole unit: one encoded chunk with its first fragment's header. */
export interface Unit {
  readonly header: MediaHeader;
  readonly data: Uint8Array;
}

/**
 * Puts the fragments of one handle together again. A socket keeps order, and the relay leaves
 * out whole units only; a unit with a hole all the same is dropped, and the gap in the base
 * count tells the decoder's side.
 */
export class Reassembler {
  #parts: Uint8Array[] = [];
  #first: MediaHeader | null = null;
  #next = 0;
  #bytes = 0;
  /** Capture time of a unit with a hole, whose remaining fragments start nothing. */
  #broken: number | null = null;

  /** Takes one frame of this handle; returns the unit it completes, or null. */
  push(header: MediaHeader, payload: Uint8Array): Unit | null {
    const first = this.#first;
    const continues =
      first !== null &&
      header.sequence === this.#next &&
      header.captureUs === first.captureUs &&
      header.baseCount === first.baseCount &&
      this.#bytes + payload.byteLength <= MAX_UNIT_BYTES;
    const last = (header.flags & FLAG_LAST) !== 0;
    if (!continues) {
      if (first !== null) this.#broken = first.captureUs;
      this.reset();
      if (header.captureUs === this.#broken) return null;
      this.#broken = null;
      if (last) return { header, data: payload };
      this.#first = header;
    }
    this.#parts.push(payload);
    this.#bytes += payload.byteLength;
    this.#next = (header.sequence + 1) % TWO_32;
    if (!last || this.#first === null) return null;
    const data = new Uint8Array(this.#bytes);
    let at = 0;
    for (const part of this.#parts) {
      data.set(part, at);
      at += part.byteLength;
    }
    const unit = { header: { ...this.#first, flags: this.#first.flags | FLAG_LAST }, data };
    this.reset();
    return unit;
  }

  /** Forgets an unfinished unit. */
  reset(): void {
    this.#parts = [];
    this.#first = null;
    this.#bytes = 0;
  }
}
