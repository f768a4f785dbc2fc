import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ChatLog, ChatView, EMPTY_LOG, fold } from "../src/session/chat-log.js";
import type { LoggedEvent } from "../src/wire/index.js";
import { person } from "./small-relay.js";

const people = [
  person("p1", "ada"),
  person("p2", "bob"),
  { ...person("p3", "ada"), kind: "kernel" as const },
];
const show = (log: ChatLog) => new ChatView().messages(log, people[0]!);

/** A log as a relay makes one: later events refer to messages that were said. */
const aLog = fc
  .array(
    fc.record({
      kind: fc.constantFrom(
        "message",
        "edit",
        "edit",
        "delete",
        "reaction",
        "reaction",
        "reaction",
        "clear",
      ),
      who: fc.nat(2),
      which: fc.nat(2),
      word: fc.constantFrom("a", "b"),
      on: fc.boolean(),
      own: fc.boolean(),
    }),
    { maxLength: 40 },
  )
  .map((drafts) => {
    const said: string[] = [];
    return drafts.map(({ kind, who, which, word, on, own }, index): LoggedEvent => {
      const id = said[which % Math.max(1, said.length)];
      const base = { type: "event" as const, offset: index + 1, at: index, by: people[who]! };
      if (kind === "clear") return { ...base, event: { kind } };
      if (kind === "message" || id === undefined) {
        said.push(`m${index}`);
        const event = { kind: "message" as const, id: `m${index}`, body: word };
        return own ? { ...base, event, cid: `c${index}` } : { ...base, event };
      }
      if (kind === "edit") return { ...base, event: { kind, id, body: word } };
      if (kind === "delete") return { ...base, event: { kind, id } };
      return { ...base, event: { kind: "reaction", id, emoji: word, on } };
    });
  });

const message = (offset: number, id: string, body: string, who = 0): LoggedEvent => ({
  type: "event",
  offset,
  at: offset,
  by: people[who]!,
  event: { kind: "message", id, body },
});
const later = (offset: number, event: LoggedEvent["event"], who = 0): LoggedEvent => ({
  type: "event",
  offset,
  at: offset,
  by: people[who]!,
  event,
});

describe("the folded log", () => {
  it("is the same for any order, repetition and grouping of the same events", () => {
    const scrambled = aLog.chain((events) =>
      fc.tuple(
        fc.constant(events),
        fc.shuffledSubarray([...events, ...events], {
          minLength: events.length * 2,
          maxLength: events.length * 2,
        }),
        fc.integer({ min: 1, max: 7 }),
      ),
    );
    fc.assert(
      fc.property(scrambled, ([events, mixed, size]) => {
        let log = EMPTY_LOG;
        for (let at = 0; at < mixed.length; at += size) log = fold(log, mixed.slice(at, at + size));
        expect(show(log)).toEqual(show(fold(EMPTY_LOG, events)));
      }),
    );
  });

  it("after a resume from any offset is what it would have been without the loss", () => {
    const cut = aLog.chain((events) =>
      fc.tuple(fc.constant(events), fc.nat(events.length), fc.nat(events.length)),
    );
    fc.assert(
      fc.property(cut, ([events, seen, from]) => {
        const before = fold(EMPTY_LOG, events.slice(0, seen));
        const after = fold(before, events.slice(Math.min(from, seen)));
        expect(show(after)).toEqual(show(fold(EMPTY_LOG, events)));
      }),
    );
  });

  it("does not change the log it is given", () => {
    fc.assert(
      fc.property(aLog, aLog, (first, second) => {
        const log = fold(EMPTY_LOG, first);
        const shown = JSON.stringify(show(log));
        fold(log, second);
        expect(JSON.stringify(show(log))).toBe(shown);
      }),
    );
  });

  it("shows the last edit, whichever came first", () => {
    const events = [message(1, "m", "one"), later(2, { kind: "edit", id: "m", body: "two" })];
    const third = later(3, { kind: "edit", id: "m", body: "three" });
    const [shown] = show(fold(fold(EMPTY_LOG, [third]), events));
    expect(shown).toMatchObject({ body: "three", editedAt: 3, offset: 1, own: true });
  });

  it("shows a deleted message without its body, edits and reactions", () => {
    const log = fold(EMPTY_LOG, [
      message(1, "m", "secret"),
      later(2, { kind: "reaction", id: "m", emoji: "x", on: true }),
      later(3, { kind: "delete", id: "m" }),
      later(4, { kind: "edit", id: "m", body: "secret again" }),
    ]);
    expect(show(log)[0]).toMatchObject({ deleted: true, body: "", reactions: [], editedAt: null });
  });

  it("counts a user's reaction once, from whichever device, and takes it off", () => {
    const react = (offset: number, who: number, on: boolean) =>
      later(offset, { kind: "reaction", id: "m", emoji: "👍", on }, who);
    let log = fold(EMPTY_LOG, [message(1, "m", "x"), react(2, 0, true), react(3, 0, true)]);
    log = fold(log, [react(4, 1, true), react(5, 2, true)]);
    expect(show(log)[0]!.reactions).toMatchObject([{ emoji: "👍", mine: true }]);
    expect(show(log)[0]!.reactions[0]!.by.map((by) => by.id)).toEqual(["p1", "p2", "p3"]);
    log = fold(log, [react(6, 0, false)]);
    expect(show(log)[0]!.reactions[0]).toMatchObject({ mine: false });
  });

  it("shows nothing from before a clear, even when it is loaded later", () => {
    const log = fold(EMPTY_LOG, [later(2, { kind: "clear" }), message(3, "b", "after")]);
    expect(show(fold(log, [message(1, "a", "before")])).map((one) => one.body)).toEqual(["after"]);
  });

  it("keeps the objects of messages that did not change", () => {
    const view = new ChatView();
    const log = fold(EMPTY_LOG, [message(1, "a", "x"), message(2, "b", "y")]);
    const [a, b] = view.messages(log, people[0]!);
    const edited = fold(log, [later(3, { kind: "edit", id: "b", body: "z" })]);
    const [a2, b2] = view.messages(edited, people[0]!);
    expect(a2).toBe(a);
    expect(b2).not.toBe(b);
  });
});
