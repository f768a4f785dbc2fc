import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Chat } from "../src/session/chat.js";
import { ChatLog } from "../src/session/chat-log.js";
import { fetchPage } from "../src/session/history.js";
import { Outbox } from "../src/session/outbox.js";
import { Passages } from "../src/session/passage.js";
import { RoomRest } from "../src/session/rest.js";
import type { ChatMessage } from "../src/session/types.js";
import type { LoggedEvent } from "../src/wire/index.js";
import { aLog, people } from "./any-log.js";
import { pageOf } from "./log-pages.js";
import { Page } from "./page.js";

const ME = people[0]!;
/** Events of a snapshot. */
const NEWEST = 8;

/** Events of a page of a passage. */
const PAGE = 7;

/** A chat and the server it reads from, whose log grows while it reads. */
class Reader {
  readonly log: LoggedEvent[] = [];
  /** Kept, and not told yet. */
  readonly #untold: LoggedEvent[] = [];
  readonly chat: Chat;
  readonly passages: Passages;
  readonly #rest: RoomRest;
  /** Ids the chat asked for because they are pinned. */
  readonly #missing: Promise<unknown>[] = [];
  /** Runs while an answer is on its way. */
  meanwhile: () => void = () => {};
  /** Most events of a page, whatever is asked for: as with large ones. */
  cap = PAGE;
  failing = false;

  constructor() {
    const answer = async (url: string) => {
      if (this.failing) return new Response("{}", { status: 502 });
      const query = new URL(url).searchParams;
      query.set("limit", String(Math.min(this.cap, Number(query.get("limit") ?? PAGE))));
      const page = pageOf(this.log, query);
      const text = JSON.stringify(page ?? { code: "not-found", message: "No such message." });
      await Promise.resolve();
      this.meanwhile();
      return new Response(text, { status: page ? 200 : 404 });
    };
    const environment = { ...new Page().environment(), fetch: answer };
    this.#rest = new RoomRest(environment, "http://relay/api/", "demo", () => null);
    this.chat = new Chat(new Outbox(() => {}), (id) => {
      this.#missing.push(this.passages.find(id));
    });
    this.passages = new Passages(this.chat, this.#rest, PAGE);
  }

  /** The relay keeps an event; it is told at once, or with `tell`. */
  keep(event: LoggedEvent, told: boolean): void {
    this.log.push(event);
    this.#untold.push(event);
    if (told) this.tell();
  }

  tell(): void {
    this.chat.take(this.#untold.splice(0));
  }

  /** The connection is made anew: what was missed is told, or a snapshot if that is too much. */
  reconnect(recovered: boolean): void {
    this.#untold.length = 0;
    if (recovered) {
      const missed = this.log.filter(({ offset }) => offset > this.chat.offset);
      this.chat.welcome(ME, missed, false);
      return;
    }
    const { events } = pageOf(this.log, new URLSearchParams({ limit: String(NEWEST) }))!;
    const older = this.log.filter(({ offset }) => offset < (events[0]?.offset ?? 0));
    const isPinned = new Set(
      this.truth()
        .filter((one) => one.pinned)
        .map((one) => one.id),
    );
    const pinned = older.filter(({ event }) => "id" in event && isPinned.has(event.id));
    this.chat.welcome(ME, events, true, pinned);
    this.passages.reset();
  }

  loadOlder(): Promise<void> {
    return this.chat.loadOlder((before) => fetchPage(this.#rest, { before }, "Failed.", 5));
  }

  /** What the whole log says, everything told. */
  truth(): readonly ChatMessage[] {
    const bare = this.log.map(({ cid: _, ...entry }) => entry);
    const whole = new ChatLog();
    whole.readBy(ME);
    whole.take(bare);
    return whole.messages();
  }

  /** Everything is told, and what that made the chat ask for is answered. */
  async settled(): Promise<void> {
    this.tell();
    while (this.#missing.length > 0) {
      await this.#missing.shift();
      this.tell();
    }
  }
}

/** What is to be compared: the rendering key and own ids depend on the way, nothing else does. */
const bare = (messages: readonly ChatMessage[]) =>
  messages.map(({ key: _key, cid: _cid, ...message }) => message);

/** Every message shown is as the whole log has it, and none between two of them is left out. */
function expectTrue(shown: readonly ChatMessage[], truth: readonly ChatMessage[]): void {
  const first = shown[0]?.offset ?? 0;
  const last = shown.at(-1)?.offset ?? -1;
  const between = truth.filter(({ offset }) => first <= offset! && offset! <= last);
  expect(bare(shown)).toEqual(bare(between));
}

const anAction = fc.oneof(
  fc.record({ kind: fc.constant("live" as const), count: fc.integer({ min: 1, max: 6 }) }),
  fc.record({ kind: fc.constant("visit" as const), which: fc.nat(60) }),
  fc.record({ kind: fc.constant("find" as const), which: fc.nat(60) }),
  fc.record({
    kind: fc.constantFrom("older" as const, "newer" as const, "back" as const, "leave" as const),
  }),
  // The line is lost, and not what is asked for over another one, before it comes back.
  fc.record({
    kind: fc.constantFrom("resume" as const, "snapshot" as const),
    missed: fc.nat(6),
    which: fc.nat(60),
  }),
);

describe("reading around old messages", () => {
  it("shows what the whole log says, whatever one reads while it grows", async () => {
    const aCase = fc.record({
      // Many logs without a clear: it leaves little to read around in.
      log: fc.boolean().chain((clears) => aLog({ clears, min: 30, max: 120 })),
      start: fc.integer({ min: 20, max: 80 }),
      cap: fc.integer({ min: 3, max: PAGE }),
      meanwhile: fc.array(fc.constantFrom("nothing", "kept", "told", "snapshot"), {
        maxLength: 10,
      }),
      actions: fc.array(anAction, { minLength: 3, maxLength: 20 }),
    });
    await fc.assert(
      fc.asyncProperty(aCase, async ({ log, start, cap, meanwhile, actions }) => {
        const reader = new Reader();
        const { chat, passages } = reader;
        const coming = [...log];
        const grow = (count: number, told: boolean) => {
          for (const event of coming.splice(0, count)) reader.keep(event, told);
        };
        grow(start, false);
        reader.reconnect(false);
        await reader.settled();
        reader.cap = cap;
        const happens = [...meanwhile];
        reader.meanwhile = () => {
          const what = happens.shift() ?? "nothing";
          if (what === "kept" || what === "told") grow(2, what === "told");
          if (what !== "snapshot") return;
          grow(2 * NEWEST, false);
          reader.reconnect(false);
        };
        for (const action of actions) {
          const ids = reader.log.flatMap(({ event }) => (event.kind === "message" ? event.id : []));
          const pick = (which: number) => ids[which % Math.max(1, ids.length)] ?? "nobody";
          if (action.kind === "live") grow(action.count, true);
          else if (action.kind === "visit") {
            const id = pick(action.which);
            const found = await passages.visit(id);
            reader.tell();
            const known = reader.truth().some((one) => one.id === id);
            if (known) expect(found).toBe(true);
            const shown = passages.passage.value?.messages ?? chat.messages.value;
            if (known) expect(shown.map((one) => one.id)).toContain(id);
          } else if (action.kind === "find") {
            const id = pick(action.which);
            const found = await passages.find(id);
            reader.tell();
            const truth = reader.truth().find((one) => one.id === id);
            if (truth) {
              expect(found).not.toBeNull();
              expect(bare([chat.message(id)!])).toEqual(bare([truth]));
            }
          } else if (action.kind === "back") await reader.loadOlder();
          else if (action.kind === "leave") passages.leave();
          else if (action.kind === "resume" || action.kind === "snapshot") {
            grow(action.missed, false);
            await passages.visit(pick(action.which));
            reader.reconnect(action.kind === "resume");
          } else await passages.load(action.kind);
          await reader.settled();
          const truth = reader.truth();
          const newest = truth.filter(({ offset }) => offset! >= chat.from);
          expect(bare(chat.messages.value)).toEqual(bare(newest));
          expectTrue(passages.passage.value?.messages ?? [], truth);
          expect(passages.passage.value?.error ?? null).toBeNull();
          expect(bare(chat.pinned.value)).toEqual(bare(truth.filter((one) => one.pinned)));
        }
      }),
      { numRuns: 150 },
    );
  });

  it("opens a passage, goes on both ways, and closes it where it meets the newest messages", async () => {
    const { reader, chat, passages } = await aReader(40);
    expect(chat.messages.value.map((one) => one.id)).toEqual(ids(33, 40));
    expect(await passages.visit("m12")).toBe(true);
    expect(passages.passage.value).toMatchObject({ focus: "m12", older: true, newer: true });
    const shown = () => passages.passage.value?.messages.map((one) => one.id);
    expect(shown()).toEqual(ids(9, 15));
    await passages.load("older");
    expect(shown()).toEqual(ids(2, 15));
    await passages.load("older");
    expect(shown()).toEqual(ids(1, 15));
    expect(passages.passage.value?.older).toBe(false);
    expect(await passages.visit("m3")).toBe(true);
    expect(passages.passage.value?.focus).toBe("m3");
    for (const last of [22, 29]) {
      await passages.load("newer");
      expect(shown()).toEqual(ids(1, last));
    }
    expect(chat.history.value.more).toBe(true);
    reader.keep(said(41), true);
    expect(shown()).toEqual(ids(1, 29));
    await passages.load("newer");
    expect(passages.passage.value).toBeNull();
    expect(chat.messages.value.map((one) => one.id)).toEqual(ids(1, 41));
    expect(chat.history.value.more).toBe(false);
  });

  it("is left without a trace, and needs none for what is in sight", async () => {
    const { chat, passages } = await aReader(40);
    await passages.visit("m12");
    passages.leave();
    expect(passages.passage.value).toBeNull();
    expect(chat.messages.value.map((one) => one.id)).toEqual(ids(33, 40));
    expect(await passages.visit("m35")).toBe(true);
    expect(passages.passage.value).toBeNull();
    expect(await passages.visit("nobody")).toBe(false);
  });

  it("tells a failure in a sentence, and goes on when asked again", async () => {
    const { reader, passages } = await aReader(40);
    await passages.visit("m12");
    reader.failing = true;
    await passages.load("older");
    expect(passages.passage.value).toMatchObject({ loading: false, older: true });
    expect(passages.passage.value?.error).toMatch(/try again/);
    await expect(passages.visit("m25")).rejects.toThrow(/try again/);
    expect(passages.passage.value?.focus).toBe("m12");
    await expect(passages.find("m1")).rejects.toThrow(/try again/);
    reader.failing = false;
    await passages.load("older");
    expect(passages.passage.value).toMatchObject({ error: null });
    expect((await passages.find("m1"))?.body).toBe("1");
  });

  it("is over when the chat is cleared", async () => {
    const { reader, passages } = await aReader(40);
    await passages.visit("m12");
    reader.keep({ ...said(41), event: { kind: "clear" } }, true);
    expect(passages.passage.value).toBeNull();
    expect(reader.chat.messages.value).toEqual([]);
    expect(reader.chat.history.value.more).toBe(false);
    expect(await passages.visit("m12")).toBe(false);
  });
});

const ids = (first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, index) => `m${first + index}`);

const said = (offset: number): LoggedEvent => ({
  type: "event",
  offset,
  at: offset,
  by: people[1]!,
  event: { kind: "message", id: `m${offset}`, body: String(offset) },
});

/** A reader in a room of so many messages, with the newest of them. */
async function aReader(count: number) {
  const reader = new Reader();
  for (let offset = 1; offset <= count; offset += 1) reader.keep(said(offset), false);
  reader.reconnect(false);
  const { chat, passages } = reader;
  return { reader, chat, passages };
}
