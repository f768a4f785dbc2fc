/** Calls of the REST API: with the XSRF header, and every failure in one sentence for people. */

import type { Environment } from "./environment.js";
import { MeetingError } from "./failure.js";
import { jupyterHeaders } from "./ticket.js";

/**
 * The answer's JSON, null for one without a body. A hub checks the XSRF header on reads too.
 * Throws MeetingError with the server's code and words, or `failed` and `otherwise`.
 */
export async function callRest(
  environment: Environment,
  url: string,
  otherwise: string,
  init: { readonly method?: string; readonly body?: unknown } = {},
): Promise<unknown> {
  const { method = "GET", body } = init;
  const response = await environment
    .fetch(url, {
      method,
      credentials: "same-origin",
      headers: { "Content-Type": "application/json", ...jupyterHeaders(environment) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    .catch(() => null);
  const answer: unknown = await response?.json().catch(() => null);
  if (response?.ok) return answer ?? null;
  const { code, message } = (answer ?? {}) as Record<string, unknown>;
  throw new MeetingError(
    typeof code === "string" ? code : "failed",
    typeof message === "string" && message !== "" ? message : otherwise,
  );
}
