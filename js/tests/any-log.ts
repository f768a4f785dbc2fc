/** Logs as a relay makes them, for property tests. */

import fc from "fast-check";
import type { LoggedEvent } from "../src/wire/index.js";
import { person } from "./small-relay.js";

/** Two people, and a kernel of the first. */
export const people = [
  person("p1", "ada"),
  person("p2", "bob"),
  { ...person("p3", "ada"), kind: "kernel" as const },
];

const OPTIONS = ["one", "two", "three"];

const draft = fc.record({
  kind: fc.oneof(
    {
      weight: 7,
      arbitrary: fc.constantFrom("message" as const, "message" as const, "poll" as const),
    },
    { weight: 4, arbitrary: fc.constantFrom("edit" as const, "delete" as const) },
    { weight: 9, arbitrary: fc.constantFrom("reaction" as const, "vote" as const) },
    { weight: 6, arbitrary: fc.constantFrom("pin" as const, "pin" as const, "close" as const) },
    { weight: 1, arbitrary: fc.constant("clear" as const) },
  ),
  who: fc.nat(2),
  which: fc.nat(9),
  word: fc.constantFrom("a", "b"),
  on: fc.boolean(),
  places: fc.subarray([0, 1, 2]),
  own: fc.boolean(),
  /** Offsets that this reader does not get: private messages, removed entries. */
  gap: fc.nat({ max: 2 }),
});

/** Events that refer to messages said before them; `clears`: the chat may be cleared. */
export function aLog({
  clears = true,
  min = 0,
  max = 60,
} = {}): fc.Arbitrary<readonly LoggedEvent[]> {
  return fc.array(draft, { minLength: min, maxLength: max }).map((drafts) => {
    const said: string[] = [];
    let offset = 0;
    return drafts.map(({ kind, who, which, word, on, places, own, gap }): LoggedEvent => {
      offset += 1 + (which === 9 ? gap : 0);
      const id = said[which % Math.max(1, said.length)];
      const base = { type: "event" as const, offset, at: offset * 10, by: people[who]! };
      if (kind === "clear" && clears) return { ...base, event: { kind } };
      if (kind === "message" || kind === "poll" || kind === "clear" || id === undefined) {
        said.push(`m${offset}`);
        const poll = kind === "poll" ? { poll: { options: OPTIONS, multiple: on } } : {};
        const event = { kind: "message" as const, id: `m${offset}`, body: word, ...poll };
        return own ? { ...base, event, cid: `c${offset}` } : { ...base, event };
      }
      switch (kind) {
        case "edit":
          return { ...base, event: { kind, id, body: `${word}!` } };
        case "vote":
          return { ...base, event: { kind, id, options: places } };
        case "pin":
          return { ...base, event: { kind, id, on } };
        case "reaction":
          return { ...base, event: { kind, id, emoji: word, on } };
        default:
          return { ...base, event: { kind, id } };
      }
    });
  });
}
