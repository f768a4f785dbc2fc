/**
 * Offers the small window when the room is scrolled out of sight or covered by another tab of the
 * notebook, and remembers for this page what the person answered.
 */

import { type JSX, render } from "preact";
import { useEffect, useState } from "preact/hooks";
import { floatInPage } from "./float.js";
import { Icon } from "./icons.js";
import { remembered } from "./remember.js";
import { strings } from "./strings.js";
import type { RoomView } from "./view.js";

/** So long must the room be out of sight, ms: scrolling past is no reason. */
const AWAY_MS = 1000;

/** `ask`, `always` or `never`; for this tab of the browser. */
const wish = remembered<string>("float-wish", "ask", "sessionStorage");

/** Watches `room` (null: not shown yet) while `on`. */
export function useOffer(view: RoomView, room: Element | null, on: boolean): void {
  const away = useAway(room);
  const floating = view.state.floating.value;
  useEffect(() => {
    if (!away && floating?.auto) floating.close();
  }, [away]);
  const offered = on && away && !floating;
  useEffect(() => {
    if (!offered || wish.value === "never") return;
    let host: HTMLElement | null = null;
    const timer = setTimeout(() => {
      if (wish.value === "always") {
        floatInPage(view, true);
        return;
      }
      host = document.body.appendChild(document.createElement("div"));
      render(<Offer onAnswer={answer} />, host);
    }, AWAY_MS);
    const remove = (): void => {
      if (host) {
        render(null, host);
        host.remove();
      }
    };
    const answer = (yes: boolean): void => {
      wish.value = yes ? "always" : "never";
      remove();
      if (yes) floatInPage(view, true);
    };
    return () => {
      clearTimeout(timer);
      remove();
    };
    // Who closes the window while the room is away is not asked again until the next time.
  }, [on && away]);
}

/** Whether the room has been in sight and is not any more. */
function useAway(room: Element | null): boolean {
  const [away, setAway] = useState(false);
  useEffect(() => {
    if (!room || typeof IntersectionObserver === "undefined") return;
    let seen = false;
    const observer = new IntersectionObserver((entries) => {
      const visible = entries.at(-1)?.isIntersecting === true;
      seen ||= visible;
      setAway(seen && !visible);
    });
    observer.observe(room);
    return () => observer.disconnect();
  }, [room]);
  return away;
}

function Offer({ onAnswer }: { onAnswer: (yes: boolean) => void }): JSX.Element {
  return (
    <div class="mw-room mw-offer" role="status" data-testid="mw-float-offer">
      <button type="button" class="mw-offer-yes" onClick={() => onAnswer(true)}>
        <Icon name="float" size={16} />
        {strings.floatOffer}
      </button>
      <button
        type="button"
        class="mw-tool"
        title={strings.floatNo}
        aria-label={strings.floatNo}
        onClick={() => onAnswer(false)}
      >
        <Icon name="close" size={14} />
      </button>
    </div>
  );
}
