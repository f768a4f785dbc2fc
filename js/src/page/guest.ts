/** Coming in by a guest link: a name, a ticket, and new tickets for as long as the link is good. */

import type { Ticket } from "../session/index.js";
import { type Api, forSession, PageFailure } from "./api.js";
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

/** Opens a pass with a first ticket. Throws PageFailure if the link or the name is refused. */
export async function openPass(api: Api, link: string, name: string): Promise<GuestPass> {
  const entry = await api.guestTicket(link, name);
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
      return ticket ?? (await forSession(api.guestTicket(link, name, signal))).ticket;
    },
  };
}
