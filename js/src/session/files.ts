/** Files of the room: handed to the relay, fetched from it, and kept while the page lives. */

import { readFileRef } from "../wire/relay-frames.js";
import { MeetingError } from "./failure.js";
import { cancelled, type RoomRest, refusal } from "./rest.js";
import { checkFileSize } from "./sizes.js";
import type { FileRef, Limits, UploadOptions } from "./types.js";

const UPLOAD_FAILED = "The file could not be sent; try again.";
const DOWNLOAD_FAILED = "The file could not be fetched; try again.";
const TRANSCRIPT_FAILED = "The transcript could not be fetched; try again.";

/** Most bytes of fetched files that are kept; beyond it the longest unused ones are fetched anew. */
const KEPT_BYTES = 64 * 1024 * 1024;

/**
 * Types whose content may bear its name: a page made of them runs nothing. All others become plain
 * bytes, since a blob's address opened in a tab is a page of this very origin.
 */
const HARMLESS = /^(image\/(png|jpeg|gif|webp|avif|bmp)|(audio|video)\/[\w.+-]+)$/;

function harmlessType(file: FileRef): string {
  return HARMLESS.test(file.type) ? file.type : "application/octet-stream";
}

/** Reads a body, telling how much of `size` bytes is there. */
async function readAll(
  response: Response,
  size: number,
  onProgress: (share: number) => void,
): Promise<BlobPart[]> {
  const reader = response.body?.getReader();
  if (!reader) return [await response.arrayBuffer()];
  const parts: BlobPart[] = [];
  let got = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return parts;
    parts.push(value);
    got += value.byteLength;
    onProgress(size > 0 ? Math.min(1, got / size) : 1);
  }
}

export class Files {
  /** By file id, the longest unused first. */
  readonly #kept = new Map<string, Blob>();
  readonly #coming = new Map<string, Promise<Blob>>();

  constructor(
    readonly rest: RoomRest,
    readonly limits: () => Limits | null,
  ) {}

  async upload(file: Blob, name: string, options: UploadOptions = {}): Promise<FileRef> {
    checkFileSize(this.limits(), file.size, name);
    const { signal, onProgress } = options;
    if (signal?.aborted) throw cancelled();
    const answer = await this.rest.environment
      .send(`${this.rest.url}files?${new URLSearchParams({ name })}`, file, {
        headers: { "Content-Type": "application/octet-stream", ...this.rest.headers() },
        onProgress: (share) => onProgress?.(share),
        ...(signal === undefined ? {} : { signal }),
      })
      .catch(() => null);
    if (signal?.aborted) throw cancelled();
    const made = answer?.ok ? readFileRef(answer.body) : null;
    if (made === null) throw refusal(answer?.body, UPLOAD_FAILED);
    return made;
  }

  download(file: FileRef, options: UploadOptions = {}): Promise<Blob> {
    const kept = this.#kept.get(file.id);
    if (kept) {
      this.#keep(file.id, kept);
      return Promise.resolve(kept);
    }
    // Who may abort has a transfer of their own.
    if (options.signal || options.onProgress) return this.#fetch(file, options);
    let coming = this.#coming.get(file.id);
    if (!coming) {
      coming = this.#fetch(file, options).finally(() => this.#coming.delete(file.id));
      this.#coming.set(file.id, coming);
    }
    return coming;
  }

  async transcript(format: string): Promise<Blob> {
    const response = await this.rest.open(`transcript?format=${format}`, TRANSCRIPT_FAILED);
    return response.blob().catch(() => {
      throw new MeetingError("failed", TRANSCRIPT_FAILED);
    });
  }

  async #fetch(file: FileRef, { signal, onProgress }: UploadOptions): Promise<Blob> {
    const path = `files/${encodeURIComponent(file.id)}`;
    const response = await this.rest.open(path, DOWNLOAD_FAILED, { signal });
    const parts = await readAll(response, file.size, (share) => onProgress?.(share)).catch(() => {
      throw signal?.aborted ? cancelled() : new MeetingError("failed", DOWNLOAD_FAILED);
    });
    const blob = new Blob(parts, { type: harmlessType(file) });
    this.#keep(file.id, blob);
    return blob;
  }

  #keep(id: string, blob: Blob): void {
    this.#kept.delete(id);
    this.#kept.set(id, blob);
    let bytes = 0;
    for (const one of this.#kept.values()) bytes += one.size;
    for (const [other, { size }] of this.#kept) {
      if (bytes <= KEPT_BYTES) return;
      this.#kept.delete(other);
      bytes -= size;
    }
  }
}
