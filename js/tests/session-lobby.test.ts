import { describe, expect, it, onTestFinished } from "vitest";
import type { MeetSession } from "../src/session/session.js";
import { inPhase, Page, until } from "./page.js";
import { person, SmallRelay } from "./small-relay.js";

const MODERATOR = { chat: true, publish: true, moderate: true, guest_links: true };
const grace = person("participant-grace", "grace");

async function aRelay(): Promise<SmallRelay> {
  const relay = await SmallRelay.start();
  onTestFinished(() => relay.stop());
  return relay;
}

async function waits(): Promise<[SmallRelay, MeetSession]> {
  const relay = await aRelay();
  relay.lobby = true;
  const session = new Page().sessionAt(relay);
  session.join();
  await inPhase(session, "waiting");
  return [relay, session];
}

async function joined(rights: SmallRelay["rights"] = null): Promise<[SmallRelay, MeetSession]> {
  const relay = await aRelay();
  relay.rights = rights;
  const session = new Page().sessionAt(relay);
  session.join();
  await inPhase(session, "live");
  return [relay, session];
}

describe("the waiting room", () => {
  it("is told with the room's title, and the door opens by itself", async () => {
    const [relay, session] = await waits();
    expect(session.roomInfo.peek()?.title).toBe("The demo");
    expect(session.you.peek()).toBeNull();
    expect(session.mediaEndpoint.peek()).toBeNull();
    relay.admit();
    await inPhase(session, "live");
    expect(session.you.peek()?.user.name).toBe("ada");
    expect(relay.hellos).toHaveLength(1);
  });

  it("keeps what is said meanwhile until the door opens, and sends nothing but pings", async () => {
    const [relay, session] = await waits();
    session.say("are you there?");
    session.setState({ hand: true });
    session.setTyping(true);
    await until(() => relay.of("ping").length > 0);
    expect(relay.received.map(({ type }) => type).filter((type) => type !== "ping")).toEqual([
      "hello",
    ]);
    relay.admit();
    await until(() => relay.log.length === 1);
    await until(() => relay.of("state").length === 1);
  });

  it("is entered again after a lost connection, and left by the door in the end", async () => {
    const [relay, session] = await waits();
    relay.drop();
    await until(() => relay.hellos.length === 2 && session.phase.peek().kind === "waiting");
    expect(relay.waiting).toBe(1);
    session.leave();
    expect(session.phase.peek()).toMatchObject({ kind: "ended", code: "left" });
    await until(() => relay.of("goodbye").length === 1 && relay.waiting === 0);
  });

  it("is noticed to be dead when nobody answers pings there", async () => {
    const relay = await aRelay();
    relay.lobby = true;
    const session = new Page().sessionAt(relay, { pingInterval: 5, pongTimeout: 5 });
    session.join();
    await inPhase(session, "waiting");
    relay.silent = true;
    await inPhase(session, "reconnecting");
  });

  it("is also where somebody goes whose place in the room is gone, and nobody is seen from there", async () => {
    const [relay, session] = await joined();
    relay.lobby = true;
    relay.restart();
    await inPhase(session, "waiting");
    expect(session.participants.peek().size).toBe(0);
    expect(session.mediaEndpoint.peek()).toBeNull();
    relay.admit();
    await inPhase(session, "live");
    expect(session.participants.peek().size).toBe(1);
  });

  it.each(["denied", "not-invited", "room-locked", "signed-out", "too-many"] as const)(
    "refused with %s ends in the relay's words",
    async (code) => {
      const [relay, session] = await waits();
      relay.sendAway(code, "So said the relay.");
      expect(await inPhase(session, "ended")).toMatchObject({
        code,
        reason: "So said the relay.",
        canRejoin: true,
      });
    },
  );
});

describe("somebody in the room", () => {
  it("is out when the hub no longer knows them, and is told why", async () => {
    const [relay, session] = await joined();
    relay.sendAway("signed-out", "You have signed out.");
    expect(await inPhase(session, "ended")).toMatchObject({
      code: "signed-out",
      reason: "You have signed out.",
    });
  });

  it("is not told an earlier refusal as the reason of the end", async () => {
    const [relay, session] = await joined();
    relay.tell({ type: "error", code: "too-fast", message: "Slower, please." });
    relay.tell({ type: "participant.joined", participant: grace });
    await until(() => session.participants.peek().size === 2);
    relay.close(4403);
    expect((await inPhase(session, "ended")).reason).toBe("You may not join this room.");
  });

  it.each([
    ["owner", { chat: true, publish: true, moderate: true, guest_links: false }],
    ["member", { chat: true, publish: true, moderate: false, guest_links: false }],
    ["observer", { chat: false, publish: false, moderate: false, guest_links: false }],
  ] as const)("has the rights of a role (%s) where the relay tells none", async (role, rights) => {
    const [relay, session] = await joined();
    relay.tell({ type: "participant.updated", participant: { ...session.you.peek()!, role } });
    await until(() => session.you.peek()?.role === role);
    expect(session.rights.peek()).toEqual(rights);
  });

  it("has the rights the relay tells, and the next ones as soon as they change", async () => {
    const [relay, session] = await joined(MODERATOR);
    expect(session.rights.peek()).toEqual(MODERATOR);
    const fewer = { ...MODERATOR, publish: false, moderate: false };
    relay.tell({ type: "rights", rights: fewer });
    await until(() => !session.rights.peek().publish);
    expect(session.rights.peek()).toEqual(fewer);
    relay.tell({ type: "rights", rights: { ...fewer, publish: true } });
    relay.tell({ type: "rights", rights: { ...fewer, chat: false, publish: true } });
    relay.tell({ type: "rights", rights: MODERATOR });
    await until(() => session.rights.peek().moderate);
    expect(session.notices.peek().map(({ text }) => text)).toEqual([
      "You may no longer share sound and picture here.",
      "You may share sound and picture here now.",
      "You are a moderator of this room now.",
    ]);
  });
});

describe("a moderator", () => {
  it("sees who waits, until they may no longer let them in", async () => {
    const [relay, session] = await joined(MODERATOR);
    relay.tell({ type: "lobby", waiting: [grace] });
    await until(() => session.lobby.peek().length === 1);
    expect(session.lobby.peek()[0]?.user.name).toBe("grace");
    relay.tell({ type: "rights", rights: { ...MODERATOR, moderate: false } });
    await until(() => session.lobby.peek().length === 0);
  });

  it("sees nobody waiting on a new connection until the relay says so again", async () => {
    const [relay, session] = await joined(MODERATOR);
    relay.tell({ type: "lobby", waiting: [grace] });
    await until(() => session.lobby.peek().length === 1);
    relay.drop();
    await until(() => relay.hellos.length === 2 && session.phase.peek().kind === "live");
    expect(session.lobby.peek()).toEqual([]);
  });

  it("admits by the id of who waits, and changes the room under one cid", async () => {
    const [relay, session] = await joined(MODERATOR);
    await session.moderate("admit", grace.id);
    expect(relay.of("moderate")).toMatchObject([{ action: "admit", target: grace.id }]);
    await session.setRoom({ access: "invited", invite: ["bob"] });
    const [change] = relay.of("room.set");
    expect(change).toEqual({
      type: "room.set",
      cid: change!.cid,
      access: "invited",
      invite: ["bob"],
    });
  });

  it("is told when the room may not be changed", async () => {
    const [relay, session] = await joined();
    relay.refusal = "not-allowed";
    await expect(session.setRoom({ title: "New" })).rejects.toMatchObject({ code: "not-allowed" });
    expect(session.notices.peek()).toMatchObject([{ level: "error", code: "not-allowed" }]);
  });
});
