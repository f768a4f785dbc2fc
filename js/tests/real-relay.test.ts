import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { MeetSession } from "../src/session/session.js";
import { Jupyter } from "./jupyter.js";
import { inPhase, type Page, until } from "./page.js";

const VP8 = [
  { codec: "vp8", width: 320, height: 180, fps: 15, bitrate: 150_000 },
  { codec: "vp8", width: 640, height: 360, fps: 24, bitrate: 400_000 },
];

describe("two people at a real Jupyter server", () => {
  let jupyter: Jupyter;
  let pages: Record<"ada" | "bob", Page>;
  let room = 0;
  beforeAll(async () => {
    jupyter = await Jupyter.start();
    pages = { ada: await jupyter.page("ada"), bob: await jupyter.page("bob") };
  }, 120_000);
  afterAll(() => jupyter?.end());

  const enter = async (page: Page, name: string): Promise<MeetSession> => {
    const session = page.session({ room: name, baseUrl: jupyter.url });
    session.join();
    await inPhase(session, "live");
    return session;
  };
  const both = async (): Promise<[MeetSession, MeetSession, string]> => {
    const name = `course/room-${room++}`;
    return [await enter(pages.ada, name), await enter(pages.bob, name), name];
  };
  const bodies = (session: MeetSession) => session.messages.peek().map((one) => one.body);
  const delivered = (session: MeetSession) =>
    session.messages.peek().every((one) => one.delivery.kind === "sent" && one.offset !== null);

  it("see each other under the names their server knows, the first one as owner", async () => {
    const [ada, bob] = await both();
    await until(() => ada.participants.peek().size === 2);
    const names = [...bob.participants.peek().values()].map((one) => one.user.display_name);
    expect(names).toEqual(["Ada", "Bob"]);
    expect(ada.you.peek()).toMatchObject({ role: "owner", kind: "person" });
    expect(bob.you.peek()).toMatchObject({ role: "member" });
    bob.leave();
    await until(() => ada.participants.peek().size === 1);
  });

  it("talk, edit, react, delete, and both see the same", async () => {
    const [ada, bob] = await both();
    bob.setTyping(true);
    await until(() => ada.typing.peek().size === 1);
    ada.say("one");
    bob.say("two", { data: { "text/plain": "42" } });
    await until(() => ada.messages.peek().length === 2 && bob.messages.peek().length === 2);
    await until(() => delivered(ada) && delivered(bob));
    const one = ada.messages.peek().find((message) => message.own)!;
    await ada.edit(one.id!, "one, edited");
    await bob.react(one.id!, "👍", true);
    await until(() => ada.messages.peek().some((message) => message.reactions.length === 1));
    expect(bob.messages.peek().find((message) => message.id === one.id)).toMatchObject({
      body: "one, edited",
      own: false,
      reactions: [{ emoji: "👍", mine: true }],
    });
    await expect(bob.edit(one.id!, "forged")).rejects.toMatchObject({ code: "not-allowed" });
    await ada.remove(one.id!);
    await until(() => bob.messages.peek().some((message) => message.deleted));
    const shown = (session: MeetSession) =>
      session.messages
        .peek()
        .map(({ id, body, deleted, offset }) => ({ id, body, deleted, offset }));
    expect(shown(bob)).toEqual(shown(ada));
  });

  it("raise a hand, throw an emoji, and mute each other", async () => {
    const [ada, bob] = await both();
    const muted = new Promise((resolve) => bob.on("moderated", resolve));
    bob.setState({ hand: true, microphone: true });
    bob.sendReaction("🎉");
    const seen = () => ada.participants.peek().get(bob.you.peek()!.id)?.state;
    await until(() => seen()?.hand && seen()?.microphone && seen()?.hand_at);
    await until(() => ada.reactions.peek()[0]?.emoji === "🎉");
    expect(bob.reactions.peek()).toHaveLength(1);
    await ada.moderate("mute", bob.you.peek()!.id);
    await muted;
    await until(() => !seen()?.microphone);
  });

  it("publish, watch and hear what to encode", async () => {
    const [ada, bob] = await both();
    const demands: { on: boolean; handle: number }[][] = [];
    ada.on("demand", ({ renditions }) => demands.push([...renditions]));
    const { stream, handles } = await ada.publish("camera", VP8);
    expect(handles).toHaveLength(2);
    await until(() => bob.streams.peek().has(stream));
    bob.watch(stream, { width: 320, height: 180 });
    await until(() => ada.demandOf(stream).some((one) => one.on));
    expect(ada.demandOf(stream).find((one) => one.on)?.handle).toBe(handles[0]);
    bob.watch(stream, { width: 640, height: 360 });
    await until(() => ada.demandOf(stream).some((one) => one.on && one.handle === handles[1]));
    bob.watch(stream, null);
    await until(() => ada.demandOf(stream).every((one) => !one.on));
    await ada.unpublish(stream);
    await until(() => !bob.streams.peek().has(stream));
  });

  it("page back through a long log without losing or doubling a message", async () => {
    const name = `long-${room++}`;
    const ada = await enter(pages.ada, name);
    const words = Array.from({ length: 260 }, (_, index) => `word ${index}`);
    for (const word of words) ada.say(word);
    await until(() => delivered(ada) && bodies(ada).length === words.length, "260 messages");
    const bob = await enter(pages.bob, name);
    expect(bodies(bob)).toEqual(words.slice(-200));
    expect(bob.history.peek().more).toBe(true);
    await bob.loadHistory(50);
    expect(bodies(bob)).toEqual(words.slice(-250));
    await bob.loadHistory(50);
    expect(bodies(bob)).toEqual(words);
    expect(bob.history.peek()).toMatchObject({ more: false, error: null });
  });

  it("reload and are the same participant, with the chat", async () => {
    const page = await jupyter.page("ada");
    const name = `reload-${room++}`;
    const ada = await enter(page, name);
    ada.say("before");
    await until(() => delivered(ada) && bodies(ada).length === 1);
    const you = ada.you.peek()!.id;
    const session = await enter(page.reload(), name);
    expect(session.you.peek()!.id).toBe(you);
    expect(bodies(session)).toEqual(["before"]);
  });

  it("are told who may not, in the relay's words, when the room is locked", async () => {
    const name = `locked-${room++}`;
    const ada = await enter(pages.ada, name);
    await ada.moderate("lock");
    await until(() => ada.roomInfo.peek()?.locked);
    const bob = pages.bob.session({ room: name, baseUrl: jupyter.url });
    bob.join();
    const phase = await inPhase(bob, "ended");
    expect(phase).toMatchObject({ code: "room-locked", canRejoin: true });
    expect(phase.reason).toMatch(/\.$/);
  });

  it("wait in the lobby until the owner lets them in, and are sent away when denied", async () => {
    const name = `lobby-${room++}`;
    const ada = await enter(pages.ada, name);
    expect(ada.rights.peek()).toMatchObject({ chat: true, publish: true, moderate: true });
    await ada.setRoom({ access: "lobby", title: "The lab" });
    await until(() => ada.roomInfo.peek()?.access === "lobby");
    const bob = pages.bob.session({ room: name, baseUrl: jupyter.url });
    bob.join();
    await inPhase(bob, "waiting");
    expect(bob.roomInfo.peek()?.title).toBe("The lab");
    const [knocking] = await until(() => (ada.lobby.peek().length === 1 ? ada.lobby.peek() : null));
    expect(knocking?.user.display_name).toBe("Bob");
    expect(ada.participants.peek().size).toBe(1);
    await ada.moderate("admit", knocking!.id);
    await inPhase(bob, "live");
    await until(() => ada.lobby.peek().length === 0 && ada.participants.peek().size === 2);
    expect(bob.rights.peek()).toMatchObject({ publish: true, moderate: false });
    expect(bob.lobby.peek()).toEqual([]);

    const cyd = (await jupyter.page("cyd")).session({ room: name, baseUrl: jupyter.url });
    cyd.join();
    await inPhase(cyd, "waiting");
    const [again] = await until(() => (ada.lobby.peek().length === 1 ? ada.lobby.peek() : null));
    await ada.moderate("deny", again!.id);
    const phase = await inPhase(cyd, "ended");
    expect(phase).toMatchObject({ code: "denied", canRejoin: true });
    expect(phase.reason).toMatch(/\.$/);
  });

  it("come into a room by invitation only if they are invited, without waiting", async () => {
    const name = `invited-${room++}`;
    const ada = await enter(pages.ada, name);
    await ada.setRoom({ access: "invited" });
    const bob = pages.bob.session({ room: name, baseUrl: jupyter.url });
    bob.join();
    expect(await inPhase(bob, "ended")).toMatchObject({ code: "not-invited" });
    await ada.setRoom({ invite: ["bob"] });
    await until(() => ada.roomInfo.peek()?.invited?.includes("bob"));
    bob.join();
    await inPhase(bob, "live");
    expect(bob.roomInfo.peek()?.invited).toBeUndefined();
    await expect(bob.setRoom({ access: "open" })).rejects.toMatchObject({ code: "not-allowed" });
  });

  it("become observers, who can neither write nor share, and members again", async () => {
    const [ada, bob] = await both();
    const id = bob.you.peek()!.id;
    const { stream } = await bob.publish("camera", VP8);
    await until(() => ada.streams.peek().has(stream));
    await ada.moderate("role", id, "observer");
    await until(() => !bob.rights.peek().publish && !bob.rights.peek().chat);
    await until(() => !ada.streams.peek().has(stream));
    await expect(bob.publish("camera", VP8)).rejects.toMatchObject({ code: "not-allowed" });
    await ada.moderate("role", id, "member");
    await until(() => bob.rights.peek().publish);
    await bob.publish("camera", VP8);
  });

  it("come back by themselves after the server was killed, and nothing is lost or doubled", async () => {
    const [ada, bob] = await both();
    const lost: string[] = [];
    ada.on("republish", ({ streams }) => lost.push(...streams.map((one) => one.source)));
    await ada.publish("camera", VP8);
    ada.setState({ hand: true });
    ada.say("before");
    await until(() => delivered(ada) && bodies(bob).length === 1);
    await jupyter.tell("kill");
    await inPhase(ada, "reconnecting");
    ada.say("while it was away");
    bob.say("me too");
    await jupyter.tell("start");
    await inPhase(ada, "live");
    await inPhase(bob, "live");
    await until(() => bodies(ada).length === 3 && bodies(bob).length === 3);
    await until(() => delivered(ada) && delivered(bob));
    expect(bodies(ada)).toEqual(bodies(bob));
    expect(new Set(bodies(ada))).toEqual(new Set(["before", "while it was away", "me too"]));
    expect(lost).toEqual(["camera"]);
    await until(() => bob.participants.peek().get(ada.you.peek()!.id)?.state.hand);
  }, 120_000);
});
