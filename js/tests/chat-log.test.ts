import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ChatLog } from "../src/session/chat-log.js";
import type { LoggedEvent } from "../src/wire/index.js";
import { aLog, people } from "./any-log.js";
import { person } from "./small-relay.js";

/** A log that the first of the people reads, after these batches of events. */
function logOf(...batches: readonly (readonly LoggedEvent[])[]): ChatLog {
  const log = new ChatLog();
  log.readBy(people[0]!);
  for (const events of batches) log.take(events);
  return log;
}

const show = (log: ChatLog) => log.messages();

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
    const scrambled = aLog().chain((events) =>
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
        const log = logOf();
        for (let at = 0; at < mixed.length; at += size) log.take(mixed.slice(at, at + size));
        expect(show(log)).toEqual(show(logOf(events)));
        expect(log.take(mixed)).toBe(false);
      }),
    );
  });

  it("after a resume from any offset is what it would have been without the loss", () => {
    const cut = aLog().chain((events) =>
      fc.tuple(fc.constant(events), fc.nat(events.length), fc.nat(events.length)),
    );
    fc.assert(
      fc.property(cut, ([events, seen, from]) => {
        const log = logOf(events.slice(0, seen), events.slice(Math.min(from, seen)));
        expect(show(log)).toEqual(show(logOf(events)));
      }),
    );
  });

  it("leaves what it has shown as it was", () => {
    const cut = aLog().chain((events) => fc.tuple(fc.constant(events), fc.nat(events.length)));
    fc.assert(
      fc.property(cut, ([events, seen]) => {
        const log = logOf(events.slice(0, seen));
        const shown = show(log);
        const written = JSON.stringify(shown);
        log.take(events.slice(seen));
        expect(JSON.stringify(shown)).toBe(written);
      }),
    );
  });

  it("gives any range of offsets, one message by its id, and the pinned ones", () => {
    const ranged = fc.tuple(aLog(), fc.nat(70), fc.nat(70));
    fc.assert(
      fc.property(ranged, ([events, from, to]) => {
        const log = logOf(events.toReversed());
        const all = show(log);
        const inside = all.filter(({ offset }) => from <= offset! && offset! <= to);
        expect(log.messages(from, to)).toEqual(inside);
        expect(all.map(({ id }) => log.message(id!))).toEqual(all);
        expect(log.pinned()).toEqual(all.filter(({ pinned }) => pinned));
      }),
    );
  });

  it("shows the last edit, whichever came first", () => {
    const events = [message(1, "m", "one"), later(2, { kind: "edit", id: "m", body: "two" })];
    const third = later(3, { kind: "edit", id: "m", body: "three" });
    const [shown] = show(logOf([third], events));
    expect(shown).toMatchObject({ body: "three", editedAt: 3, offset: 1, own: true });
  });

  it("shows a deleted message without its body, edits and reactions", () => {
    const log = logOf([
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
    const log = logOf([message(1, "m", "x"), react(2, 0, true), react(3, 0, true)]);
    log.take([react(4, 1, true), react(5, 2, true)]);
    expect(show(log)[0]!.reactions).toMatchObject([{ emoji: "👍", mine: true }]);
    expect(show(log)[0]!.reactions[0]!.by.map((by) => by.id)).toEqual(["p1", "p2", "p3"]);
    log.take([react(6, 0, false)]);
    expect(show(log)[0]!.reactions[0]).toMatchObject({ mine: false });
  });

  it("counts of each voter the last choice before the poll's end", () => {
    const vote = (offset: number, who: number, options: readonly number[]) =>
      later(offset, { kind: "vote", id: "m", options }, who);
    const asked: LoggedEvent = {
      ...message(1, "m", "Which?"),
      event: { kind: "message", id: "m", body: "Which?", poll: { options: ["a", "b"] } },
    };
    const end = later(6, { kind: "close", id: "m" });
    const events = [asked, vote(2, 0, [0]), vote(3, 1, [0]), vote(4, 0, [1]), vote(5, 2, [1])];
    const [open] = show(logOf(events));
    expect(open?.poll).toMatchObject({
      multiple: false,
      closed: false,
      voters: 3,
      options: [
        { text: "a", mine: false },
        { text: "b", mine: true },
      ],
    });
    expect(open?.poll?.options[1]?.by.map((by) => by.id)).toEqual(["p1", "p3"]);
    // The end is known before a late vote and the withdrawal that came in time.
    const log = logOf([end, vote(7, 0, [0])], [...events, vote(5.5, 1, [])]);
    expect(show(log)[0]?.poll).toMatchObject({ closed: true, voters: 2 });
    expect(show(log)[0]?.poll?.options[0]?.by).toEqual([]);
  });

  it("pins by the last word, and never what is deleted", () => {
    const pin = (offset: number, on: boolean) => later(offset, { kind: "pin", id: "m", on });
    const log = logOf([pin(3, true), message(1, "m", "x"), pin(2, false)]);
    expect(show(log)[0]?.pinned).toBe(true);
    log.take([later(4, { kind: "delete", id: "m" })]);
    expect(show(log)[0]?.pinned).toBe(false);
  });

  it("tells whether a message names this user, and of a deleted one no more than who and when", () => {
    const event: LoggedEvent["event"] = {
      kind: "message",
      id: "m",
      body: "@Ada see this",
      mentions: [{ name: "ada", text: "Ada" }],
      files: [{ id: "f", name: "a.txt", type: "text/plain", size: 1 }],
      location: { path: "a.ipynb" },
      readers: [person("p1", "ada").user],
    };
    const log = logOf([{ ...message(1, "m", ""), event }]);
    expect(show(log)[0]).toMatchObject({
      mentionsMe: true,
      location: { path: "a.ipynb" },
      readers: [{ name: "ada" }],
    });
    log.take([later(2, { kind: "delete", id: "m" })]);
    const [gone] = show(log);
    expect(gone).toMatchObject({ mentionsMe: false, mentions: [], files: [], location: null });
  });

  it("shows nothing from before a clear, even when it is loaded later", () => {
    const log = logOf([later(2, { kind: "clear" }), message(3, "b", "after")]);
    log.take([message(1, "a", "before")]);
    expect(show(log).map((one) => one.body)).toEqual(["after"]);
  });

  it("keeps the objects of messages that did not change", () => {
    const log = logOf([message(1, "a", "x"), message(2, "b", "y")]);
    const [a, b] = show(log);
    log.take([later(3, { kind: "edit", id: "b", body: "z" })]);
    const [a2, b2] = show(log);
    expect(a2).toBe(a);
    expect(b2).not.toBe(b);
  });

  it("tells another reader what is theirs", () => {
    const log = logOf([message(1, "a", "x"), message(2, "b", "y", 1)]);
    expect(show(log).map(({ own }) => own)).toEqual([true, false]);
    expect(log.readBy(people[1]!)).toBe(true);
    expect(show(log).map(({ own }) => own)).toEqual([false, true]);
    expect(log.readBy({ ...people[1]!, id: "another-device" })).toBe(false);
  });
});
