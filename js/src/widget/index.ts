/** The anywidget entry: what a notebook's output shows for `%meet join`. */

import "../ui/css/index.css";
import { type DeviceState, getEngine, type MediaEngine } from "../media/index.js";
import { getSession, type Session, shared } from "../session/index.js";
import { mountRoom, strings } from "../ui/index.js";
import { showBeside } from "./beside.js";
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

/** Turns on what `%meet join --mic --cam` asked for; a refusal shows at the device's button. */
function turnOn(engine: MediaEngine | null, sources: unknown): void {
  if (!engine || !Array.isArray(sources)) return;
  const isOff = ({ kind }: DeviceState): boolean => kind !== "on" && kind !== "starting";
  if (sources.includes("microphone") && isOff(engine.microphone.peek())) {
    void engine.toggleMicrophone();
  }
  if (sources.includes("camera") && isOff(engine.camera.peek())) void engine.toggleCamera();
}

function sayInstead(el: HTMLElement, text: string): void {
  const line = document.createElement("p");
  line.className = "mw-instead";
  line.textContent = text;
  el.replaceChildren(line);
}

/** `%meet leave` is about the meeting, whether a cell, a panel or nothing shows it. */
function initialize({ model }: Pick<RenderProps, "model">): void {
  model.on("change:intent", () => {
    const room = model.get("room");
    const baseUrl = baseUrlOf(model);
    if (model.get("intent") !== LEAVE || typeof room !== "string" || baseUrl === null) return;
    runtime().getSession({ room, baseUrl }).leave();
  });
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
  const engine = engineOf(session);
  const returning = wasIn(room, storage); // before the intent is remembered
  const mount = (host: HTMLElement, signal: AbortSignal, fill = false): void =>
    runtime().mountRoom(host, {
      session,
      engine,
      invitation: invitationOf(room, location.href),
      returning,
      fill,
      signal,
    });
  const asked = takeIntent(model as IntentModel, room, storage);
  if (asked) session.join();
  const beside =
    asked && model.get("place") === "sidebar"
      ? showBeside(room, session, (host, signal) => mount(host, signal, true))
      : null;
  if (beside) {
    sayInstead(el, strings.besideText);
    const back = (): void => {
      el.replaceChildren();
      mount(el, disposed.signal);
    };
    beside.addEventListener("abort", back, { once: true });
  } else {
    mount(el, disposed.signal);
    if (asked) reveal(el, disposed.signal);
  }
  if (asked) turnOn(engine, model.get("turn_on"));
  // Only the view goes; the session lives on for the next one.
  return () => disposed.abort();
}

export default { initialize, render };
