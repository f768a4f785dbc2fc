/** Refuses what the relay would refuse, before it is sent. */

import { MeetingError } from "./failure.js";
import type { Limits } from "./types.js";

/** Until the first welcome tells the relay's own limits: the protocol's. */
const BODY_BYTES = 16 * 1024;
const DATA_BYTES = 1024 * 1024;

const utf8 = new TextEncoder();

function kilobytes(bytes: number): string {
  return `${Math.floor(bytes / 1024)} kB`;
}

/** Throws a MeetingError `too-large` when a message is beyond the room's limits. */
export function checkSize(
  limits: Limits | null,
  body: string,
  data?: Readonly<Record<string, unknown>>,
): void {
  const most = limits?.body_bytes ?? BODY_BYTES;
  if (utf8.encode(body).byteLength > most) {
    const text = `This message is too long: at most ${kilobytes(most)} fit.`;
    throw new MeetingError("too-large", text);
  }
  const mostData = limits?.data_bytes ?? DATA_BYTES;
  if (data && utf8.encode(JSON.stringify(data)).byteLength > mostData) {
    const text = `This output is too large to share: at most ${kilobytes(mostData)} fit.`;
    throw new MeetingError("too-large", text);
  }
}

/** In the units that limits are set in, no more digits than tell something. */
function megabytes(bytes: number): string {
  const unit = 1024 * 1024;
  return bytes < unit ? kilobytes(bytes) : `${Math.floor((bytes / unit) * 10) / 10} MB`;
}

/** Throws a MeetingError when the room would not keep a file of `size` bytes. */
export function checkFileSize(limits: Limits | null, size: number, name: string): void {
  const most = limits?.file_bytes ?? 0;
  if (most === 0) {
    throw new MeetingError("no-files", "This room keeps no files: share a link instead.");
  }
  if (size > most) {
    const text = `“${name}” is too large: files of up to ${megabytes(most)} fit.`;
    throw new MeetingError("too-large", text);
  }
}
