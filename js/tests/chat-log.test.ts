import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ChatLog, ChatView, EMPTY_LOG, fold } from "../src/session/chat-log.js";
import type { LoggedEvent } from "../src/wire/index.js";
import { aLog, people } from "./any-log.js";
import { person } from "./small-relay.js";

const show = (log: ChatLog) => new ChatView().messages(log, people[0]!);

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
        let log = EMPTY_LOG;
        for (let at = 0; at < mixed.length; at += size) log = fold(log, mixed.slice(at, at + size));
        expect(show(log)).toEqual(show(fold(EMPTY_LOG, events)));
      }),
    );
  });

  it("after a resume from any offset is what it would have been without the loss", () => {
    const cut = aLog().chain((events) =>
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
      fc.property(aLog(), aLog(), (first, second) => {
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

  it("counts of each voter the last choice before the poll's end", () => {
    const vote = (offset: number, who: number, options: readonly number[]) =>
      later(offset, { kind: "vote", id: "m", options }, who);
    const asked: LoggedEvent = {
      ...message(1, "m", "Which?"),
      event: { kind: "message", id: "m", body: "Which?", poll: { options: ["a", "b"] } },
    };
    const end = later(6, { kind: "close", id: "m" });
    const events = [asked, vote(2, 0, [0]), vote(3, 1, [0]), vote(4, 0, [1]), vote(5, 2, [1])];
    const [open] = show(fold(EMPTY_LOG, events));
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
    const log = fold(fold(EMPTY_LOG, [end, vote(7, 0, [0])]), [...events, vote(5.5, 1, [])]);
    expect(show(log)[0]?.poll).toMatchObject({ closed: true, voters: 2 });
    expect(show(log)[0]?.poll?.options[0]?.by).toEqual([]);
  });

  it("pins by the last word, and never what is deleted", () => {
    const pin = (offset: number, on: boolean) => later(offset, { kind: "pin", id: "m", on });
    const log = fold(EMPTY_LOG, [pin(3, true), message(1, "m", "x"), pin(2, false)]);
    expect(show(log)[0]?.pinned).toBe(true);
    expect(show(fold(log, [later(4, { kind: "delete", id: "m" })]))[0]?.pinned).toBe(false);
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
    const log = fold(EMPTY_LOG, [{ ...message(1, "m", ""), event }]);
    expect(show(log)[0]).toMatchObject({
      mentionsMe: true,
      location: { path: "a.ipynb" },
      readers: [{ name: "ada" }],
    });
    const [gone] = show(fold(log, [later(2, { kind: "delete", id: "m" })]));
    expect(gone).toMatchObject({ mentionsMe: false, mentions: [], files: [], location: null });
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
