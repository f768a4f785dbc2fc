/** The room in little: stage and controls, for a window that floats above the notebook. */

import type { ComponentChildren, JSX } from "preact";
import { Boundary } from "./boundary.js";
import { Controls } from "./controls.js";
import { useSigns } from "./hooks.js";
import { keepFromHost } from "./keys.js";
import { Notices, ReconnectBar, SoundBar } from "./lines.js";
import { Stage } from "./stage.js";
import { strings } from "./strings.js";
import { RoomContext, type RoomView } from "./view.js";

interface Props {
  readonly view: RoomView;
  /** What is above the stage: a grip, where the window has no bar of its own. */
  readonly children?: ComponentChildren;
}

export function CompactRoom({ view, children }: Props): JSX.Element {
  const { session, engine, state } = view;
  useSigns(session, engine, state.signs);
  return (
    <RoomContext.Provider value={view}>
      <section
        class="mw-room mw-compact"
        aria-label={strings.floatTitle(session.room)}
        data-testid="mw-float"
        data-fill={true}
        onKeyDown={keepFromHost}
        onContextMenu={(event) => event.stopPropagation()}
      >
        <Boundary>
          <div class="mw-frame" data-shape="room" data-lost={session.phase.value.kind !== "live"}>
            <div class="mw-main">
              {children}
              <ReconnectBar />
              <SoundBar />
              <div class="mw-stage-frame">
                <Stage />
                <Notices />
              </div>
              <Controls />
            </div>
          </div>
        </Boundary>
      </section>
    </RoomContext.Provider>
  );
}
