/** Finds messages of the room by words, over REST. */

import { isBy } from "../wire/relay-frames.js";
import { MeetingError } from "./failure.js";
import type { RoomRest } from "./rest.js";
import type { SearchHit, SearchPage } from "./types.js";

const FAILED = "The search failed; try again.";

/** Hits of one page. */
const PAGE = 30;

function mark(value: unknown): value is readonly [number, number] {
  return Array.isArray(value) && value.length === 2 && value.every(Number.isInteger);
}

function read(value: unknown): SearchHit | null {
  const { id, offset, at, by, snippet, marks } = (value ?? {}) as Record<string, unknown>;
  if (typeof id !== "string" || typeof snippet !== "string" || !isBy(by)) return null;
  if (typeof offset !== "number" || typeof at !== "number") return null;
  const found = Array.isArray(marks) ? marks.filter(mark) : [];
  return { id, offset, at, by, snippet, marks: found };
}

/** Newest first; the next page is the one before the last hit's offset. */
export async function search(
  rest: RoomRest,
  query: string,
  options: { readonly before?: number; readonly signal?: AbortSignal } = {},
): Promise<SearchPage> {
  const { before, signal } = options;
  const fields = new URLSearchParams({ q: query, limit: String(PAGE) });
  if (before !== undefined) fields.set("before", String(before));
  const answer = (await rest.ask(`search?${fields}`, FAILED, { signal })) as {
    readonly hits?: unknown;
    readonly more?: unknown;
  } | null;
  if (!Array.isArray(answer?.hits)) throw new MeetingError("protocol", FAILED);
  const hits = answer.hits.map(read).filter((hit) => hit !== null);
  return { hits, more: answer.more === true };
}
