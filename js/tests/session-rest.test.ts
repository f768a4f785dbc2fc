import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import type { MeetSession } from "../src/session/session.js";
import { inPhase, Page } from "./page.js";
import { person, SmallRelay } from "./small-relay.js";

interface Call {
  readonly method: string;
  readonly path: string;
  readonly xsrf: unknown;
  readonly session: unknown;
  readonly body: unknown;
}

type Answer = (call: Call) => readonly [status: number, body?: unknown];

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** A service at `/services/meet/api/` and a session on its page; `calls` gathers what it asks. */
async function aService(answer: Answer): Promise<[MeetSession, Call[]]> {
  const calls: Call[] = [];
  const server = createServer(async (request: IncomingMessage, response) => {
    const chunks: string[] = [];
    for await (const chunk of request) chunks.push(String(chunk));
    const text = chunks.join("");
    const call = {
      method: request.method ?? "",
      path: request.url ?? "",
      xsrf: request.headers["x-xsrftoken"],
      session: request.headers["x-meet-session"],
      body: text === "" ? undefined : parsed(text),
    };
    calls.push(call);
    const [status, body] = answer(call);
    response.writeHead(status, { "Content-Type": "application/json" });
    response.end(body === undefined ? undefined : JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const relay = await SmallRelay.start();
  onTestFinished(() => relay.stop());
  relay.append(person("p", "bob"), { kind: "message", id: "m2", body: "second" });
  relay.log[0] = { ...relay.log[0]!, offset: 2 };
  const page = new Page();
  page.cookies = "_xsrf=2|abc";
  const session = page.session({
    room: "course/demo",
    baseUrl: `${origin}/`,
    apiUrl: `${origin}/services/meet/api/`,
    fetchTicket: async () => ({ ticket: "t", controlUrl: relay.url, sameOrigin: true }),
  });
  session.join();
  await inPhase(session, "live");
  return [session, calls];
}

const LINK = { id: "7", created_by: "ada", created_at: 1000, expires_at: 5000, uses: 2 };

describe("older messages", () => {
  it("are read with the XSRF header, which a hub checks on reads too", async () => {
    const [session, calls] = await aService(() => [200, { epoch: "e", events: [], more: false }]);
    await session.loadHistory(50);
    expect(calls).toEqual([
      {
        method: "GET",
        path: "/services/meet/api/rooms/course/demo/messages?before=2&limit=50",
        xsrf: "2|abc",
        session: expect.stringMatching(/^media-session-/),
        body: undefined,
      },
    ]);
    expect(session.history.peek()).toEqual({ more: false, loading: false, error: null });
  });

  it("that are refused say so in the server's words, and can be asked for again", async () => {
    const [session] = await aService(() => [
      403,
      { code: "not-allowed", message: "Members only." },
    ]);
    await session.loadHistory();
    expect(session.history.peek()).toEqual({ more: true, loading: false, error: "Members only." });
  });
});

describe("guest links", () => {
  it("are made for some hours, listed without their secret, and taken back", async () => {
    const [session, calls] = await aService(({ method }) =>
      method === "POST"
        ? [201, { ...LINK, url: "/services/meet/guest#secret", label: "Reviewer" }]
        : method === "GET"
          ? [200, [LINK]]
          : [204],
    );
    const made = await session.createGuestLink({ hours: 4, label: "Reviewer" });
    expect(made).toMatchObject({ id: "7", label: "Reviewer", createdBy: "ada", expiresAt: 5000 });
    expect(made.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/services\/meet\/guest#secret$/);
    expect(await session.guestLinks()).toEqual([
      {
        id: "7",
        url: null,
        createdBy: "ada",
        createdAt: 1000,
        expiresAt: 5000,
        uses: 2,
        label: null,
      },
    ]);
    await session.revokeGuestLink("7");
    const path = "/services/meet/api/rooms/course/demo/guest-links";
    expect(calls.map(({ method, path, body }) => [method, path, body])).toEqual([
      ["POST", path, { hours: 4, label: "Reviewer" }],
      ["GET", path, undefined],
      ["DELETE", `${path}/7`, undefined],
    ]);
    expect(calls.every(({ xsrf }) => xsrf === "2|abc")).toBe(true);
  });

  it("that may not be made are refused in the server's words", async () => {
    const [session] = await aService(() => [403, { code: "guests-off", message: "No guests." }]);
    await expect(session.createGuestLink({ hours: 1 })).rejects.toMatchObject({
      code: "guests-off",
      message: "No guests.",
    });
  });

  it("out of reach, or in a form nobody understands, are a failure in a sentence", async () => {
    const [session] = await aService(() => [200, { links: "?" }]);
    await expect(session.guestLinks()).rejects.toThrow(/try again/);
    await expect(session.createGuestLink({ hours: 1 })).rejects.toThrow(/try again/);
    const [other] = await aService(() => [502, "<html>"]);
    await expect(other.revokeGuestLink("7")).rejects.toThrow(/try again/);
  });
});

const FILE = { id: "f1", name: "a b?.png", type: "image/png", size: 3, width: 1, height: 1 };

describe("files", () => {
  it("go up under their name, with what shows who sends them", async () => {
    const [session, calls] = await aService(() => [201, FILE]);
    expect(await session.upload(new Blob(["abc"]), FILE.name)).toEqual(FILE);
    expect(calls).toEqual([
      {
        method: "POST",
        path: "/services/meet/api/rooms/course/demo/files?name=a+b%3F.png",
        xsrf: "2|abc",
        session: expect.stringMatching(/^media-session-/),
        body: "abc",
      },
    ]);
  });

  it("that are refused say so in the server's words, or in a sentence of our own", async () => {
    const full = { code: "room-full", message: "This room's files fill 500 MB." };
    const [session, calls] = await aService(() => [507, full]);
    await expect(session.upload(new Blob(["abc"]), "a")).rejects.toMatchObject(full);
    await expect(session.upload(new Blob(["x".repeat(4000)]), "b")).rejects.toMatchObject({
      code: "too-large",
      message: "“b” is too large: files of up to 3 kB fit.",
    });
    expect(calls.length).toBe(1);
    const [other] = await aService(() => [201, { id: "?" }]);
    await expect(other.upload(new Blob(["abc"]), "a")).rejects.toThrow(/try again/);
  });

  it("are fetched once, however many show them at a time", async () => {
    const [session, calls] = await aService(() => [200, "xyz"]);
    const both = await Promise.all([session.download(FILE), session.download(FILE)]);
    const shares: number[] = [];
    const onProgress = (share: number) => shares.push(share);
    const third = await session.download(FILE, { onProgress });
    expect(new Set([...both, third]).size).toBe(1);
    expect(calls.map(({ path }) => path)).toEqual([
      "/services/meet/api/rooms/course/demo/files/f1",
    ]);
    const other = { ...FILE, id: "f2", type: "image/svg+xml" };
    expect((await session.download(other, { onProgress })).type).toBe("application/octet-stream");
    expect(shares.at(-1)).toBe(1);
  });
});

describe("a search", () => {
  const hit = {
    id: "m1",
    offset: 4,
    at: 5,
    by: person("p", "bob"),
    snippet: "a fit",
    marks: [[2, 3]],
  };

  it("asks for words and for the page before an offset, and leaves out what it cannot read", async () => {
    const answer = { epoch: "e", hits: [hit, { id: 7 }, { ...hit, marks: "?" }], more: true };
    const [session, calls] = await aService(() => [200, answer]);
    const page = await session.search("a & b", { before: 9 });
    expect(calls[0]?.path).toMatch(/\/search\?q=a\+%26\+b&limit=\d+&before=9$/);
    expect(page.more).toBe(true);
    expect(page.hits).toMatchObject([{ id: "m1", marks: [[2, 3]] }, { marks: [] }]);
  });

  it("that fails says so in a sentence", async () => {
    const [session] = await aService(() => [200, {}]);
    await expect(session.search("x")).rejects.toThrow(/try again/);
  });
});
