/** What this participant may do, and who waits for those who may let them in. */

import { computed, signal } from "@preact/signals-core";
import type { Participant, Rights } from "../wire/control.js";
import type { Role } from "./types.js";

/** What a role means where the relay does not say it. */
function rightsOf(role: Role): Rights {
  const moderate = role === "owner" || role === "moderator";
  const member = role !== "observer";
  return { chat: member, publish: member, moderate, guest_links: false };
}

const NOBODY: readonly Participant[] = [];

export class OwnStanding {
  readonly #told = signal<Rights | null>(null);
  readonly #waiting = signal(NOBODY);

  readonly rights = computed(() => this.#told.value ?? rightsOf(this.role()));
  readonly lobby = computed(() => (this.rights.value.moderate ? this.#waiting.value : NOBODY));

  /** `role` reads this participant's role, as a signal. */
  constructor(readonly role: () => Role) {}

  /** A new connection: the list of those who wait follows, unless it is empty. */
  welcome(rights: Rights | undefined): void {
    this.#told.value = rights ?? null;
    this.#waiting.value = NOBODY;
  }

  changed(rights: Rights): void {
    this.#told.value = rights;
  }

  waiting(waiting: readonly Participant[]): void {
    this.#waiting.value = waiting;
  }
}
