/**
 * A room in a panel beside the notebook, as `%meet join --sidebar` asks for.
 *
 * It outlives the cell that asked: whoever closes the notebook stays in the meeting and in sight of
 * it. The panel goes when one leaves the meeting, or when another cell shows the room there.
 */

import { effect } from "@preact/signals-core";
import { type Session, shared } from "../session/index.js";
import { openPanel } from "../ui/host.js";

type Mount = (el: HTMLElement, signal: AbortSignal) => void;

/** What each room's panel shows now. */
function shown(): Map<string, AbortController> {
  return shared("beside", () => new Map<string, AbortController>());
}

/** Shows a room beside the notebook; null where the host has no such place. */
export function showBeside(room: string, session: Session, mount: Mount): AbortSignal | null {
  const panel = openPanel(room);
  if (!panel) return null;
  shown().get(room)?.abort();
  const over = new AbortController();
  shown().set(room, over);
  const place = document.createElement("div");
  place.style.height = "100%";
  panel.el.replaceChildren(place);
  mount(place, over.signal);
  const stop = effect(() => {
    const phase = session.phase.value;
    if (phase.kind !== "ended" || phase.code !== "left") return;
    // Not within the effect: the view unmounts, and it listens to the phase as well.
    queueMicrotask(() => over.abort());
  });
  over.signal.addEventListener("abort", () => {
    stop();
    if (shown().get(room) !== over) return; // another view has the panel
    shown().delete(room);
    panel.close();
  });
  return over.signal;
}
