/** Files on their way to the relay, to be sent with the next message. */

import { type ReadonlySignal, signal } from "@preact/signals";
import type { FileRef, Session } from "../../session/index.js";
import { strings } from "../strings.js";

/** Files of one message, as the relay takes them (`MAX_FILES` in meetwidget/wire/values.py). */
export const MOST_FILES = 10;

export interface Upload {
  readonly key: number;
  readonly content: File;
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** Address of a small picture, of images; revoked when the upload goes. */
  readonly picture: string | null;
  /** What is sent, 0 to 1. */
  readonly share: number;
  /** What the relay made of it; null while it is on its way. */
  readonly file: FileRef | null;
  /** One sentence for people, if it did not work. */
  readonly problem: string | null;
}

/** Images that browsers draw and that cannot run anything. */
export const PICTURE = /^image\/(png|jpeg|gif|webp|avif)$/;

const UNITS = ["B", "kB", "MB", "GB"] as const;

/** A size in bytes, as people read it: 1.4 MB. */
export function sizeOf(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${value < 10 && unit > 0 ? value.toFixed(1) : Math.round(value)} ${UNITS[unit]}`;
}

export class Uploads {
  readonly #list = signal<readonly Upload[]>([]);
  readonly #running = new Map<number, AbortController>();
  #next = 1;

  constructor(readonly session: Session) {}

  /** In the order in which they were added. */
  get list(): ReadonlySignal<readonly Upload[]> {
    return this.#list;
  }

  /** Whether this relay keeps files. */
  get possible(): boolean {
    return (this.session.limits.value?.file_bytes ?? 0) > 0;
  }

  /** Begins to send files; what cannot be taken is told at once. */
  add(files: Iterable<File>): void {
    for (const file of files) {
      const refusal = this.#refusal(file);
      if (refusal === null) this.#begin(file);
      else this.session.notify("error", "file", refusal);
    }
  }

  /** Sends a file again that did not get through. */
  retry(key: number): void {
    const upload = this.#list.peek().find((one) => one.key === key);
    if (!upload || upload.problem === null) return;
    this.#update(key, { problem: null, share: 0 });
    this.#send(upload);
  }

  /** Takes a file away, wherever it is. */
  remove(key: number): void {
    this.#running.get(key)?.abort();
    this.#running.delete(key);
    const gone = this.#list.peek().find((one) => one.key === key);
    if (gone?.picture) URL.revokeObjectURL(gone.picture);
    this.#list.value = this.#list.peek().filter((one) => one.key !== key);
  }

  clear(): void {
    for (const { key } of this.#list.peek()) this.remove(key);
  }

  #refusal(file: File): string | null {
    const { file_bytes: most = 0 } = this.session.limits.peek() ?? {};
    if (most <= 0) return strings.noFiles;
    if (this.#list.peek().length >= MOST_FILES) return strings.tooManyFiles(MOST_FILES);
    if (file.size > most) return strings.fileTooLarge(file.name, sizeOf(file.size), sizeOf(most));
    return file.size === 0 ? strings.fileEmpty(file.name) : null;
  }

  #begin(content: File): void {
    const key = this.#next++;
    const picture = PICTURE.test(content.type) ? URL.createObjectURL(content) : null;
    const { name, size } = content;
    const upload = { key, content, name, size, picture, share: 0, file: null, problem: null };
    this.#list.value = [...this.#list.peek(), upload];
    this.#send(upload);
  }

  #send({ key, content, name }: Upload): void {
    const abort = new AbortController();
    this.#running.set(key, abort);
    this.session
      .upload(content, name, {
        signal: abort.signal,
        onProgress: (share) => this.#update(key, { share }),
      })
      .then(
        (made) => this.#update(key, { file: made, share: 1 }),
        (error: unknown) => {
          if (abort.signal.aborted) return;
          const { message } = error as { message?: string };
          this.#update(key, { problem: message || strings.uploadFailed });
        },
      )
      .finally(() => this.#running.delete(key));
  }

  #update(key: number, change: Partial<Upload>): void {
    this.#list.value = this.#list
      .peek()
      .map((one) => (one.key === key ? { ...one, ...change } : one));
  }
}
