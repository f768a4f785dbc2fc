/** Settles what a person asked for: a refusal becomes a line for them, never silence. */

import type { Session } from "../../session/index.js";
import { strings } from "../strings.js";

export function fail(session: Session, error: unknown): void {
  const failure = error as { code?: string; message?: string };
  session.notify("error", failure.code ?? "failed", failure.message ?? strings.moderateFailed);
}

export function attempt(session: Session, action: Promise<unknown>): void {
  action.catch((error: unknown) => fail(session, error));
}
