import { createServer, type IncomingMessage, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { Api, forSession, PageFailure } from "../src/page/api.js";
import type { ConnectFailure } from "../src/session/index.js";

const BASE = "/services/meet/";

/** The page's calls to a service of which only the answers are there. */
async function apiTo(answer: RequestListener, cookies = "_xsrf=2|abc"): Promise<Api> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return new Api(BASE, { fetch, cookies: () => cookies, location: () => origin + BASE });
}

const answering =
  (status: number, body: unknown, headers: Record<string, string> = {}): RequestListener =>
  (_request, response) => {
    response.writeHead(status, { "Content-Type": "application/json", ...headers });
    response.end(typeof body === "string" ? body : JSON.stringify(body));
  };

async function failure(call: Promise<unknown>): Promise<PageFailure> {
  return await call.then(
    () => Promise.reject(new Error("it did not fail")),
    (error: PageFailure) => error,
  );
}

describe("the page's calls", () => {
  it("show the XSRF token of the service's own cookie, reading ones too", async () => {
    let seen: IncomingMessage | undefined;
    const api = await apiTo((request, response) => {
      seen = request;
      answering(200, [])(request, response);
    });
    await api.rooms();
    expect(seen?.url).toBe("/services/meet/api/rooms");
    expect(seen?.headers["x-xsrftoken"]).toBe("2|abc");
  });

  it("take a user without a display name by their name", async () => {
    const api = await apiTo(answering(200, { name: "ada", display_name: "", may_create: false }));
    expect(await api.me()).toEqual({ name: "ada", displayName: "ada", mayCreate: false });
  });

  it("read the rooms, and treat an access they do not know as a closed door", async () => {
    const api = await apiTo(
      answering(200, [
        { name: "a", title: "", participants: 2, locked: true },
        { name: "b", title: "B", participants: 0, locked: false, access: "by-moonlight" },
        { title: "no name" },
      ]),
    );
    expect(await api.rooms()).toEqual([
      { name: "a", title: "a", participants: 2, locked: true, access: "open" },
      { name: "b", title: "B", participants: 0, locked: false, access: "private" },
    ]);
  });

  it.each([
    [401, {}, "signed-out"],
    [403, { code: "not-signed-in", message: "Sign in." }, "signed-out"],
    [403, { code: "signed-out", message: "Reload." }, "signed-out"],
    [403, "<html>", "signed-out"],
    [403, { code: "no-join-scope", message: "You may not." }, "refused"],
    [400, { code: "invalid-name", message: "No such name." }, "refused"],
    [502, "<html>", "unreachable"],
    [404, "<html>", "unreachable"],
    [404, { code: "not-found", message: "No such room." }, "refused"],
    [429, { code: "too-fast", message: "Try again in 3 s." }, "unreachable"],
    [503, { code: "hub-away", message: "The hub does not answer." }, "unreachable"],
    [500, {}, "broken"],
    [200, "<html>", "broken"],
  ] as const)("say of status %i with %j that it is %3$s", async (status, body, kind) => {
    const failed = await failure((await apiTo(answering(status, body))).rooms());
    expect(failed.kind).toBe(kind);
    const told = (body as { message?: string }).message;
    if (kind !== "signed-out" && told) expect(failed.message).toBe(told);
    expect(failed.message).toMatch(/\.$/);
  });

  it("follow no way to a sign-in page, which answers a person and not a call", async () => {
    const api = await apiTo(answering(302, "", { Location: "/hub/login" }));
    expect((await failure(api.rooms())).kind).toBe("signed-out");
  });

  it("say so when nobody answers", async () => {
    const api = await apiTo((request) => request.socket.destroy());
    expect((await failure(api.rooms())).kind).toBe("unreachable");
  });
});

describe("a failure, as a session understands it,", () => {
  it.each([
    ["signed-out", "signed-out", "signed-out"],
    ["refused", "room-locked", "room-locked"],
    ["refused", "no-join-scope", "not-allowed"],
    ["unreachable", "unreachable", null],
    ["broken", "broken", null],
  ] as const)("ends a %s (%s) as %s", async (kind, code, end) => {
    const told = await forSession(Promise.reject(new PageFailure(kind, code, "Why."))).catch(
      (error: ConnectFailure) => error,
    );
    expect(told).toMatchObject({ end, message: "Why." });
  });
});

it("a service that says how long to wait is waited for so long", async () => {
  const api = await apiTo(
    answering(429, { code: "too-fast", message: "Try again in 7 s." }, { "Retry-After": "7" }),
  );
  const told = await forSession(api.ticket("lab", new AbortController().signal)).catch(
    (error: ConnectFailure) => error,
  );
  expect(told).toMatchObject({ end: null, retryAfter: 7 });
});

describe("a guest's ticket", () => {
  const GRANTED = {
    ticket: "t",
    control_url: "ws://inside:1/services/meet/api/control",
    same_origin: true,
    page_url: "/services/meet/rooms/course/lab",
    guest: "a-pass",
  };

  it("is asked for with link and name, and its addresses are as this page reaches them", async () => {
    let sent = "";
    const api = await apiTo((request, response) => {
      request.on("data", (part) => {
        sent += part;
      });
      request.on("end", () => answering(201, GRANTED)(request, response));
    });
    const wish = { link: "secret", name: "Zoe", guest: null };
    const { ticket, guest } = await api.guestTicket(wish);
    expect(JSON.parse(sent)).toEqual({ link: "secret", name: "Zoe" });
    expect(guest).toBe("a-pass");
    const origin = new URL(api.url);
    expect(ticket.controlUrl).toBe(`ws://${origin.host}/services/meet/api/control`);
    expect(ticket.pageUrl).toBe(`${origin.origin}/services/meet/rooms/course/lab`);
  });

  it("of an answer without one is a failure and not a crash", async () => {
    const api = await apiTo(answering(201, { ticket: 5 }));
    expect((await failure(api.guestTicket({ link: "l", name: "n", guest: null }))).kind).toBe(
      "broken",
    );
  });
});
