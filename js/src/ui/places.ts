/**
 * Telling a room where in the notebooks one is, and going where somebody else is.
 *
 * Kept with the session, not with a view: a re-run cell must not end either. Telling is off until
 * somebody turns it on, and that is remembered for this room alone.
 */

import { effect, type Signal, signal } from "@preact/signals";
import type { Location, Participant, Session } from "../session/index.js";
import { type NotebookHost, notebookHost, onHostChange } from "./host.js";
import { plainName } from "./people.js";
import { fileName } from "./place-chip.js";
import { remembered } from "./remember.js";
import { strings } from "./strings.js";

/** A walk through cells by arrow keys is told once, where it ends, ms. */
const SETTLING_MS = 300;
const SLOT = "places";

const same = (a: Location | null, b: Location | null): boolean =>
  a?.path === b?.path && a?.cell === b?.cell;

export class Places {
  /** Whether the room is told where this person is. */
  readonly sharing: Signal<boolean>;
  /** Where this person is, as the room would be told. */
  readonly here = signal<Location | null>(null);
  /** Id of the participant who is followed; null: nobody. */
  readonly following = signal<string | null>(null);
  /** What stays in sight when a notebook opens: the view that was used last. */
  view: Element | null = null;

  #host: NotebookHost | null = null;
  #release: () => void = () => undefined;
  #settling: ReturnType<typeof setTimeout> | undefined;
  /** What the room knows; undefined: nothing was said since one came in. */
  #told: Location | null | undefined;
  #going: Promise<void> | null = null;
  #next: Location | null = null;

  constructor(private readonly session: Session) {
    this.sharing = remembered(`here:${session.room}`, false);
    this.#around();
    onHostChange(() => this.#around());
    effect(() => this.#tell());
    effect(() => this.#pursue());
  }

  /** Follows a participant, or nobody any more. */
  follow(id: string | null): void {
    this.following.value = id;
  }

  #around(): void {
    const host = notebookHost();
    if (host === this.#host) return;
    this.#release();
    this.#host = host;
    if (!host) {
      this.following.value = null;
      this.here.value = null;
      return;
    }
    const stops = [host.onPlace(() => this.#moved()), host.onGesture(() => this.follow(null))];
    this.#release = () => {
      for (const stop of stops) stop();
      clearTimeout(this.#settling);
    };
    this.here.value = host.place();
  }

  #moved(): void {
    clearTimeout(this.#settling);
    this.#settling = setTimeout(() => {
      const place = this.#host?.place() ?? null;
      if (!same(place, this.here.peek())) this.here.value = place;
    }, SETTLING_MS);
  }

  #tell(): void {
    const place = this.sharing.value ? this.here.value : null;
    const phase = this.session.phase.value.kind;
    // The session itself says again after a reconnect what was said before.
    if (phase === "reconnecting") return;
    if (phase !== "live") {
      this.#told = undefined;
      return;
    }
    if (this.#told === undefined ? place === null : same(this.#told, place)) return;
    this.#told = place;
    this.session.setState({ location: place });
  }

  #pursue(): void {
    const id = this.following.value;
    if (id === null) return;
    const who = this.session.participants.value.get(id);
    const place = who?.state.location;
    if (place) void this.#go(place);
    else this.#lose(who);
  }

  #lose(who: Participant | undefined): void {
    this.following.value = null;
    if (who) this.session.notify("info", "lost", strings.followLost(plainName(who)));
  }

  /** One move at a time; of those that come meanwhile, the last counts. */
  async #go(place: Location): Promise<void> {
    this.#next = place;
    this.#going ??= this.#walk().finally(() => {
      this.#going = null;
    });
    await this.#going;
  }

  async #walk(): Promise<void> {
    while (this.#next && this.following.peek() !== null) {
      const place = this.#next;
      this.#next = null;
      const keep = this.view?.isConnected ? this.view : null;
      try {
        const opened = await this.#host?.open(place, { focus: false, ...(keep ? { keep } : {}) });
        if (opened?.cellFound === false) {
          this.session.notify("info", "no-cell", strings.noSuchCell(fileName(place.path)));
        }
      } catch (error) {
        this.following.value = null;
        this.session.notify("error", "no-place", (error as Error).message);
      }
    }
  }
}

/** The places of a room, made on first use. */
export function placesOf(session: Session): Places {
  const found = session.slots.get(SLOT) as Places | undefined;
  if (found) return found;
  const made = new Places(session);
  session.slots.set(SLOT, made);
  return made;
}
