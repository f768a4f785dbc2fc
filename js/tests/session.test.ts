import { effect } from "@preact/signals-core";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import type { MeetSession } from "../src/session/session.js";
import { inPhase, Page, record, until } from "./page.js";
import { person, SmallRelay } from "./small-relay.js";

const VP8 = [{ codec: "vp8", width: 320, height: 180 }];
const bob = person("participant-bob", "bob");

async function aRelay(): Promise<SmallRelay> {
  const relay = await SmallRelay.start();
  onTestFinished(() => relay.stop());
  return relay;
}

async function joined(page = new Page()): Promise<[SmallRelay, MeetSession, Page]> {
  const relay = await aRelay();
  const session = page.sessionAt(relay);
  session.join();
  await inPhase(session, "live");
  return [relay, session, page];
}

const bodies = (session: MeetSession) => session.messages.peek().map((message) => message.body);

describe("joining", () => {
  it("says hello with the ticket and shows who is there and what was said", async () => {
    const relay = await aRelay();
    relay.append(bob, { kind: "message", id: "m1", body: "hello" });
    const session = new Page().sessionAt(relay);
    expect(session.phase.peek()).toEqual({ kind: "idle" });
    session.join();
    expect(session.phase.peek()).toEqual({ kind: "joining" });
    await inPhase(session, "live");
    expect(relay.hellos).toEqual([
      { type: "hello", protocol: 1, ticket: "t", client: { kind: "browser", version: "0.1.0" } },
    ]);
    expect(session.you.peek()?.user.name).toBe("ada");
    expect([...session.participants.peek().keys()]).toEqual([session.you.peek()?.id]);
    expect(bodies(session)).toEqual(["hello"]);
    expect(session.limits.peek()?.body_bytes).toBe(100);
  });

  it("rebuilds the media address for the host the page was reached by, and keeps its path", async () => {
    const [relay, session] = await joined();
    expect(session.mediaEndpoint.peek()?.url).toBe(`${relay.url}/a/meet/api/media`);
  });

  it("measures the relay's clock", async () => {
    const [, session] = await joined();
    const offset = await until(() => session.clockOffset.peek(), "a clock offset");
    const roundTrip = session.roundTrip.peek()! * 1000;
    expect(Math.abs(offset - 5_000_000)).toBeLessThanOrEqual(Math.max(roundTrip, 1_000_000));
  });

  it("refuses a room name outside the rules without asking anybody", async () => {
    const relay = await aRelay();
    const session = new Page().session({
      room: "../etc",
      fetchTicket: () => Promise.reject(new Error("asked")),
    });
    session.join();
    const phase = await inPhase(session, "ended");
    expect(phase).toMatchObject({ code: "invalid-room", canRejoin: false });
    expect(relay.hellos).toEqual([]);
  });

  it("can be done again after leaving, as somebody new", async () => {
    const [relay, session] = await joined();
    const first = session.you.peek()!.id;
    session.leave();
    expect(session.phase.peek()).toMatchObject({ kind: "ended", code: "left", canRejoin: true });
    expect(session.participants.peek().size).toBe(0);
    expect(session.mediaEndpoint.peek()).toBeNull();
    await until(() => relay.of("goodbye").length === 1);
    session.join();
    await inPhase(session, "live");
    expect(session.you.peek()!.id).not.toBe(first);
    expect(relay.hellos[1]).not.toHaveProperty("resume");
  });
});

describe("people", () => {
  it("come and go with what they publish", async () => {
    const [relay, session] = await joined();
    relay.tell({ type: "participant.joined", participant: bob });
    const stream = { id: "s-bob", owner: bob.id, source: "camera", renditions: [] };
    relay.tell({ type: "stream.added", stream });
    await until(() => session.streams.peek().size === 1);
    relay.tell({ type: "participant.left", id: bob.id, reason: "lost" });
    await until(() => session.participants.peek().size === 1);
    expect(session.streams.peek().size).toBe(0);
  });

  it("say what they wish about themselves at once, and late news do not undo it", async () => {
    const [relay, session] = await joined();
    const you = session.you.peek()!;
    session.setState({ hand: true });
    expect(session.you.peek()?.state.hand).toBe(true);
    relay.tell({ type: "participant.updated", participant: { ...you, state: { hand_at: 5 } } });
    await until(() => session.you.peek()?.state.hand_at === 5);
    expect(session.participants.peek().get(you.id)?.state).toMatchObject({ hand: true });
  });
});

describe("chat", () => {
  it("shows an own message as pending at once, then as sent, under one key", async () => {
    const [, session] = await joined();
    const seen = record(session.messages);
    const cid = session.say("hi");
    expect(session.messages.peek()).toMatchObject([
      { key: cid, cid, id: null, body: "hi", own: true, delivery: { kind: "pending" } },
    ]);
    await until(() => session.messages.peek()[0]?.offset);
    await until(() => session.messages.peek()[0]?.delivery.kind === "sent");
    expect(session.messages.peek()).toMatchObject([{ key: cid, offset: 1, own: true }]);
    expect(seen.every((messages) => messages.length <= 1)).toBe(true);
    expect(new Set(seen.flat().map((message) => message.key))).toEqual(new Set([cid]));
  });

  it("refuses a message that is too long, in a sentence, before it is sent", async () => {
    const [, session] = await joined();
    expect(() => session.say("é".repeat(51))).toThrow(/too long/);
    expect(() => session.say("x", { data: { "text/plain": "y".repeat(1001) } })).toThrow(
      /too large/,
    );
    expect(session.messages.peek()).toEqual([]);
  });

  it("sends what was not acknowledged again, under the same cid, and shows it once", async () => {
    const [relay, session] = await joined();
    relay.mute = true;
    const shown = record(session.messages);
    const cid = session.say("once");
    await until(() => relay.log.length === 1);
    relay.drop();
    relay.mute = false;
    await until(() => relay.of("chat.send").length === 2, "a second send");
    expect(relay.of("chat.send").map((message) => message.cid)).toEqual([cid, cid]);
    await until(() => session.messages.peek().every((one) => one.delivery.kind === "sent"));
    expect(bodies(session)).toEqual(["once"]);
    expect(shown.every((messages) => messages.length <= 1)).toBe(true);
    expect(relay.log.length).toBe(1);
  });

  it("keeps what is written without a connection, in order, and sends it when there is one", async () => {
    const [relay, session] = await joined();
    relay.refuse = (socket) => socket.terminate();
    relay.drop();
    await inPhase(session, "reconnecting");
    const words = Array.from({ length: 40 }, (_, index) => `word ${index}`);
    for (const word of words) session.say(word);
    expect(session.messages.peek().every((one) => one.delivery.kind === "pending")).toBe(true);
    relay.refuse = null;
    await until(() => session.messages.peek().every((one) => one.offset !== null));
    expect(bodies(session)).toEqual(words);
  });

  it("shows a refused message as failed, and sends or discards it as its author likes", async () => {
    const [relay, session] = await joined();
    relay.refusal = "not-kept";
    const cid = session.say("lost");
    await until(() => session.messages.peek()[0]?.delivery.kind === "failed");
    expect(session.messages.peek()[0]?.delivery).toEqual({ kind: "failed", reason: "No." });
    session.retry(cid);
    expect(session.messages.peek()[0]?.delivery).toEqual({ kind: "pending" });
    await until(() => session.messages.peek()[0]?.delivery.kind === "failed");
    relay.refusal = null;
    session.retry(cid);
    await until(() => session.messages.peek()[0]?.delivery.kind === "sent");
    relay.refusal = "not-kept";
    const other = session.say("never mind");
    await until(() => session.messages.peek()[1]?.delivery.kind === "failed");
    session.discard(other);
    expect(bodies(session)).toEqual(["lost"]);
    expect(relay.of("chat.send").map((message) => message.cid)).toEqual([cid, cid, cid, other]);
  });

  it("waits and sends again when it was too fast, without telling anybody", async () => {
    const [relay, session] = await joined();
    relay.refusal = "too-fast";
    session.say("quick");
    await until(() => relay.of("chat.send").length === 2);
    expect(session.messages.peek()[0]?.delivery).toEqual({ kind: "pending" });
    relay.refusal = null;
    await until(() => session.messages.peek()[0]?.delivery.kind === "sent");
    expect(session.notices.peek()).toEqual([]);
  });

  it("keeps the order of a backlog that the relay takes more slowly than it comes", async () => {
    const [relay, session] = await joined();
    const words = Array.from({ length: 30 }, (_, index) => `word ${index}`);
    relay.budget = 5;
    for (const word of words) session.say(word);
    await until(() => session.messages.peek().every((one) => one.offset !== null));
    expect(bodies(session)).toEqual(words);
  });

  it("rejects what the relay refuses, and tells people why", async () => {
    const [, session] = await joined();
    await expect(session.react("m9", "👍", true)).rejects.toMatchObject({ code: "not-found" });
    expect(session.notices.peek()).toMatchObject([
      { level: "error", code: "not-found", text: "There is no such message." },
    ]);
    session.dismiss(session.notices.peek()[0]!.id);
    expect(session.notices.peek()).toEqual([]);
  });

  it("shows who types until they send", async () => {
    const [relay, session] = await joined();
    relay.tell({ type: "participant.joined", participant: bob });
    relay.tell({ type: "chat.typing", by: bob.id, on: true });
    await until(() => session.typing.peek().has(bob.id));
    relay.append(bob, { kind: "message", id: "m1", body: "done" });
    await until(() => session.typing.peek().size === 0);
  });

  it("tells that it types once for many keystrokes, and that it stopped when it sends", async () => {
    const [relay, session] = await joined();
    for (let key = 0; key < 10; key += 1) session.setTyping(true);
    session.say("done");
    await until(() => relay.log.length === 1);
    expect(relay.of("chat.typing").map((message) => message.on)).toEqual([true, false]);
  });
});

describe("a lost connection", () => {
  it("is resumed as the same participant, with every event missed and none twice", async () => {
    const [relay, session] = await joined();
    relay.append(bob, { kind: "message", id: "m1", body: "before" });
    await until(() => bodies(session).length === 1);
    const you = session.you.peek()!.id;
    relay.refuse = (socket) => socket.terminate();
    relay.drop();
    const phase = await inPhase(session, "reconnecting");
    expect(phase.reason).toMatch(/\.$/);
    relay.append(bob, { kind: "message", id: "m2", body: "meanwhile" });
    relay.refuse = null;
    await inPhase(session, "live");
    expect(bodies(session)).toEqual(["before", "meanwhile"]);
    expect(session.you.peek()!.id).toBe(you);
    expect(relay.hellos.at(-1)).toMatchObject({ resume: { epoch: "epoch-1", offset: 1 } });
  });

  it("shows the relay's snapshot instead when the log was lost", async () => {
    const [relay, session] = await joined();
    relay.append(bob, { kind: "message", id: "m1", body: "old world" });
    await until(() => bodies(session).length === 1);
    relay.log.length = 0;
    relay.epoch = "epoch-2";
    relay.append(person("x", "x"), { kind: "message", id: "m1", body: "new world" });
    relay.restart();
    await until(() => relay.hellos.length === 2);
    await until(() => bodies(session).includes("new world"));
    expect(bodies(session)).toEqual(["new world"]);
  });

  it("restores what was shared, watched and said about oneself", async () => {
    const [relay, session] = await joined();
    const stream = { id: "s-bob", owner: bob.id, source: "camera", renditions: [] };
    relay.streams.set(stream.id, stream);
    relay.tell({ type: "participant.joined", participant: bob });
    relay.tell({ type: "stream.added", stream });
    await until(() => session.streams.peek().has("s-bob"));
    session.watch("s-bob", { width: 320, height: 180 });
    session.watch("s-gone", { width: 320, height: 180 });
    session.setState({ microphone: true, hand: true });
    await until(() => relay.of("watch").length === 1);
    relay.drop();
    await until(() => relay.of("watch").length === 2);
    expect(relay.of("watch")[1]).toEqual({
      type: "watch",
      streams: { "s-bob": { width: 320, height: 180 } },
    });
    await until(() => relay.of("state").length === 2);
    expect(relay.of("state")[1]).toEqual({ type: "state", microphone: true, hand: true });
    expect(session.you.peek()?.state).toMatchObject({ microphone: true, hand: true });
  });

  it("keeps own streams when the relay kept them, and says so when it did not", async () => {
    const [relay, session] = await joined();
    const lost: unknown[] = [];
    session.on("republish", ({ streams }) => lost.push(streams));
    const { stream, handles } = await session.publish("camera", VP8);
    expect(handles).toHaveLength(1);
    const endpoint = session.mediaEndpoint.peek();
    relay.mute = true;
    const second = session.publish("screen", VP8);
    await until(() => relay.streams.size === 2);
    relay.drop();
    relay.mute = false;
    await until(() => relay.hellos.length === 2 && session.phase.peek().kind === "live");
    await second;
    expect(lost).toEqual([]);
    expect(relay.of("unpublish")).toEqual([]);
    expect(session.mediaEndpoint.peek()).toBe(endpoint);
    relay.restart();
    await until(() => lost.length === 1, "republish");
    expect(lost).toEqual([
      [
        { stream, source: "camera" },
        { stream: (await second).stream, source: "screen" },
      ],
    ]);
    expect(session.mediaEndpoint.peek()).not.toBe(endpoint);
  });

  it("is noticed when the line is dead without a word", async () => {
    const relay = await aRelay();
    const session = new Page().sessionAt(relay, { pingInterval: 30, pongTimeout: 30 });
    session.join();
    await inPhase(session, "live");
    relay.silent = true;
    await inPhase(session, "reconnecting");
    relay.silent = false;
    await inPhase(session, "live");
  });

  it("is retried at once when the machine is online again or the page is looked at", async () => {
    for (const wake of ["online", "visibilitychange"] as const) {
      const page = new Page();
      page.random = () => 1;
      const relay = await aRelay();
      const hour = 3_600_000;
      const session = page.sessionAt(relay, { backoffBase: hour, backoffCap: hour });
      session.join();
      await inPhase(session, "live");
      relay.drop();
      await inPhase(session, "reconnecting");
      (wake === "online" ? page.window : page.document).dispatchEvent(new Event(wake));
      await inPhase(session, "live");
    }
  });

  it("comes back after every close code that is not final, and tells why it waits", async () => {
    for (const code of [1012, 1013, 1001, 4401, 4408, 4429]) {
      const [relay, session] = await joined();
      const phases = record(session.phase);
      relay.close(code);
      await until(() => relay.hellos.length === 2, `a second hello after ${code}`);
      await inPhase(session, "live");
      expect(phases.map((phase) => phase.kind)).toContain("reconnecting");
    }
  });

  it.each([
    [4400, "protocol", true],
    [4403, "not-allowed", true],
    [4409, "replaced", true],
    [4410, "removed", false],
    [4413, "protocol", true],
  ] as const)("ends for good after close code %i", async (code, end, canRejoin) => {
    const [relay, session] = await joined();
    relay.close(code);
    const phase = await inPhase(session, "ended");
    expect(phase).toMatchObject({ code: end, canRejoin });
    expect(phase.reason).toMatch(/\.$/);
    expect(relay.hellos).toHaveLength(1);
  });

  it("ends with the relay's own words when the room is locked", async () => {
    const relay = await aRelay();
    relay.refuse = (socket) => {
      const error = { type: "error", code: "room-locked", message: "Ada locked this room." };
      socket.send(JSON.stringify(error));
      socket.close(4403);
    };
    const session = new Page().sessionAt(relay);
    session.join();
    const phase = await inPhase(session, "ended");
    expect(phase).toMatchObject({ code: "room-locked", reason: "Ada locked this room." });
  });

  it("survives frames nobody understands, and says so where developers look", async () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    onTestFinished(() => warn.mockRestore());
    const [relay, session] = await joined();
    for (const frame of ["", "[]", '{"type":"teleport"}', '{"type":"ack"}']) {
      for (const { socket } of relay.members.values()) socket?.send(frame);
    }
    relay.append(bob, { kind: "message", id: "m1", body: "still here" });
    await until(() => bodies(session).length === 1);
    expect(session.phase.peek().kind).toBe("live");
    expect(warn).toHaveBeenCalledTimes(4);
  });
});

describe("a reload", () => {
  it("is the same participant with its chat, its devices off and its old streams gone", async () => {
    const [relay, session, page] = await joined();
    relay.append(bob, { kind: "message", id: "m1", body: "hello" });
    session.setState({ camera: true });
    const { stream } = await session.publish("camera", VP8);
    const you = session.you.peek()!.id;
    const member = [...relay.members.values()][0]!;
    Object.assign(member.you, { state: { camera: true } });
    const next = page.reload();
    const again = next.sessionAt(relay);
    again.join();
    await inPhase(again, "live");
    expect(again.you.peek()).toMatchObject({ id: you, state: { camera: false } });
    expect(bodies(again)).toEqual(["hello"]);
    await until(() => !again.streams.peek().has(stream));
  });

  it("sends what the page before could not", async () => {
    const [relay, session, page] = await joined();
    relay.mute = true;
    const cid = session.say("unheard");
    await until(() => relay.log.length === 1);
    const next = page.reload();
    relay.mute = false;
    const again = next.sessionAt(relay);
    again.join();
    await until(() => again.messages.peek()[0]?.delivery.kind === "sent");
    expect(relay.of("chat.send").at(-1)?.cid).toBe(cid);
    expect(relay.log).toHaveLength(1);
  });

  it("is forgotten once used, so that a duplicated tab is somebody else", async () => {
    const [relay, , page] = await joined();
    const next = page.reload();
    const again = next.sessionAt(relay);
    again.join();
    await inPhase(again, "live");
    expect(next.storage.items.size).toBe(0);
  });
});

describe("views", () => {
  it("that never come back end the session", async () => {
    const relay = await aRelay();
    const session = new Page().sessionAt(relay, { viewGrace: 20 });
    session.join();
    await inPhase(session, "live");
    const [first, second] = [session.attach(), session.attach()];
    first();
    second();
    const phase = await inPhase(session, "ended");
    expect(phase).toMatchObject({ code: "idle", canRejoin: true });
    await until(() => relay.of("goodbye").length === 1);
  });
});

describe("media's side", () => {
  it("hears demands for its streams, and can ask for the last one", async () => {
    const [relay, session] = await joined();
    const { stream, handles } = await session.publish("camera", [...VP8, ...VP8]);
    const [low, high] = handles as [number, number];
    const heard: unknown[] = [];
    const off = session.on("demand", (demand) => heard.push(demand.renditions));
    relay.tell({ type: "demand", stream, renditions: [{ handle: low, on: true, key: true }] });
    relay.tell({ type: "demand", stream, renditions: [{ handle: high, on: false, key: false }] });
    await until(() => heard.length === 2);
    expect(session.demandOf(stream)).toEqual([
      { handle: low, on: true, key: false },
      { handle: high, on: false, key: false },
    ]);
    off();
    relay.tell({ type: "demand", stream, renditions: [{ handle: low, on: false, key: false }] });
    await until(() => session.demandOf(stream)[0]?.on === false);
    expect(heard).toHaveLength(2);
  });

  it("asks for many tiles in one message, and again for a key frame", async () => {
    const [relay, session] = await joined();
    session.watch("s1", { width: 320, height: 180 });
    session.watch("s2", { width: 0, height: 0 });
    await until(() => relay.of("watch").length === 1);
    session.watch("s1", { width: 320, height: 180 });
    await until(() => relay.of("watch").length === 2);
    session.watch("s2", null);
    session.watch("never", null);
    await until(() => relay.of("watch").length === 3);
    expect(relay.of("watch").map((message) => message.streams)).toEqual([
      { s1: { width: 320, height: 180 }, s2: { width: 0, height: 0 } },
      { s1: { width: 320, height: 180 } },
      { s2: null },
    ]);
  });

  it("is told when a moderator mutes it", async () => {
    const [relay, session] = await joined();
    const heard: unknown[] = [];
    session.on("moderated", (event) => heard.push(event));
    session.setState({ microphone: true });
    const target = session.you.peek()!.id;
    relay.tell({ type: "participant.joined", participant: bob });
    relay.tell({ type: "moderated", action: "mute", by: bob.id, target });
    await until(() => heard.length === 1);
    expect(session.you.peek()?.state.microphone).toBe(false);
    expect(session.notices.peek()).toMatchObject([{ code: "muted", text: "bob muted you." }]);
  });

  it("may call the session inside an effect without subscribing to anything", async () => {
    const [relay, session] = await joined();
    let runs = 0;
    onTestFinished(
      effect(() => {
        runs += 1;
        session.watch("s1", { width: 1, height: 1 });
        session.setState({ camera: true });
        session.demandOf("s1");
      }),
    );
    relay.tell({ type: "participant.joined", participant: bob });
    relay.append(bob, { kind: "message", id: "m1", body: "x" });
    await until(() => bodies(session).length === 1);
    expect(runs).toBe(1);
  });
});
