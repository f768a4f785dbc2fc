import { createServer, type IncomingMessage, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import fc from "fast-check";
import { describe, expect, it, onTestFinished } from "vitest";
import { backoff } from "../src/session/backoff.js";
import { DEFAULT_TIMINGS } from "../src/session/environment.js";
import { shared } from "../src/session/registry.js";
import { fetchTicket, socketUrl, xsrfToken } from "../src/session/ticket.js";
import { inPhase, Page, until } from "./page.js";
import { SmallRelay } from "./small-relay.js";

/** A Jupyter server of which only the ticket endpoint is there. */
async function aServer(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/a/`;
}

const answering =
  (status: number, body: unknown): RequestListener =>
  (_request, response) => {
    response.writeHead(status, { "Content-Type": "application/json" });
    response.end(typeof body === "string" ? body : JSON.stringify(body));
  };

const GRANTED = {
  ticket: "one-time",
  expires_in: 30,
  control_url: "ws://inside.cluster:9999/a/meet/api/control",
  media_url: "ws://inside.cluster:9999/a/meet/api/media",
  same_origin: true,
};

describe("a ticket", () => {
  it("is asked for with the XSRF cookie's token, and its address is as this page reaches it", async () => {
    let seen: IncomingMessage | undefined;
    const base = await aServer((request, response) => {
      seen = request;
      answering(201, GRANTED)(request, response);
    });
    const page = new Page();
    page.cookies = "other_xsrf=no; _xsrf=2|abc; username=ada";
    const signal = new AbortController().signal;
    const ticket = await fetchTicket(page.environment(), `${base}meet/api/`, "course/lab", signal);
    expect(seen?.method).toBe("POST");
    expect(seen?.url).toBe("/a/meet/api/tickets");
    expect(seen?.headers["x-xsrftoken"]).toBe("2|abc");
    expect(ticket).toEqual({
      ticket: "one-time",
      controlUrl: `${base.replace("http", "ws")}meet/api/control`,
      sameOrigin: true,
    });
  });

  it.each([
    [404, "Not Found", "not-installed", /pip install meetwidget/],
    [403, { message: "'_xsrf' argument missing" }, "signed-out", /reload the page/],
    [403, { code: "not-signed-in", message: "Sign in." }, "signed-out", /reload the page/],
    [401, "", "signed-out", /reload the page/],
    [200, "<html>Sign in</html>", "signed-out", /reload the page/],
    [403, { code: "not-allowed", message: "Only members may." }, "not-allowed", /Only members may/],
    [403, { code: "not-invited", message: "Ask Ada." }, "not-invited", /Ask Ada/],
    [403, { code: "not-a-code-of-today", message: "No guests." }, "not-allowed", /No guests/],
    [404, { code: "not-found", message: "No such room." }, "not-allowed", /No such room/],
    [400, { code: "invalid-room", message: "No such name." }, "invalid-room", /No such name/],
  ] as const)(
    "refused with %i %j ends the attempt in a sentence",
    async (status, body, code, reason) => {
      const baseUrl = await aServer(answering(status, body));
      const session = new Page().session({ baseUrl });
      session.join();
      const phase = await inPhase(session, "ended");
      expect(phase.code).toBe(code);
      expect(phase.reason).toMatch(reason);
    },
  );

  it("is asked for again while the server is away or has a problem", async () => {
    let tries = 0;
    const baseUrl = await aServer((request, response) => {
      tries += 1;
      if (tries === 1) request.socket.destroy();
      else answering(503, "busy")(request, response);
    });
    const session = new Page().session({ baseUrl });
    session.join();
    await until(() => tries >= 4);
    const phase = session.phase.peek();
    expect(phase.kind).toBe("reconnecting");
    session.leave();
  });

  it.each(["service-away", "restarting"])(
    "refused with %s is asked for again, and people read the server's sentence meanwhile",
    async (code) => {
      const message = "The hub's meeting service is away; this goes on trying.";
      const session = new Page().session({
        baseUrl: await aServer(answering(503, { code, message })),
      });
      session.join();
      const phase = await until(() => {
        const now = session.phase.peek();
        return now.kind === "reconnecting" && now.attempt >= 2 ? now : null;
      });
      expect(phase.reason).toBe(message);
    },
  );

  it("is not asked for again before the server wants to be asked", async () => {
    const baseUrl = await aServer((_request, response) => {
      response.writeHead(429, { "Retry-After": "600" });
      response.end(JSON.stringify({ code: "too-fast", message: "Wait ten minutes." }));
    });
    const session = new Page().session({ baseUrl });
    const asked = Date.now();
    session.join();
    const phase = await inPhase(session, "reconnecting");
    expect(phase.reason).toBe("Wait ten minutes.");
    expect(phase.retryAt).toBeGreaterThanOrEqual(asked + 600_000);
  });

  it("is asked for at the API's own address where the page is not a Jupyter server's", async () => {
    let asked = "";
    const base = await aServer((request, response) => {
      asked = request.url ?? "";
      answering(403, { code: "not-allowed", message: "No." })(request, response);
    });
    const apiUrl = new URL("/services/meet/api/", base).href;
    const session = new Page().session({ baseUrl: base, apiUrl });
    expect(session.apiUrl).toBe(apiUrl);
    session.join();
    await inPhase(session, "ended");
    expect(asked).toBe("/services/meet/api/tickets");
  });

  it("tells the room's own page, as this page reaches it; what is no web address is none", async () => {
    const page = async (page_url: unknown) => {
      const base = await aServer(answering(201, { ...GRANTED, page_url }));
      const signal = new AbortController().signal;
      const { pageUrl } = await fetchTicket(new Page().environment(), base, "demo", signal);
      return pageUrl?.replace(new URL(base).origin, "");
    };
    expect(await page("/services/meet/rooms/demo")).toBe("/services/meet/rooms/demo");
    expect(await page("https://meet--service.hub.example/rooms/demo")).toBe(
      "https://meet--service.hub.example/rooms/demo",
    );
    for (const none of ["javascript:alert(1)", "http://[", 7, undefined]) {
      expect(await page(none)).toBeUndefined();
    }
  });

  it("with absolute addresses is used as given where the relay has a host of its own", async () => {
    const granted = {
      ...GRANTED,
      control_url: "wss://meet--service.hub.example/services/meet/api/control",
      same_origin: false,
    };
    const base = await aServer(answering(201, granted));
    const signal = new AbortController().signal;
    const ticket = await fetchTicket(new Page().environment(), base, "demo", signal);
    expect(ticket).toMatchObject({ controlUrl: granted.control_url, sameOrigin: false });
  });

  it("is still asked for when a server that was there before answers 404 while it restarts", async () => {
    const relay = await SmallRelay.start();
    onTestFinished(() => relay.stop());
    let up = true;
    let refused = 0;
    const baseUrl = await aServer((request, response) => {
      if (!up) refused += 1;
      const granted = { ...GRANTED, control_url: relay.url, same_origin: false };
      answering(up ? 201 : 404, up ? granted : "")(request, response);
    });
    const session = new Page().session({ baseUrl });
    session.join();
    await inPhase(session, "live");
    up = false;
    relay.drop();
    await until(() => refused >= 3);
    expect(session.phase.peek().kind).toBe("reconnecting");
    up = true;
    await inPhase(session, "live");
  });
});

describe("socket addresses", () => {
  it("take host and scheme from where the page is only when the relay is the same server", () => {
    const reached = "https://hub.example/user/ada/meet/api/tickets";
    const inside = "ws://10.0.0.7:8888/user/ada/meet/api/control";
    expect(socketUrl(inside, reached, true)).toBe("wss://hub.example/user/ada/meet/api/control");
    expect(socketUrl(inside, reached, false)).toBe(inside);
    expect(socketUrl("wss://meet.example/s", reached, false)).toBe("wss://meet.example/s");
    expect(socketUrl(inside, "http://127.0.0.1:8888/lab", true)).toBe(
      "ws://127.0.0.1:8888/user/ada/meet/api/control",
    );
  });
});

describe("the XSRF cookie", () => {
  it("is found among others, the first of several, and missing is not an error", () => {
    expect(xsrfToken("_xsrf=a")).toBe("a");
    expect(xsrfToken("x=1; _xsrf=a; _xsrf=b")).toBe("a");
    expect(xsrfToken("my_xsrf=a")).toBeNull();
    expect(xsrfToken("")).toBeNull();
  });
});

describe("back-off", () => {
  it("spreads over an interval that doubles up to a cap", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1000 }),
        fc.float({ min: 0, max: 1, noNaN: true }),
        (attempt, draw) => {
          const wait = backoff(attempt, DEFAULT_TIMINGS, () => draw);
          expect(wait).toBeGreaterThanOrEqual(0);
          expect(wait).toBeLessThanOrEqual(Math.min(15_000, 500 * 2 ** (attempt - 1)));
        },
      ),
    );
    expect([1, 2, 3, 9].map((attempt) => backoff(attempt, DEFAULT_TIMINGS, () => 1))).toEqual([
      500, 1000, 2000, 15_000,
    ]);
  });
});

describe("the page's registry", () => {
  it("gives all copies of one version the same object, and another version its own", () => {
    const made = shared("test", () => ({}), "1.0.0");
    expect(shared("test", () => ({}), "1.0.0")).toBe(made);
    expect(shared("test", () => ({}), "2.0.0")).not.toBe(made);
    expect(Object.getOwnPropertySymbols(globalThis)).toContain(Symbol.for("meetwidget"));
  });
});
