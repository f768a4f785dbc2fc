/** The room in little: stage and controls, for a window that floats above the notebook. */

import type { ComponentChildren, JSX } from "preact";
import { useState } from "preact/hooks";
import { Boundary } from "./boundary.js";
import { Controls } from "./controls.js";
import { useSigns } from "./hooks.js";
import { takeKey, useKeyboard } from "./keyboard.js";
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
  const [element, setElement] = useState<HTMLElement | null>(null);
  useSigns(session, engine, state.signs);
  useKeyboard(view, element, element !== null && element.ownerDocument !== document);
  return (
    <RoomContext.Provider value={view}>
      <section
        class="mw-room mw-compact"
        ref={setElement}
        aria-label={strings.floatTitle(session.room)}
        data-testid="mw-float"
        data-fill={true}
        tabIndex={-1}
        onKeyDown={(event) => takeKey(view, event)}
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
