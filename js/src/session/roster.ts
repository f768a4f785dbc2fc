/** Who is in the room and what they publish. */

import { type ReadonlySignal, signal } from "@preact/signals-core";
import type { FromRelay, Participant, ParticipantState, Stream, Welcome } from "../wire/control.js";
import type { StatePatch } from "./types.js";

const NOBODY: ReadonlyMap<string, Participant> = new Map();
const NOTHING: ReadonlyMap<string, Stream> = new Map();

function byId<T extends { readonly id: string }>(items: readonly T[]): Map<string, T> {
  return new Map(items.map((item) => [item.id, item]));
}

export class Roster {
  readonly #participants = signal(NOBODY);
  readonly #streams = signal(NOTHING);
  readonly #you = signal<Participant | null>(null);
  /** What this person wishes for themself, shown before the relay confirms it. */
  #wishes: StatePatch = {};

  get participants(): ReadonlySignal<ReadonlyMap<string, Participant>> {
    return this.#participants;
  }

  get streams(): ReadonlySignal<ReadonlyMap<string, Stream>> {
    return this.#streams;
  }

  get you(): ReadonlySignal<Participant | null> {
    return this.#you;
  }

  /** The wishes so far, to be sent again on a new connection. */
  get wishes(): StatePatch {
    return this.#wishes;
  }

  welcome(welcome: Welcome): void {
    const you = this.#own(welcome.you);
    const everyone = [...welcome.participants].sort((a, b) => a.joined_at - b.joined_at);
    this.#participants.value = byId(everyone).set(you.id, you);
    this.#streams.value = byId(welcome.streams);
    this.#you.value = you;
  }

  wish(patch: StatePatch): void {
    this.#wishes = { ...this.#wishes, ...patch };
    const you = this.#you.peek();
    if (you) this.#put(you);
  }

  /** Takes a message about people or streams; false if it is about something else. */
  apply(message: FromRelay): boolean {
    switch (message.type) {
      case "participant.joined":
      case "participant.updated":
        this.#put(message.participant);
        return true;
      case "participant.left": {
        const participants = new Map(this.#participants.peek());
        participants.delete(message.id);
        this.#participants.value = participants;
        const streams = this.#streams.peek();
        const left = [...streams].filter(([, stream]) => stream.owner !== message.id);
        if (left.length !== streams.size) this.#streams.value = new Map(left);
        return true;
      }
      case "stream.added":
      case "stream.updated":
        this.#streams.value = new Map(this.#streams.peek()).set(message.stream.id, message.stream);
        return true;
      case "stream.removed": {
        const streams = new Map(this.#streams.peek());
        streams.delete(message.id);
        this.#streams.value = streams;
        return true;
      }
      default:
        return false;
    }
  }

  /** Nobody is seen any more. */
  hide(): void {
    this.#participants.value = NOBODY;
    this.#streams.value = NOTHING;
    this.#you.value = null;
  }

  /** The session has ended: nobody is seen any more, and no wish lasts. */
  clear(): void {
    this.hide();
    this.#wishes = {};
  }

  #own(you: Participant): Participant {
    const { location: told, ...state } = { ...you.state, ...this.#wishes };
    const shown: ParticipantState = told ? { ...state, location: told } : state;
    return { ...you, state: shown };
  }

  #put(participant: Participant): void {
    const own = participant.id === this.#you.peek()?.id;
    const shown = own ? this.#own(participant) : participant;
    this.#participants.value = new Map(this.#participants.peek()).set(shown.id, shown);
    if (own) this.#you.value = shown;
  }
}
