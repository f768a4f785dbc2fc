import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { MeetSession } from "../src/session/session.js";
import type { ChatMessage } from "../src/session/types.js";
import { Jupyter } from "./jupyter.js";
import { inPhase, type Page, record, until } from "./page.js";

/** A picture of 2 × 1 pixels. */
const GIF = Buffer.from("R0lGODlhAgABAIAAAAAAAP///yH5BAAAAAAALAAAAAACAAEAAAICBAoAOw==", "base64");

describe("the chat at a real Jupyter server", () => {
  let jupyter: Jupyter;
  let pages: Record<"ada" | "bob" | "cyd", Page>;
  let room = 0;
  beforeAll(async () => {
    jupyter = await Jupyter.start();
    pages = {
      ada: await jupyter.page("ada"),
      bob: await jupyter.page("bob"),
      cyd: await jupyter.page("cyd"),
    };
  }, 120_000);
  afterAll(() => jupyter?.end());

  const enter = async (page: Page, name: string): Promise<MeetSession> => {
    const session = page.session({ room: name, baseUrl: jupyter.url });
    session.join();
    await inPhase(session, "live");
    return session;
  };
  /** Ada, who owns the room, and Bob. */
  const both = async (): Promise<[MeetSession, MeetSession, string]> => {
    const name = `course/chat-${room++}`;
    return [await enter(pages.ada, name), await enter(pages.bob, name), name];
  };
  const said = (session: MeetSession, body: string): Promise<ChatMessage> =>
    until(() => session.messages.peek().find((one) => one.body === body && one.id !== null));

  it("holds polls: people choose and change their mind, their maker ends them", async () => {
    const [ada, bob] = await both();
    bob.say("Which?", { poll: { options: ["one", "two"] } });
    const id = (await said(ada, "Which?")).id!;
    const poll = (session: MeetSession) => session.message(id)?.poll;
    await ada.vote(id, [0]);
    await bob.vote(id, [0]);
    await bob.vote(id, [1]);
    await until(() => poll(ada)?.options[1]?.by.length === 1);
    expect(poll(ada)).toMatchObject({
      voters: 2,
      multiple: false,
      options: [
        { text: "one", mine: true, by: [{ user: { name: "ada" } }] },
        { text: "two", mine: false, by: [{ user: { name: "bob" } }] },
      ],
    });
    await expect(ada.vote(id, [0, 1])).rejects.toThrow(/\.$/);
    await expect(ada.vote(id, [5])).rejects.toThrow(/\.$/);
    await ada.vote(id, []);
    await until(() => poll(bob)?.voters === 1);
    await bob.closePoll(id);
    await until(() => poll(ada)?.closed);
    await expect(ada.vote(id, [0])).rejects.toThrow(/\.$/);
    expect(ada.notices.peek().length).toBe(3);
    expect(poll(ada)).toEqual({ ...poll(bob)!, options: poll(ada)!.options });
  });

  it("carries files: their content, what they are, and nothing that could run", async () => {
    const [ada, bob] = await both();
    const shares: number[] = [];
    const onProgress = (share: number) => shares.push(share);
    const picture = await ada.upload(new Blob([GIF]), "dot.gif", { onProgress });
    expect(picture).toMatchObject({ name: "dot.gif", type: "image/gif", size: GIF.length });
    expect(picture).toMatchObject({ width: 2, height: 1 });
    expect(shares.at(-1)).toBe(1);
    const page = await ada.upload(new Blob(["<script>alert(1)</script>"]), "a.html");
    ada.say("Look", { files: [picture, page] });
    const message = await said(bob, "Look");
    expect(message.files).toEqual([picture, page]);
    const content = await bob.download(picture);
    expect(content.type).toBe("image/gif");
    expect(Buffer.from(await content.arrayBuffer())).toEqual(GIF);
    expect(await bob.download(picture)).toBe(content);
    expect((await bob.download(page)).type).toBe("application/octet-stream");
    await ada.remove(message.id!);
    await expect(ada.download(page)).rejects.toMatchObject({ code: "not-found" });
  });

  it("refuses what is too large before it is sent, and drops what is cancelled", async () => {
    const [ada] = await both();
    const most = ada.limits.peek()!.file_bytes!;
    const large = { size: most + 1 } as Blob;
    await expect(ada.upload(large, "all.zip")).rejects.toMatchObject({
      code: "too-large",
      message: "“all.zip” is too large: files of up to 25 MB fit.",
    });
    const abort = new AbortController();
    const sending = ada.upload(new Blob([GIF]), "dot.gif", {
      signal: abort.signal,
      onProgress: () => abort.abort(),
    });
    await expect(sending).rejects.toMatchObject({ code: "cancelled" });
  });

  it("tells the readers of a private message, and whom a message names", async () => {
    const [ada, bob, name] = await both();
    const cyd = await enter(pages.cyd, name);
    ada.say("psst", { to: [bob.you.peek()!.id] });
    expect((await said(bob, "psst")).readers?.map((user) => user.name)).toEqual(["bob"]);
    ada.say("@Cyd hello", {
      mentions: [{ name: "cyd", text: "Cyd" }],
      location: { path: "lab-3.ipynb", cell: "c1" },
    });
    expect(await said(cyd, "@Cyd hello")).toMatchObject({
      mentionsMe: true,
      location: { path: "lab-3.ipynb", cell: "c1" },
    });
    expect((await said(bob, "@Cyd hello")).mentionsMe).toBe(false);
    expect(cyd.messages.peek().map((one) => one.body)).toEqual(["@Cyd hello"]);
    expect((await cyd.search("psst")).hits).toEqual([]);
  });

  it("pins, finds, and reads around what was said long ago, as it is now", async () => {
    const [ada, bob, name] = await both();
    ada.say("The **beginning** of it all");
    const first = (await said(bob, "The **beginning** of it all")).id!;
    for (let number = 1; number <= 450; number += 1) bob.say(`line ${number}`);
    await said(ada, "line 450");
    await bob.react(first, "👍", true);
    await expect(bob.pin(first, true)).rejects.toMatchObject({ code: "not-allowed" });
    await ada.pin(first, true);
    const cyd = await enter(pages.cyd, name);
    expect(cyd.pinned.peek().map((one) => one.id)).toEqual([first]);
    expect(cyd.messages.peek().length).toBeLessThan(250);
    expect(cyd.messages.peek().some((one) => one.id === first)).toBe(false);

    const { hits, more } = await cyd.search("begin");
    expect(more).toBe(false);
    expect(hits).toMatchObject([{ id: first, by: { user: { name: "ada" } } }]);
    const [start, length] = hits[0]!.marks[0]!;
    expect(hits[0]!.snippet.slice(start, start + length).toLowerCase()).toMatch(/^begin/);
    const page = await cyd.search("line");
    expect(page.more).toBe(true);
    const next = await cyd.search("line", { before: page.hits.at(-1)!.offset });
    expect(next.hits[0]!.offset).toBeLessThan(page.hits.at(-1)!.offset);
    await expect(cyd.search("line", { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: "cancelled",
    });

    expect(await cyd.visit(first)).toBe(true);
    const passage = () => cyd.passage.peek();
    expect(passage()).toMatchObject({ focus: first, older: false, newer: true });
    expect(passage()!.messages[0]).toMatchObject({ id: first, reactions: [{ emoji: "👍" }] });
    await ada.edit(first, "The end of it all");
    await until(() => passage()?.messages[0]?.body === "The end of it all");
    const lengths = record(cyd.passage);
    while (passage()) await cyd.loadPassage("newer");
    expect(lengths.every((one) => (one?.error ?? null) === null)).toBe(true);
    const all = cyd.messages.peek().map((one) => one.body);
    const lines = Array.from({ length: 450 }, (_, index) => `line ${index + 1}`);
    expect(all).toEqual(["The end of it all", ...lines]);
    expect(cyd.history.peek().more).toBe(false);
    expect(await cyd.visit("nobody")).toBe(false);
    expect(await cyd.find("nobody")).toBeNull();
  }, 60_000);

  it("gives the meeting as a file in each format", async () => {
    const [ada] = await both();
    ada.say("To be kept");
    await said(ada, "To be kept");
    const text = async (format: "ipynb" | "md" | "json") => (await ada.transcript(format)).text();
    expect(await text("md")).toContain("To be kept");
    expect(JSON.parse(await text("ipynb"))).toMatchObject({ nbformat: 4 });
    expect(JSON.parse(await text("json")).events).toHaveLength(1);
  });
});
