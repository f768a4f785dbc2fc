/** The side panel: chat and people. */

import type { JSX, TargetedKeyboardEvent } from "preact";
import { useMemo, useRef } from "preact/hooks";
import { Chat } from "./chat/chat.js";
import { ChatTools } from "./chat/chat-tools.js";
import { HereMark } from "./here.js";
import { People } from "./participants.js";
import { strings } from "./strings.js";
import { UnreadBadge } from "./unread.js";
import { type Tab, useRoom } from "./view.js";

const TABS: readonly Tab[] = ["chat", "people"];

let panels = 0;

/** Unique on the page: several views of a room are several trees, which useId does not tell apart. */
function nextId(): string {
  panels += 1;
  return `mw-panel-${panels}`;
}

export function Panel({ readOnly }: { readOnly: boolean }): JSX.Element {
  const { session, state } = useRoom();
  const id = useMemo(nextId, []);
  const bar = useRef<HTMLDivElement>(null);
  const chosen = readOnly ? "chat" : state.tab.value;
  const people = session.participants.value.size;
  const waiting = session.lobby.value.length;
  const move = (event: TargetedKeyboardEvent<HTMLDivElement>): void => {
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (step === 0) return;
    event.preventDefault();
    const next = TABS[(TABS.indexOf(chosen) + step + TABS.length) % TABS.length] ?? "chat";
    state.tab.value = next;
    bar.current?.querySelector<HTMLElement>(`[data-tab="${next}"]`)?.focus();
  };
  const tab = (name: Tab, label: string, extra: JSX.Element | false): JSX.Element => (
    <button
      type="button"
      role="tab"
      class="mw-tab"
      id={`${id}-${name}`}
      data-tab={name}
      data-testid={`mw-tab-${name}`}
      aria-selected={chosen === name}
      aria-controls={`${id}-panel`}
      tabIndex={chosen === name ? 0 : -1}
      onClick={() => {
        state.tab.value = name;
      }}
    >
      {label} {extra}
    </button>
  );
  return (
    <aside class="mw-panel" aria-label={strings.panel}>
      <div class="mw-tabs">
        <div class="mw-tablist" role="tablist" ref={bar} onKeyDown={move}>
          {tab("chat", strings.chat, chosen !== "chat" && <UnreadBadge />)}
          {!readOnly &&
            tab(
              "people",
              strings.peopleTab,
              waiting > 0 ? (
                <span class="mw-badge" title={strings.areWaiting(waiting)}>
                  {waiting}
                  <span class="mw-hidden">{strings.inLobby}</span>
                </span>
              ) : (
                <span class="mw-count">
                  {people} <HereMark />
                </span>
              ),
            )}
        </div>
        {chosen === "chat" && <ChatTools />}
      </div>
      <div
        class="mw-tabpanel"
        role="tabpanel"
        id={`${id}-panel`}
        aria-labelledby={`${id}-${chosen}`}
      >
        {chosen === "chat" ? <Chat readOnly={readOnly} /> : <People />}
      </div>
    </aside>
  );
}
