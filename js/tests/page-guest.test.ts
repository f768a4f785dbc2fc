import { describe, expect, it } from "vitest";
import { type Api, type GuestEntry, PageFailure } from "../src/page/api.js";
import { guestNameProblem, MAX_GUEST_NAME, openPass } from "../src/page/guest.js";

const BASE = "/services/meet/";
const signal = new AbortController().signal;

const entry = (ticket: string, over: Partial<GuestEntry> = {}): GuestEntry => ({
  ticket: { ticket, controlUrl: "ws://h/c", pageUrl: `http://h${BASE}rooms/lab` },
  room: null,
  guest: null,
  ...over,
});

const ZOE = { name: "Zoe", guest: null };
const open = (api: Api) => openPass(api, "link", ZOE, () => {});

/** An API whose guest tickets are these, one after the other. */
function apiWith(...answers: (GuestEntry | PageFailure)[]): Api {
  const left = [...answers];
  return {
    base: BASE,
    host: { location: () => `http://h${BASE}guest` },
    guestTicket: async () => {
      const next = left.shift();
      if (next === undefined) throw new Error("nobody expected this call");
      if (next instanceof PageFailure) throw next;
      return next;
    },
  } as unknown as Api;
}

describe("a guest's pass", () => {
  it("gives the ticket it was opened with first, and a new one for each reconnect", async () => {
    const pass = await open(apiWith(entry("one"), entry("two")));
    expect((await pass.fetchTicket(signal)).ticket).toBe("one");
    expect((await pass.fetchTicket(signal)).ticket).toBe("two");
  });

  it("is for the room that the service names, or that the room's page names", async () => {
    expect((await open(apiWith(entry("t", { room: "a/b" })))).room).toBe("a/b");
    expect((await open(apiWith(entry("t")))).room).toBe("lab");
  });

  it("is not opened for a room that nobody names", async () => {
    const unnamed = entry("t", { ticket: { ticket: "t", controlUrl: "ws://h/c" } });
    await expect(open(apiWith(unnamed))).rejects.toThrow(/which room/);
  });

  it("ends for good when the link was taken back, and not when the service is away", async () => {
    const revoked = new PageFailure("refused", "bad-link", "This link is over.");
    const away = new PageFailure("unreachable", "unreachable", "Nobody answers.");
    const pass = await open(apiWith(entry("one"), away, revoked));
    await pass.fetchTicket(signal);
    await expect(pass.fetchTicket(signal)).rejects.toMatchObject({ end: null });
    await expect(pass.fetchTicket(signal)).rejects.toMatchObject({
      end: "not-allowed",
      message: "This link is over.",
    });
  });
});

describe("a guest who lost the line", () => {
  it("asks for new tickets as the same guest, and is known to the tab as that one", async () => {
    const asked: unknown[] = [];
    const learned: unknown[] = [];
    const api = apiWith(entry("one", { guest: "pass-1" }), entry("two", { guest: "pass-1" }));
    const recorded = {
      ...api,
      guestTicket: (wish: Parameters<Api["guestTicket"]>[0]) => {
        asked.push(wish);
        return api.guestTicket(wish);
      },
    } as Api;
    const pass = await openPass(recorded, "link", ZOE, (guest) => void learned.push(guest));
    await pass.fetchTicket(signal);
    await pass.fetchTicket(signal);
    expect(asked).toEqual([
      { link: "link", name: "Zoe", guest: null },
      { link: "link", name: "Zoe", guest: "pass-1" },
    ]);
    expect(learned.at(-1)).toEqual({ name: "Zoe", guest: "pass-1" });
  });
});

describe("a guest's name", () => {
  it("is asked for again when it is empty or too long, counted in characters", () => {
    expect(guestNameProblem("  ")).toMatch(/name/);
    expect(guestNameProblem("x".repeat(MAX_GUEST_NAME + 1))).toMatch(`${MAX_GUEST_NAME}`);
    expect(guestNameProblem("𝒵".repeat(MAX_GUEST_NAME))).toBeNull();
    expect(guestNameProblem(" Zoë ")).toBeNull();
  });
});
