/** Asks the page's own server for a ticket, and says in a sentence why there is none. */

import { endOf } from "./ending.js";
import type { Environment } from "./environment.js";
import { ConnectFailure } from "./failure.js";
import type { Ticket } from "./types.js";

const UNREACHABLE = "The server does not answer.";
const NOT_INSTALLED =
  "This server has no meetwidget extension: run `pip install meetwidget` where it runs, and restart it.";
const SIGNED_OUT = "The server does not accept this page's sign-in: sign in and reload the page.";

/** The value of Jupyter's XSRF cookie; of several paths, the most specific comes first. */
export function xsrfToken(cookies: string): string | null {
  return /(?:^|;\s*)_xsrf=([^;]*)/.exec(cookies)?.[1] ?? null;
}

/** Headers that let a request through Jupyter's XSRF check. */
export function jupyterHeaders(environment: Environment): Record<string, string> {
  const token = xsrfToken(environment.cookies());
  return token === null ? {} : { "X-XSRFToken": token };
}

/**
 * `url` as a WebSocket address as seen from `reached`: with `sameOrigin`, scheme, host and port
 * are those of `reached`, since a proxy on the way may have changed the host the server saw.
 */
export function socketUrl(url: string, reached: string, sameOrigin: boolean): string {
  const target = new URL(url, reached);
  const origin = sameOrigin ? new URL(reached) : target;
  const secure = origin.protocol === "https:" || origin.protocol === "wss:";
  return `${secure ? "wss:" : "ws:"}//${origin.host}${target.pathname}${target.search}`;
}

async function refusal(response: Response): Promise<ConnectFailure> {
  const body: unknown = await response.json().catch(() => null);
  const { code, message } = (body ?? {}) as { code?: unknown; message?: unknown };
  const told = typeof message === "string" && message !== "" ? message : null;
  switch (response.status) {
    case 404:
    case 405:
      return typeof code === "string" && told !== null
        ? new ConnectFailure(told, "not-allowed")
        : new ConnectFailure(NOT_INSTALLED, "not-installed");
    case 400:
      return code === "invalid-room"
        ? new ConnectFailure(told ?? "This room name is not valid.", "invalid-room")
        : new ConnectFailure(told ?? "The server refused the request.", "protocol");
    case 401:
      return new ConnectFailure(SIGNED_OUT, "signed-out");
    case 403:
      return typeof code === "string" && code !== "not-signed-in"
        ? new ConnectFailure(told ?? "You may not join this room.", endOf(code))
        : new ConnectFailure(SIGNED_OUT, "signed-out");
    default:
      return new ConnectFailure(
        told ?? `The server has a problem (status ${response.status}).`,
        null,
        Number(response.headers.get("Retry-After")) || null,
      );
  }
}

/** `text` as an absolute web address seen from `reached`; undefined if it is none. */
function pageAddress(text: unknown, reached: string): string | undefined {
  if (typeof text !== "string" || !URL.canParse(text, reached)) return undefined;
  const { protocol, href } = new URL(text, reached);
  return protocol === "https:" || protocol === "http:" ? href : undefined;
}

/**
 * A ticket for `room` from the API at `apiUrl` (absolute). Throws ConnectFailure, whose `end`
 * says whether trying again is of no use.
 */
export async function fetchTicket(
  environment: Environment,
  apiUrl: string,
  room: string,
  signal: AbortSignal,
): Promise<Ticket> {
  const url = `${apiUrl}tickets`;
  let response: Response;
  try {
    response = await environment.fetch(url, {
      method: "POST",
      credentials: "same-origin",
      headers: { "Content-Type": "application/json", ...jupyterHeaders(environment) },
      body: JSON.stringify({ room, client: "browser" }),
      signal,
    });
  } catch {
    throw new ConnectFailure(UNREACHABLE);
  }
  if (!response.ok) throw await refusal(response);
  const body: unknown = await response.json().catch(() => null);
  const answer = (body ?? {}) as Record<string, unknown>;
  if (typeof answer.ticket !== "string" || typeof answer.control_url !== "string") {
    // A sign-in page with status 200 ends up here.
    throw new ConnectFailure(SIGNED_OUT, "signed-out");
  }
  const sameOrigin = answer.same_origin === true;
  const pageUrl = pageAddress(answer.page_url, url);
  return {
    ticket: answer.ticket,
    controlUrl: socketUrl(answer.control_url, url, sameOrigin),
    sameOrigin,
    ...(pageUrl === undefined ? {} : { pageUrl }),
  };
}
