/** Links for guests: made, listed and taken back over REST. */

import { MeetingError } from "./failure.js";
import type { RoomRest } from "./rest.js";
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
  constructor(readonly rest: RoomRest) {}

  async list(): Promise<readonly GuestLink[]> {
    const answer = await this.rest.ask("guest-links", FAILED);
    if (!Array.isArray(answer)) throw new MeetingError("protocol", FAILED);
    return answer.map((link) => read(link, this.rest.apiUrl));
  }

  async create(body: { readonly hours: number; readonly label?: string }): Promise<GuestLink> {
    const made = await this.rest.ask("guest-links", FAILED, { method: "POST", body });
    return read(made, this.rest.apiUrl);
  }

  async revoke(id: string): Promise<void> {
    await this.rest.ask(`guest-links/${encodeURIComponent(id)}`, FAILED, { method: "DELETE" });
  }
}
