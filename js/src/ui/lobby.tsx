/** The waiting room, from both sides of its door. */

import type { JSX, RefObject } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { Participant } from "../session/index.js";
import { Avatar } from "./avatar.js";
import { Icon } from "./icons.js";
import { plainName, sayWaiting } from "./people.js";
import { PreJoin } from "./prejoin.js";
import { strings } from "./strings.js";
import { useRoom } from "./view.js";

/** Outside: nothing to do but wait, or leave. The announcer reads it out. */
export function WaitingCard(): JSX.Element {
  const { session } = useRoom();
  const title = session.roomInfo.value?.title || session.room;
  return (
    <PreJoin title={strings.waitingTitle} text={strings.waitingText(title)} testId="mw-waiting">
      <button
        type="button"
        class="mw-outline"
        data-testid="mw-leave"
        onClick={() => session.leave()}
      >
        {strings.leave}
      </button>
    </PreJoin>
  );
}

/** Lets somebody in, or not; `acted` keeps the keyboard's place when they vanish from the list. */
function useDoor(): {
  readonly ref: RefObject<HTMLDivElement | null>;
  readonly answer: (action: "admit" | "deny", people: readonly Participant[]) => void;
} {
  const { session } = useRoom();
  const ref = useRef<HTMLDivElement>(null);
  const acted = useRef(false);
  const lobby = session.lobby.value;
  useLayoutEffect(() => {
    const lost = document.activeElement === null || document.activeElement === document.body;
    if (!acted.current || !lost) return;
    acted.current = false;
    const around = ref.current?.parentElement?.querySelector<HTMLElement>(".mw-outline,.mw-round");
    (ref.current?.querySelector("button") ?? around)?.focus({ preventScroll: true });
  }, [lobby]);
  return {
    ref,
    answer: (action, people) => {
      acted.current = true;
      for (const { id } of people) void session.moderate(action, id);
    },
  };
}

/** Inside, over the stage: somebody knocks. Not shown beside the list that says the same. */
export function LobbyBar(): JSX.Element {
  const { session, state } = useRoom();
  const { ref, answer } = useDoor();
  const lobby = session.lobby.value;
  const [first] = lobby;
  const listed = state.panelOpen.value && state.tab.value === "people";
  if (!first || listed) return <div ref={ref} />;
  const single = lobby.length === 1;
  return (
    <div class="mw-bar mw-bar-accent" ref={ref} data-testid="mw-lobby">
      <Icon name="door" size={16} />
      <span>{sayWaiting(lobby)}</span>
      <button
        type="button"
        class="mw-solid mw-small"
        data-testid={single ? "mw-admit" : "mw-admit-all"}
        onClick={() => answer("admit", lobby)}
      >
        {single ? strings.admit : strings.admitAll}
      </button>
      <button
        type="button"
        class="mw-link"
        data-testid={single ? "mw-deny" : "mw-show-waiting"}
        onClick={() => {
          if (single) return answer("deny", lobby);
          state.panelOpen.value = true;
          state.tab.value = "people";
        }}
      >
        {single ? strings.deny : strings.showWaiting}
      </button>
    </div>
  );
}

/** Inside, on top of the list of people. */
export function WaitingList(): JSX.Element {
  const { session } = useRoom();
  const { ref, answer } = useDoor();
  const lobby = session.lobby.value;
  return (
    <div ref={ref} data-testid="mw-lobby-list">
      {lobby.length > 0 && (
        <section class="mw-knocking">
          <h3>
            {strings.waitingGroup} <span>{lobby.length}</span>
            {lobby.length > 1 && (
              <button
                type="button"
                class="mw-link mw-admit-all"
                data-testid="mw-admit-all"
                onClick={() => answer("admit", lobby)}
              >
                {strings.admitAll}
              </button>
            )}
          </h3>
          <ul>
            {lobby.map((who) => (
              <li class="mw-person" key={who.id} data-participant={who.id}>
                <Avatar who={who} size={28} />
                <span class="mw-person-name">
                  <span class="mw-ellipsis">{plainName(who)}</span>
                  {who.kind !== "person" && (
                    <span class="mw-tag">
                      {who.kind === "kernel" ? strings.kernelTag : strings.guestTag}
                    </span>
                  )}
                </span>
                <button
                  type="button"
                  class="mw-solid mw-small"
                  aria-label={strings.admitPerson(plainName(who))}
                  data-testid="mw-admit"
                  onClick={() => answer("admit", [who])}
                >
                  {strings.admit}
                </button>
                <button
                  type="button"
                  class="mw-link"
                  aria-label={strings.denyPerson(plainName(who))}
                  data-testid="mw-deny"
                  onClick={() => answer("deny", [who])}
                >
                  {strings.deny}
                </button>
              </li>
            ))}
          </ul>
        </section>
      )}
    </div>
  );
}
