/** The whole view of a room; the frame keeps its shape through all states. */

import { useComputed } from "@preact/signals";
import { Component, type ComponentChildren, type JSX, type TargetedKeyboardEvent } from "preact";
import { useEffect } from "preact/hooks";
import type { Phase } from "../session/index.js";
import { Announcer } from "./announcer.js";
import { Controls } from "./controls.js";
import { Header } from "./header.js";
import { DeviceLines, Notices, ReconnectBar, SoundBar } from "./lines.js";
import { LobbyBar, WaitingCard } from "./lobby.js";
import { Panel } from "./panel.js";
import { Stage } from "./stage.js";
import {
  AskCard,
  CrashCard,
  EndedCard,
  PanelSkeleton,
  StageSkeleton,
  UnreachableCard,
} from "./states.js";
import { strings } from "./strings.js";
import { newestOffset, RoomContext, type RoomView, useRoom } from "./view.js";

/** Keeps a fault of the interface from taking the notebook's output, or the meeting, with it. */
class Boundary extends Component<{ children: ComponentChildren }, { failed: boolean }> {
  override state = { failed: false };

  override componentDidCatch(error: unknown): void {
    console.error("meetwidget:", error);
    this.setState({ failed: true });
  }

  override render(): ComponentChildren {
    return this.state.failed ? (
      <div class="mw-frame" data-shape="card">
        <CrashCard />
      </div>
    ) : (
      this.props.children
    );
  }
}

/** `fill`: the host gives the height (a side bar, a page) instead of a notebook's flow. */
export function Room({ view, fill }: { view: RoomView; fill: boolean }): JSX.Element {
  return (
    <RoomContext.Provider value={view}>
      <section
        class="mw-room"
        aria-label={strings.room(view.session.room)}
        data-testid="mw-room"
        data-room={view.session.room}
        data-phase={view.session.phase.value.kind}
        data-participant={view.session.you.value?.id}
        data-fill={fill}
        onKeyDown={keepFromHost}
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

/**
 * Plain keys on our buttons are ours: in a notebook's command mode "D, D" on a focused button
 * would delete the cell. Shortcuts with Ctrl or Cmd still reach the host, save for running cells.
 */
function keepFromHost(event: TargetedKeyboardEvent<HTMLElement>): void {
  const chord = event.ctrlKey || event.metaKey;
  if (!chord || event.key === "Enter") event.stopPropagation();
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
  useEffect(() => {
    if (!live) return;
    state.since.value ??= Date.now();
    // What was said before one came is history, not news.
    state.seen.value ??= newestOffset(session.messages.value);
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
            <div class="mw-stage-frame">
              <Stage />
              <Notices />
            </div>
            <DeviceLines />
            <Controls />
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
