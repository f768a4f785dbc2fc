/** Pages of a log as the relay's REST API gives them, by its documented rules and nothing more. */

import type { LoggedEvent } from "../src/wire/index.js";

interface Page {
  readonly epoch: string;
  readonly events: readonly LoggedEvent[];
  readonly more: boolean;
  readonly newer: boolean;
  readonly later: readonly LoggedEvent[];
}

const messageOf = ({ event }: LoggedEvent) => ("id" in event ? event.id : null);

/** Offset of the last clear, before which nothing is given. */
function clearedAt(log: readonly LoggedEvent[]): number {
  return log.findLast(({ event }) => event.kind === "clear")?.offset ?? 0;
}

/** The answer to `GET messages?query`; null: 404. */
export function pageOf(log: readonly LoggedEvent[], query: URLSearchParams): Page | null {
  const limit = Number(query.get("limit") ?? 100);
  const shown = log.filter(({ offset }) => offset >= clearedAt(log));
  const page = (events: readonly LoggedEvent[], told: boolean): Page => {
    const first = events[0]?.offset ?? Number.POSITIVE_INFINITY;
    const last = events.at(-1)?.offset ?? 0;
    const ids = new Set(events.filter(({ event }) => event.kind === "message").map(messageOf));
    return {
      epoch: "e",
      events,
      more: shown.some(({ offset }) => offset < first),
      newer: events.length > 0 && shown.some(({ offset }) => offset > last),
      later: told ? shown.filter((entry) => entry.offset > last && ids.has(messageOf(entry))) : [],
    };
  };
  const about = query.get("about");
  if (about !== null) {
    const events = shown.filter((entry) => messageOf(entry) === about);
    const said = events.some(({ event }) => event.kind === "message");
    return { epoch: "e", events: said ? events : [], more: false, newer: false, later: [] };
  }
  const around = query.get("around");
  if (around !== null) {
    const said = ({ event }: LoggedEvent) => event.kind === "message" && event.id === around;
    const place = shown.findIndex(said);
    if (place < 0) return null;
    const start = Math.max(0, place - Math.floor((limit - 1) / 2));
    return page(shown.slice(start, start + limit), true);
  }
  const after = query.get("after");
  if (after !== null) {
    return page(shown.filter(({ offset }) => offset > Number(after)).slice(0, limit), true);
  }
  const before = Number(query.get("before") ?? Number.POSITIVE_INFINITY);
  return page(shown.filter(({ offset }) => offset < before).slice(-limit), false);
}
