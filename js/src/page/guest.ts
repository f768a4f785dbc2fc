/** Coming in by a guest link: a name, a ticket, and new tickets for as long as the link is good. */

import type { Ticket } from "../session/index.js";
import { type Api, forSession, type GuestEntry, PageFailure } from "./api.js";
import { roomOfPageUrl } from "./route.js";
import { words } from "./words.js";

/** Longest name a guest may give, in characters (`policy/guests.py`). */
export const MAX_GUEST_NAME = 40;

/** Why somebody cannot be called `name`, as one sentence; null if they can. */
export function guestNameProblem(name: string): string | null {
  if (name.trim() === "") return words.guestNoName;
  return [...name.trim()].length > MAX_GUEST_NAME ? words.guestLongName(MAX_GUEST_NAME) : null;
}

/** What a guest has: the right to ask for tickets under one name. */
export interface GuestPass {
  readonly room: string;
  /** Gives the ticket that the pass was opened with first, then new ones. */
  readonly fetchTicket: (signal: AbortSignal) => Promise<Ticket>;
}

/** Who somebody was when this tab came in by a guest link last. */
export interface KnownGuest {
  readonly name: string;
  /** What the service knows them by; null before they came in. */
  readonly guest: string | null;
}

/**
 * Opens a pass with a first ticket. Each answer is given to `learn`, so that a page that is loaded
 * again comes back as the same guest. Throws PageFailure if the link or the name is refused.
 */
export async function openPass(
  api: Api,
  link: string,
  known: KnownGuest,
  learn: (guest: KnownGuest) => void,
): Promise<GuestPass> {
  const { name } = known;
  let { guest } = known;
  const ask = async (signal?: AbortSignal): Promise<GuestEntry> => {
    const entry = await api.guestTicket({ link, name, guest }, signal);
    guest = entry.guest ?? guest;
    learn({ name, guest });
    return entry;
  };
  const entry = await ask();
  let first: Ticket | null = entry.ticket;
  const page = entry.ticket.pageUrl;
  const room =
    entry.room ?? (page === undefined ? null : roomOfPageUrl(api.base, page, api.host.location()));
  if (room === null) throw new PageFailure("broken", "no-room", words.guestNoRoom);
  return {
    room,
    fetchTicket: async (signal) => {
      const ticket = first;
      first = null;
      return ticket ?? (await forSession(ask(signal))).ticket;
    },
  };
}
