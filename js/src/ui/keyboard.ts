/**
 * Keys of the room: M for the microphone, V for the camera, Space held down to talk.
 *
 * In a notebook they work while the focus is in the room, so that they never fight with the
 * notebook's own keys; where the room fills its host, also while nothing has the focus. Space
 * talks unless a control that uses it has the focus: there it presses that control, as always.
 */

import type { TargetedKeyboardEvent } from "preact";
import { useEffect } from "preact/hooks";
import { publishRefused } from "./device-buttons.js";
import { keepFromHost } from "./keys.js";
import type { RoomView } from "./view.js";

/** Where letters are text. */
const TEXT = "input,textarea,select,[contenteditable]:not([contenteditable=false])";
/** What opens over the room and has keys of its own. */
const OVERLAY = "[popover],dialog,[role=dialog],[role=menu]";
/** What Space presses, opens or toggles. */
const SPACE_USERS = "button,a[href],summary,audio,video,[role=button],[role=tab]";

/** Handles one key press; true if it was one of the room's. */
export function pressKey(view: RoomView, event: KeyboardEvent): boolean {
  const { engine, session } = view;
  const target = event.target as Element | null;
  if (!engine || event.defaultPrevented || target?.closest?.(`${TEXT},${OVERLAY}`)) return false;
  if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return false;
  const { kind } = session.phase.peek();
  const inside = kind === "live" || kind === "reconnecting";
  if (publishRefused(view) !== undefined) return false;
  if (event.key === " ") {
    if (!inside || target?.closest?.(SPACE_USERS)) return false;
    if (!event.repeat) engine.holdToTalk(true);
    return true; // repeated too: else the page scrolls while one talks
  }
  if (event.repeat || !(inside || kind === "idle" || kind === "waiting")) return false;
  switch (letterOf(event)) {
    case "m":
      void engine.toggleMicrophone();
      return true;
    case "v":
      void engine.toggleCamera();
      return true;
    default:
      return false;
  }
}

/** What is printed on the key; its place where another alphabet is typed. */
function letterOf({ key, code }: KeyboardEvent): string {
  return /^[\x20-\x7e]$/.test(key) ? key.toLowerCase() : code.replace("Key", "").toLowerCase();
}

/** Keys pressed within the room. */
export function takeKey(view: RoomView, event: TargetedKeyboardEvent<HTMLElement>): void {
  if (pressKey(view, event)) event.preventDefault();
  keepFromHost(event);
}

/**
 * Lets go of the talk key wherever it is released in the window of `room`, and hears keys that
 * nothing has the focus for, if the room `fills` its host.
 */
export function useKeyboard(view: RoomView, room: HTMLElement | null, fills: boolean): void {
  useEffect(() => {
    const document = room?.ownerDocument;
    const window = document?.defaultView;
    if (!document || !window) return;
    const abort = new AbortController();
    const { signal } = abort;
    const quiet = (): void => view.engine?.holdToTalk(false);
    window.addEventListener(
      "keyup",
      (event) => {
        if (event.key === " ") quiet();
      },
      { signal, capture: true },
    );
    // A key that is released elsewhere is never told.
    window.addEventListener("blur", quiet, { signal });
    document.addEventListener("visibilitychange", quiet, { signal });
    if (fills) {
      document.addEventListener(
        "keydown",
        (event) => {
          const nowhere = event.target === document.body;
          if (nowhere && pressKey(view, event)) event.preventDefault();
        },
        { signal },
      );
    }
    return () => {
      abort.abort();
      quiet();
    };
  }, [view, room, fills]);
}
