/**
 * What a reload of the tab must not lose: the right to be the same participant, and messages
 * that were not acknowledged.
 *
 * It is written only when the page goes and taken out when it comes back: a duplicated tab copies
 * sessionStorage, and two pages with one session would throw each other out for ever.
 */

import type { ChatSend, Resume } from "../wire/control.js";
import type { Environment } from "./environment.js";

export interface Remembered {
  readonly resume: Resume;
  readonly unsent: readonly ChatSend[];
}

function isRemembered(value: unknown): value is Remembered {
  const { resume, unsent } = (value ?? {}) as { resume?: Partial<Resume>; unsent?: unknown };
  return (
    typeof resume?.session === "string" &&
    typeof resume.epoch === "string" &&
    typeof resume.offset === "number" &&
    Array.isArray(unsent)
  );
}

export class TabMemory {
  readonly #key: string;

  constructor(
    readonly storage: Environment["storage"],
    apiUrl: string,
    room: string,
  ) {
    this.#key = `meetwidget ${apiUrl} ${room}`;
  }

  /** What the page before the reload left; only once. */
  take(): Remembered | null {
    try {
      const text = this.storage?.getItem(this.#key);
      if (text === null || text === undefined) return null;
      this.storage?.removeItem(this.#key);
      const value: unknown = JSON.parse(text);
      return isRemembered(value) ? value : null;
    } catch {
      return null; // forbidden or foreign: a reload is then a new arrival
    }
  }

  leave(remembered: Remembered): void {
    try {
      this.storage?.setItem(this.#key, JSON.stringify(remembered));
    } catch {
      // full or forbidden: a reload is then a new arrival
    }
  }

  forget(): void {
    try {
      this.storage?.removeItem(this.#key);
    } catch {
      // as above
    }
  }
}
