/** Links for guests: made, listed and taken back over REST. */

import type { Environment } from "./environment.js";
import { MeetingError } from "./failure.js";
import { callRest } from "./rest.js";
import type { GuestLink } from "./types.js";

const FAILED = "The guest links are out of reach; try again.";

function read(value: unknown, apiUrl: string): GuestLink {
  const link = (value ?? {}) as Record<string, unknown>;
  const { id, url, label } = link;
  if (typeof id !== "string" || typeof link.expires_at !== "number") {
    throw new MeetingError("protocol", FAILED);
  }
  return {
    id,
    url: typeof url === "string" ? new URL(url, apiUrl).href : null,
    createdBy: String(link.created_by ?? ""),
    createdAt: Number(link.created_at ?? 0),
    expiresAt: link.expires_at,
    uses: Number(link.uses ?? 0),
    label: typeof label === "string" && label !== "" ? label : null,
  };
}

export class GuestLinks {
  readonly #url: string;

  constructor(
    readonly environment: Environment,
    readonly apiUrl: string,
    room: string,
  ) {
    this.#url = `${apiUrl}rooms/${room}/guest-links`;
  }

  async list(): Promise<readonly GuestLink[]> {
    const answer = await callRest(this.environment, this.#url, FAILED);
    if (!Array.isArray(answer)) throw new MeetingError("protocol", FAILED);
    return answer.map((link) => read(link, this.apiUrl));
  }

  async create(body: { readonly hours: number; readonly label?: string }): Promise<GuestLink> {
    const init = { method: "POST", body };
    return read(await callRest(this.environment, this.#url, FAILED, init), this.apiUrl);
  }

  async revoke(id: string): Promise<void> {
    const url = `${this.#url}/${encodeURIComponent(id)}`;
    await callRest(this.environment, url, FAILED, { method: "DELETE" });
  }
}
