/** Puts a room's view into an element of the host's. */

import { render } from "preact";
import type { MediaEngine } from "../media/index.js";
import type { Session } from "../session/index.js";
import { Room } from "./room.js";
import { type Invitation, viewStateOf } from "./view.js";

export { strings, translate } from "./strings.js";
export type { Invitation } from "./view.js";

export interface RoomOptions {
  readonly session: Session;
  /** Null where media cannot work at all. */
  readonly engine: MediaEngine | null;
  readonly invitation: Invitation;
  /** Whether this tab has been in the room before (a reload). */
  readonly returning?: boolean;
  /** Whether the host gives the height; else the view chooses it by its width. */
  readonly fill?: boolean;
  /** Aborts when the host disposes the view. The meeting goes on. */
  readonly signal: AbortSignal;
}

/** Shows the room in `host` until `signal` aborts. */
export function mountRoom(host: HTMLElement, options: RoomOptions): void {
  const { session, engine, invitation, signal } = options;
  if (signal.aborted) return;
  const detach = session.attach();
  const view = {
    session,
    engine,
    invitation,
    state: viewStateOf(session),
    returning: options.returning === true,
  };
  render(<Room view={view} fill={options.fill === true} />, host);
  signal.addEventListener(
    "abort",
    () => {
      render(null, host);
      detach();
    },
    { once: true },
  );
}
