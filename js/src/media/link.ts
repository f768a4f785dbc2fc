/** The page's hold on its media worker. */

import workerSource from "worker:./worker/main.ts";
import type { FromWorker, ToWorker } from "./messages.js";

/** A running worker. */
export class WorkerLink {
  readonly #worker: Worker;
  readonly #url: string;

  constructor(take: (message: FromWorker) => void, failed: (reason: string) => void) {
    // One ESM file and no neighbours: the worker travels inside it (see inline.mjs).
    this.#url = URL.createObjectURL(new Blob([workerSource], { type: "text/javascript" }));
    this.#worker = new Worker(this.#url, { name: "meetwidget-media" });
    this.#worker.onmessage = ({ data }: MessageEvent<FromWorker>) => take(data);
    this.#worker.onerror = (event) => failed(event.message);
  }

  post(message: ToWorker, transfer: Transferable[] = []): void {
    this.#worker.postMessage(message, transfer);
  }

  close(): void {
    this.#worker.terminate();
    URL.revokeObjectURL(this.#url);
  }
}
