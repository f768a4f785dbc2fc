/** The anywidget entry: what a notebook's output shows for `%meet join`. */

import "../ui/css/index.css";
import { getEngine, type MediaEngine } from "../media/index.js";
import { getSession, type Session, shared } from "../session/index.js";
import { mountRoom, strings } from "../ui/index.js";
import { invitationOf, pageBaseUrl } from "./host.js";
import { type IntentModel, LEAVE, tabStorage, takeIntent, wasIn } from "./intent.js";
import { reveal } from "./reveal.js";

interface Model extends Omit<IntentModel, "get"> {
  get(name: string): unknown;
  on(name: string, listener: () => void): void;
  off(name: string, listener: () => void): void;
}

interface RenderProps {
  readonly model: Model;
  readonly el: HTMLElement;
  /** Aborts when the view is disposed; since anywidget 0.11. */
  readonly signal?: AbortSignal;
}

/** Session, media and interface of the first copy on the page serve all (see registry.ts). */
function runtime() {
  return shared("runtime", () => ({ getSession, getEngine, mountRoom }));
}

/** Without an engine the room is still for reading and writing. */
function engineOf(session: Session): MediaEngine | null {
  try {
    return runtime().getEngine(session);
  } catch (error) {
    console.error("meetwidget: no media here:", error);
    return null;
  }
}

function baseUrlOf(model: Model): string | null {
  const relay = model.get("relay") as { base_url?: unknown } | null | undefined;
  const hint = typeof relay?.base_url === "string" && relay.base_url !== "" ? relay.base_url : null;
  return pageBaseUrl(document) ?? hint;
}

function sayInstead(el: HTMLElement, text: string): void {
  const line = document.createElement("p");
  line.className = "mw-instead";
  line.textContent = text;
  el.replaceChildren(line);
}

function render({ model, el, signal }: RenderProps): undefined | (() => void) {
  const room = model.get("room");
  const baseUrl = baseUrlOf(model);
  if (typeof room !== "string" || room === "") {
    sayInstead(el, strings.noRoomText);
    return;
  }
  if (baseUrl === null) {
    sayInstead(el, strings.noServerText);
    return;
  }
  const disposed = new AbortController();
  signal?.addEventListener("abort", () => disposed.abort(), { once: true });
  const storage = tabStorage();
  const session = runtime().getSession({ room, baseUrl });
  runtime().mountRoom(el, {
    session,
    engine: engineOf(session),
    invitation: invitationOf(room, location.href),
    returning: wasIn(room, storage),
    signal: disposed.signal,
  });
  if (takeIntent(model as IntentModel, room, storage)) {
    session.join();
    reveal(el, disposed.signal);
  }
  const onIntent = (): void => {
    if (model.get("intent") === LEAVE) session.leave();
  };
  model.on("change:intent", onIntent);
  disposed.signal.addEventListener("abort", () => model.off("change:intent", onIntent));
  // Only the view goes; the session lives on for the next one.
  return () => disposed.abort();
}

export default { render };
