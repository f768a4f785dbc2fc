/**
 * The small window above the notebook: the browser's own (Document Picture-in-Picture), which
 * stays above other programs too, or else one within the page.
 *
 * It is no part of a cell's view: it goes on when the cell is run again or scrolled away, and
 * holds the meeting while it is there. It goes when the meeting ends.
 */

import { effect } from "@preact/signals";
import { type JSX, render } from "preact";
import { CompactRoom } from "./compact.js";
import { dress } from "./dress.js";
import { FloatFrame } from "./float-frame.js";
import type { RoomView } from "./view.js";

export interface Floating {
  /** The browser's window, or one within the page. */
  readonly kind: "window" | "page";
  /** Whether the page opened it by itself, because the room was scrolled away. */
  readonly auto: boolean;
  close(): void;
}

interface PictureInPicture {
  requestWindow(options: { width: number; height: number }): Promise<Window>;
}

/** Size of the browser's window at first; people change it, pixels. */
const WINDOW = { width: 420, height: 340 };

/** Moves the room of `view` into a small window. `from`: the room as it is shown now. */
export async function openFloat(view: RoomView, from: Element): Promise<void> {
  if (view.state.floating.value) return;
  const api = (globalThis as { documentPictureInPicture?: PictureInPicture })
    .documentPictureInPicture;
  try {
    const opened = await api?.requestWindow(WINDOW);
    if (opened) {
      floatInWindow(view, opened, from);
      return;
    }
  } catch (error) {
    // Some hosts forbid it (frames, policies); the page's own window does as well.
    console.info("meetwidget: no floating window of the browser's:", error);
  }
  floatInPage(view, false);
}

function floatInWindow(view: RoomView, opened: Window, from: Element): void {
  const page = opened.document;
  const undress = dress(page, from);
  page.title = view.session.roomInfo.value?.title || view.session.room;
  const host = page.body.appendChild(page.createElement("div"));
  host.style.height = "100%";
  const gone = new AbortController();
  const close = show(view, "window", false, host, <CompactRoom view={view} />, () => {
    gone.abort();
    undress();
    opened.close();
  });
  opened.addEventListener("pagehide", close, { signal: gone.signal });
}

/** The window within the page; `auto`: nobody clicked for it just now. */
export function floatInPage(view: RoomView, auto: boolean): void {
  if (view.state.floating.value) return;
  const host = document.body.appendChild(document.createElement("div"));
  const end = (): void => view.state.floating.value?.close();
  show(view, "page", auto, host, <FloatFrame view={view} onClose={end} />, () => host.remove());
}

function show(
  view: RoomView,
  kind: Floating["kind"],
  auto: boolean,
  host: HTMLElement,
  content: JSX.Element,
  after: () => void,
): () => void {
  const { session, state } = view;
  const detach = session.attach();
  let open = true;
  const close = (): void => {
    if (!open) return;
    open = false;
    ended();
    render(null, host);
    after();
    state.floating.value = null;
    detach();
  };
  state.floating.value = { kind, auto, close };
  render(content, host);
  const ended = effect(() => {
    const phase = session.phase.value.kind;
    if (phase !== "live" && phase !== "reconnecting") queueMicrotask(close);
  });
  return close;
}
