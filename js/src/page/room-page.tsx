/** A room at its own address: asks before it joins, fills the window, and leads home again. */

import { useSignalEffect } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { getSession, type Phase } from "../session/index.js";
import { roomNameProblem } from "../wire/index.js";
import { forSession } from "./api.js";
import { HomeLink, usePage, useTitle } from "./app.js";
import { Card, SignInCard, TopBar } from "./chrome.js";
import { Meeting } from "./meeting.js";
import { roomPath } from "./route.js";
import { remember, wasIn } from "./tab.js";
import { words } from "./words.js";

/** Whether the page's own bar is out of the way: a meeting needs every line of a phone. */
export function isFull(phase: Phase, isIn: boolean): boolean {
  return (
    phase.kind === "joining" || phase.kind === "live" || (phase.kind === "reconnecting" && isIn)
  );
}

export function RoomPage({ room }: { room: string }): JSX.Element {
  const problem = roomNameProblem(room);
  return problem === null ? <ValidRoom room={room} /> : <InvalidRoom text={problem} />;
}

function InvalidRoom({ text }: { text: string }): JSX.Element {
  useTitle(words.badRoomTitle);
  return (
    <div class="mp-page">
      <TopBar />
      <Card icon="alert" title={words.badRoomTitle} text={text} testId="mp-bad-room">
        <HomeLink class="mp-solid">{words.allRooms}</HomeLink>
      </Card>
    </div>
  );
}

function ValidRoom({ room }: { room: string }): JSX.Element {
  const { api, config, goHome, left, wanted } = usePage();
  const session = useMemo(
    () =>
      getSession({
        room,
        baseUrl: config.base,
        apiUrl: api.url,
        fetchTicket: (signal) => forSession(api.ticket(room, signal)),
      }),
    [room, config.base, api],
  );
  const returning = useMemo(() => wasIn(room), [room]);
  const title = session.roomInfo.value?.title || room;
  useTitle(title);
  const ran = useRef(false);
  // Before the effect that leaves: what follows from going away must not lead home once more.
  useSignalEffect(() => {
    const phase = session.phase.value;
    if (phase.kind === "live") remember(room, true);
    if (phase.kind !== "ended") {
      ran.current = phase.kind !== "idle";
    } else if (ran.current) {
      remember(room, false);
      if (phase.code !== "left") return;
      left.value = room;
      goHome("instead");
    }
  });
  useEffect(() => {
    if (wanted.delete(room)) session.join();
    return () => {
      // Going back in the browser is leaving: else camera and microphone would go on unseen.
      session.leave();
      remember(room, false);
    };
  }, [room, session, wanted]);
  const phase = session.phase.value;
  if (phase.kind === "ended" && phase.code === "signed-out") {
    return (
      <div class="mp-page">
        <TopBar room={title} />
        <SignInCard />
      </div>
    );
  }
  const full = isFull(phase, session.you.value !== null);
  return (
    <div class="mp-page mp-window">
      {!full && <TopBar who={config.user} room={title} />}
      <Meeting
        session={session}
        link={new URL(roomPath(config.base, room), location.href).href}
        returning={returning}
      />
    </div>
  );
}
