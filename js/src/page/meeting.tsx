/** The room itself in the whole window: the same view as in a notebook, given all the space. */

import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { getEngine, type MediaEngine } from "../media/index.js";
import type { Session } from "../session/index.js";
import { mountRoom } from "../ui/index.js";
import { keepAwake } from "./awake.js";

/** Without an engine the room is still for reading and writing. */
function engineOf(session: Session): MediaEngine | null {
  try {
    return getEngine(session);
  } catch (error) {
    console.error("meetwidget: no media here:", error);
    return null;
  }
}

interface MeetingProps {
  readonly session: Session;
  /** The room's own page, for invitations; null where it is not for handing on. */
  readonly link: string | null;
  /** Whether this tab has been in the room before (a reload). */
  readonly returning: boolean;
}

export function Meeting({ session, link, returning }: MeetingProps): JSX.Element {
  const host = useRef<HTMLDivElement>(null);
  const isIn = session.you.value !== null;
  useEffect(() => {
    if (!isIn) return;
    const meeting = new AbortController();
    keepAwake(meeting.signal);
    return () => meeting.abort();
  }, [isIn]);
  useEffect(() => {
    const shown = new AbortController();
    if (host.current) {
      mountRoom(host.current, {
        session,
        engine: engineOf(session),
        invitation: { command: `%meet join ${session.room}`, link },
        returning,
        fill: true,
        signal: shown.signal,
      });
    }
    return () => shown.abort();
  }, [session, link, returning]);
  return <div class="mp-meeting" ref={host} />;
}
