/** How one looks at the room: layout, own picture, small window, full screen. */

import type { ComponentChildren, JSX } from "preact";
import { useRef, useState } from "preact/hooks";
import { canNotify, wishes } from "./attention.js";
import { askToNotify } from "./chat/ask-notify.js";
import { openFloat } from "./float.js";
import { Icon } from "./icons.js";
import { tilesOf } from "./people.js";
import { Popover } from "./popover.js";
import { strings } from "./strings.js";
import { screensOf, subjectOf } from "./subject.js";
import { type RoomView, type StageLayout, useRoom } from "./view.js";

/** The layout in effect, whatever the reason. */
export function layoutNow({ session, state }: RoomView): StageLayout {
  const tiles = tilesOf(
    session.participants.value.values(),
    session.streams.value.values(),
    session.you.value?.id ?? null,
  );
  const subject = subjectOf(tiles, {
    layout: state.layout.value,
    pinned: state.pinned.value,
    dismissed: state.dismissed.value,
    speaker: state.speaker.value,
  });
  return subject ? "spotlight" : state.layout.value;
}

/** A person's own choice: it wins over a pin and over screens shared by now. */
export function chooseLayout({ session, state }: RoomView, layout: StageLayout): void {
  const screens = screensOf(
    tilesOf(
      session.participants.peek().values(),
      session.streams.peek().values(),
      session.you.peek()?.id ?? null,
    ),
  );
  const turnedAway = screens.flatMap(({ stream }) => stream?.id ?? []);
  state.dismissed.value = new Set(layout === "grid" ? turnedAway : []);
  state.pinned.value = null;
  state.page.value = 0;
  state.layout.value = layout;
}

export function ViewMenu(): JSX.Element {
  const view = useRoom();
  const { state } = view;
  const button = useRef<HTMLButtonElement>(null);
  const [open, setOpen] = useState(false);
  const layout = layoutNow(view);
  const room = (): Element | null => button.current?.closest(".mw-room") ?? null;
  const full = open && room() === room()?.ownerDocument.fullscreenElement;
  const item = (pressed: boolean, label: string, testId: string, act: () => void): JSX.Element => (
    <Item
      pressed={pressed}
      testId={testId}
      onClick={() => {
        setOpen(false);
        act();
      }}
    >
      {label}
    </Item>
  );
  return (
    <>
      <button
        type="button"
        class="mw-flat"
        ref={button}
        title={strings.view}
        aria-label={strings.view}
        aria-haspopup="dialog"
        aria-expanded={open}
        data-testid="mw-view"
        onClick={() => setOpen(!open)}
      >
        <Icon name="more" />
      </button>
      {open && (
        <Popover
          anchor={button}
          label={strings.view}
          onClose={() => setOpen(false)}
          className="mw-menu"
        >
          <b>{strings.view}</b>
          <ul>
            {item(layout === "grid", strings.viewGrid, "mw-view-grid", () =>
              chooseLayout(view, "grid"),
            )}
            {item(layout === "spotlight", strings.viewSpotlight, "mw-view-speaker", () =>
              chooseLayout(view, "spotlight"),
            )}
            <li class="mw-menu-line" aria-hidden="true" />
            {item(state.hideSelf.value, strings.hideSelf, "mw-hide-self", () => {
              state.hideSelf.value = !state.hideSelf.value;
            })}
            {item(state.floating.value !== null, strings.float, "mw-view-float", () =>
              toggleFloat(view, room()),
            )}
            {document.fullscreenEnabled &&
              item(full, strings.fullScreen, "mw-full-screen", () => toggleFullScreen(room()))}
            <li class="mw-menu-line" aria-hidden="true" />
            {canNotify() &&
              item(wishes.notify.value === "on", strings.notifyOn, "mw-notify", () => {
                if (wishes.notify.peek() === "on") wishes.notify.value = "off";
                else void askToNotify(view.session);
              })}
            {item(wishes.sound.value, strings.mentionSound, "mw-mention-sound", () => {
              wishes.sound.value = !wishes.sound.peek();
            })}
          </ul>
        </Popover>
      )}
    </>
  );
}

interface ItemProps {
  readonly pressed: boolean;
  readonly testId: string;
  readonly onClick: () => void;
  readonly children: ComponentChildren;
}

function Item({ pressed, testId, onClick, children }: ItemProps): JSX.Element {
  return (
    <li>
      <button
        type="button"
        class="mw-menu-item"
        aria-pressed={pressed}
        data-testid={testId}
        onClick={onClick}
      >
        <span class="mw-menu-mark">{pressed && <Icon name="check" size={16} />}</span>
        {children}
      </button>
    </li>
  );
}

/** Moves the room into the small window, or back. */
export function toggleFloat(view: RoomView, room: Element | null): void {
  const floating = view.state.floating.value;
  if (floating) floating.close();
  else if (room) void openFloat(view, room);
}

/** Shows the room alone on the screen, or ends that. */
export function toggleFullScreen(room: Element | null): void {
  if (!room) return;
  const page = room.ownerDocument;
  const done = page.fullscreenElement === room ? page.exitFullscreen() : room.requestFullscreen();
  // The browser may refuse; then everything stays as it is, which is plain to see.
  done.catch((error: unknown) => console.info("meetwidget: no full screen:", error));
}
