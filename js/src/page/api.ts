/** The service's REST calls that the page needs besides the session's own. */

import { ConnectFailure, endOf, socketUrl, type Ticket, xsrfToken } from "../session/index.js";

export interface Me {
  readonly name: string;
  readonly displayName: string;
  /** Whether rooms that nobody has made yet are open to this user. */
  readonly mayCreate: boolean;
}

export type Access = "open" | "lobby" | "invited" | "private";

export interface ListedRoom {
  readonly name: string;
  readonly title: string;
  /** People and kernels in it now. */
  readonly participants: number;
  readonly locked: boolean;
  readonly access: Access;
}

export interface GuestEntry {
  readonly ticket: Ticket;
  /** The room the link is for; null if the service did not say. */
  readonly room: string | null;
  /** Sent along with the next request, it makes them the same guest again; null if there is none. */
  readonly guest: string | null;
}

export type FailureKind =
  /** Nobody answers, or not now: trying again may help. */
  | "unreachable"
  /** The hub does not know this browser any more: sign in again. */
  | "signed-out"
  /** A decision: trying again gives the same. */
  | "refused"
  /** The service has a problem of its own. */
  | "broken";

/** Why a call gave nothing; the message is one sentence for people. */
export class PageFailure extends Error {
  constructor(
    readonly kind: FailureKind,
    /** The service's stable code, or the kind. */
    readonly code: string,
    message: string,
    /** Seconds, when the service said how long to wait. */
    readonly retryAfter: number | null = null,
  ) {
    super(message);
  }
}

/** The same as the session understands it: whether to try again, and else why it is over. */
export function asConnectFailure(failure: PageFailure): ConnectFailure {
  if (failure.kind === "signed-out") return new ConnectFailure(failure.message, "signed-out");
  const end = failure.kind === "refused" ? endOf(failure.code) : null;
  return new ConnectFailure(failure.message, end, failure.retryAfter);
}

/** Runs `ask` in a session's stead; its failures become the session's. */
export async function forSession<T>(ask: Promise<T>): Promise<T> {
  try {
    return await ask;
  } catch (error) {
    throw error instanceof PageFailure ? asConnectFailure(error) : error;
  }
}

/** What the calls take from the browser. */
export interface ApiHost {
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  readonly cookies: () => string;
  /** Address of the page. */
  readonly location: () => string;
}

const SIGNED_OUT = "You are signed out: sign in again.";
const UNREACHABLE = "The meeting service does not answer.";
const ACCESS: readonly string[] = ["open", "lobby", "invited", "private"] satisfies Access[];

/** A call that takes longer has failed, ms. */
const PATIENCE_MS = 15_000;

export class Api {
  readonly url: string;

  constructor(
    /** Path of the service, with a final slash. */
    readonly base: string,
    readonly host: ApiHost,
  ) {
    this.url = new URL(`${base}api/`, host.location()).href;
  }

  async me(): Promise<Me> {
    const body = record(await this.#json("me"));
    const name = typeof body.name === "string" ? body.name : "";
    const display = body.display_name;
    return {
      name,
      displayName: typeof display === "string" && display !== "" ? display : name,
      mayCreate: body.may_create === true,
    };
  }

  /** The rooms this user may see. */
  async rooms(): Promise<readonly ListedRoom[]> {
    const body = await this.#json("rooms");
    if (!Array.isArray(body)) throw broken(200, null);
    return body.map(record).flatMap((room) =>
      typeof room.name === "string"
        ? [
            {
              name: room.name,
              title: typeof room.title === "string" && room.title ? room.title : room.name,
              participants: typeof room.participants === "number" ? room.participants : 0,
              locked: room.locked === true,
              // An access this version does not know is at least not an open door.
              access: access(room.access),
            },
          ]
        : [],
    );
  }

  /** A ticket for a room, for who is signed in. */
  async ticket(room: string, signal: AbortSignal): Promise<Ticket> {
    return (await this.#entry("tickets", { room, client: "browser" }, signal)).ticket;
  }

  /** A ticket for the room of a guest link; `guest` is what an earlier entry gave. */
  guestTicket(
    wish: { readonly link: string; readonly name: string; readonly guest: string | null },
    signal?: AbortSignal,
  ): Promise<GuestEntry> {
    const { link, name, guest } = wish;
    const body = guest === null ? { link, name } : { link, name, guest };
    return this.#entry("guest-tickets", body, signal);
  }

  async #entry(path: string, wish: unknown, signal?: AbortSignal): Promise<GuestEntry> {
    const body = record(
      await this.#json(path, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(wish),
        ...(signal ? { signal } : {}),
      }),
    );
    if (typeof body.ticket !== "string" || typeof body.control_url !== "string") {
      throw broken(200, null);
    }
    const sameOrigin = body.same_origin === true;
    const pageUrl = typeof body.page_url === "string" ? body.page_url : null;
    return {
      ticket: {
        ticket: body.ticket,
        controlUrl: socketUrl(body.control_url, this.url, sameOrigin),
        sameOrigin,
        ...(pageUrl === null ? {} : { pageUrl: new URL(pageUrl, this.url).href }),
      },
      room: typeof body.room === "string" ? body.room : null,
      guest: typeof body.guest === "string" ? body.guest : null,
    };
  }

  async #json(path: string, init: RequestInit = {}): Promise<unknown> {
    const xsrf = xsrfToken(this.host.cookies());
    let response: Response;
    try {
      response = await this.host.fetch(this.url + path, {
        credentials: "same-origin",
        cache: "no-store",
        // A sign-in page is an answer to a person, not to this call.
        redirect: "manual",
        signal: AbortSignal.timeout(PATIENCE_MS),
        ...init,
        headers: { ...init.headers, ...(xsrf === null ? {} : { "X-XSRFToken": xsrf }) },
      });
    } catch {
      throw new PageFailure("unreachable", "unreachable", UNREACHABLE);
    }
    if (response.type === "opaqueredirect" || (response.status >= 300 && response.status < 400)) {
      throw new PageFailure("signed-out", "signed-out", SIGNED_OUT);
    }
    const body: unknown = await response.json().catch(() => null);
    if (response.ok && body !== null) return body;
    throw refusal(response, record(body));
  }
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

function access(value: unknown): Access {
  if (value === undefined) return "open";
  return typeof value === "string" && ACCESS.includes(value) ? (value as Access) : "private";
}

function broken(status: number, told: string | null): PageFailure {
  const text = told ?? `The meeting service has a problem (status ${status}); try again later.`;
  return new PageFailure("broken", "broken", text);
}

const SIGN_IN_CODES: ReadonlySet<unknown> = new Set(["not-signed-in", "signed-out"]);

function refusal(response: Response, { code, message }: Record<string, unknown>): PageFailure {
  const { status } = response;
  const told = typeof message === "string" && message !== "" ? message : null;
  // Without a code it is the XSRF check that speaks, for a sign-in of before.
  if (status === 401 || SIGN_IN_CODES.has(code) || (status === 403 && typeof code !== "string")) {
    return new PageFailure("signed-out", "signed-out", SIGNED_OUT);
  }
  const id = typeof code === "string" ? code : null;
  // What the hub or a proxy answers while the service that gave this page is away; and "too fast".
  const away = [502, 503, 504].includes(status) || (status === 404 && id === null);
  if (away || status === 429) {
    const wait = Number(response.headers.get("Retry-After")) || null;
    return new PageFailure("unreachable", id ?? "unreachable", told ?? UNREACHABLE, wait);
  }
  if (status >= 500 || status < 400 || id === null) return broken(status, told);
  return new PageFailure("refused", id, told ?? "The meeting service refused this.");
}
