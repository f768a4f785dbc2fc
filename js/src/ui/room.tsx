/** The whole view of a room; the frame keeps its shape through all states. */

import { useComputed } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Phase } from "../session/index.js";
import { Announcer } from "./announcer.js";
import { attend } from "./attention.js";
import { Boundary } from "./boundary.js";
import { takeUpReading } from "./chat/seen.js";
import { Controls } from "./controls.js";
import { Header } from "./header.js";
import { FollowBar, usePlaces } from "./here.js";
import { useFullScreen, useSigns } from "./hooks.js";
import { Icon } from "./icons.js";
import { takeKey, useKeyboard } from "./keyboard.js";
import { DeviceLines, Notices, ReconnectBar, SoundBar } from "./lines.js";
import { LobbyBar, WaitingCard } from "./lobby.js";
import { useOffer } from "./offer.js";
import { Panel } from "./panel.js";
import { Stage } from "./stage.js";
import { AskCard, EndedCard, PanelSkeleton, StageSkeleton, UnreachableCard } from "./states.js";
import { strings } from "./strings.js";
import { RoomContext, type RoomView, useRoom } from "./view.js";

/** `fill`: the host gives the height (a side bar, a page) instead of a notebook's flow. */
export function Room({ view, fill }: { view: RoomView; fill: boolean }): JSX.Element {
  const { session, engine, state } = view;
  const [element, setElement] = useState<HTMLElement | null>(null);
  const full = useFullScreen(element);
  useKeyboard(view, element, fill || full);
  useSigns(session, engine, state.signs);
  useEffect(() => attend(view), [view]);
  usePlaces(view, element);
  const company = useComputed(
    () => session.phase.value.kind === "live" && session.participants.value.size > 1,
  ).value;
  useOffer(view, element, company && !fill && !full);
  return (
    <RoomContext.Provider value={view}>
      <section
        class="mw-room"
        ref={setElement}
        aria-label={strings.room(session.room)}
        data-testid="mw-room"
        data-room={session.room}
        data-phase={session.phase.value.kind}
        data-participant={session.you.value?.id}
        data-fill={fill || full}
        // A click between the tiles brings the keys here too.
        tabIndex={-1}
        onKeyDown={(event) => takeKey(view, event)}
        onContextMenu={(event) => event.stopPropagation()}
      >
        <Boundary>
          <Frame />
          <Announcer />
        </Boundary>
      </section>
    </RoomContext.Provider>
  );
}

type Shape = "ask" | "joining" | "waiting" | "room" | "unreachable" | "ended";

function shapeOf(phase: Phase, isIn: boolean): Shape {
  switch (phase.kind) {
    case "idle":
      return "ask";
    case "joining":
      return "joining";
    case "waiting":
      return "waiting";
    case "live":
      return "room";
    case "reconnecting":
      return isIn ? "room" : "unreachable";
    default:
      return "ended";
  }
}

function Frame(): JSX.Element {
  const { session, state } = useRoom();
  const phase = session.phase.value;
  const shape = shapeOf(phase, session.you.value !== null);
  const hasChat = useComputed(() => session.messages.value.length > 0).value;
  const live = phase.kind === "live";
  const floating = state.floating.value;
  useEffect(() => {
    if (!live) return;
    state.since.value ??= Date.now();
    takeUpReading(session, state);
  }, [live, session, state]);
  const panel =
    shape === "room"
      ? state.panelOpen.value
      : shape === "joining" || (shape === "ended" && hasChat);
  return (
    <div
      class="mw-frame"
      data-shape={panel || ["room", "joining", "waiting"].includes(shape) ? "room" : "card"}
      data-panel={panel ? "open" : "closed"}
      data-lost={phase.kind === "reconnecting"}
    >
      <div class="mw-main">
        <Header />
        {shape === "room" && (
          <>
            <ReconnectBar />
            <SoundBar />
            <LobbyBar />
            <FollowBar />
            <div class="mw-stage-frame">
              {floating ? <Elsewhere onBack={() => floating.close()} /> : <Stage />}
              {!floating && <Notices />}
            </div>
            <DeviceLines />
            {!floating && <Controls />}
          </>
        )}
        {shape === "joining" && (
          <>
            <StageSkeleton />
            <div class="mw-controls" aria-hidden="true">
              {[1, 2, 3, 4].map((place) => (
                <span class="mw-skeleton mw-skeleton-round" key={place} />
              ))}
            </div>
          </>
        )}
        {shape === "ask" && <AskCard />}
        {shape === "waiting" && <WaitingCard />}
        {phase.kind === "reconnecting" && shape === "unreachable" && (
          <UnreachableCard phase={phase} />
        )}
        {phase.kind === "ended" && <EndedCard phase={phase} />}
      </div>
      {panel && (shape === "joining" ? <PanelSkeleton /> : <Panel readOnly={shape === "ended"} />)}
    </div>
  );
}

/** In the stage's place while that floats in a window of its own. */
function Elsewhere({ onBack }: { onBack: () => void }): JSX.Element {
  return (
    <div class="mw-stage mw-elsewhere">
      <Icon name="float" size={28} />
      <p>{strings.floating}</p>
      <button type="button" class="mw-stop" data-testid="mw-float-back" onClick={onBack}>
        {strings.floatEnd}
      </button>
    </div>
  );
}
