/**
 * Calls of the REST API below one room: with the XSRF header and with the session's token (by
 * which a guest is known), and every failure in one sentence for people.
 */

import type { Environment } from "./environment.js";
import { MeetingError } from "./failure.js";
import { jupyterHeaders } from "./ticket.js";

export interface RestInit {
  readonly method?: string;
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
}

/** The failure that an answer tells: the server's code and words, or `failed` and `otherwise`. */
export function refusal(answer: unknown, otherwise: string): MeetingError {
  const { code, message } = (answer ?? {}) as Record<string, unknown>;
  return new MeetingError(
    typeof code === "string" ? code : "failed",
    typeof message === "string" && message !== "" ? message : otherwise,
  );
}

/** The failure that an aborted call ends with. */
export function cancelled(): MeetingError {
  return new MeetingError("cancelled", "This was cancelled.");
}

export class RoomRest {
  /** Absolute, with a final slash. */
  readonly url: string;

  /** `token` reads the session's media token; null while there is none. */
  constructor(
    readonly environment: Environment,
    readonly apiUrl: string,
    room: string,
    readonly token: () => string | null,
  ) {
    this.url = `${apiUrl}rooms/${room}/`;
  }

  /** Who asks. A hub checks the XSRF header on reads too. */
  headers(): Record<string, string> {
    const token = this.token();
    return {
      ...jupyterHeaders(this.environment),
      ...(token === null ? {} : { "X-Meet-Session": token }),
    };
  }

  /** The answer to a call that went well. Throws MeetingError. */
  async open(path: string, otherwise: string, init: RestInit = {}): Promise<Response> {
    const { method = "GET", body, signal } = init;
    const response = await this.environment
      .fetch(this.url + path, {
        method,
        credentials: "same-origin",
        headers: { "Content-Type": "application/json", ...this.headers() },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        ...(signal === undefined ? {} : { signal }),
      })
      .catch(() => null);
    if (response?.ok) return response;
    if (signal?.aborted) throw cancelled();
    throw refusal(await response?.json().catch(() => null), otherwise);
  }

  /** The answer's JSON, null for one without a body. Throws MeetingError. */
  async ask(path: string, otherwise: string, init: RestInit = {}): Promise<unknown> {
    const response = await this.open(path, otherwise, init);
    return (await response.json().catch(() => null)) ?? null;
  }
}
