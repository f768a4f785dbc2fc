/** The room's name, how the line is, who is there, and what concerns the whole view. */

import { useComputed } from "@preact/signals";
import type { JSX } from "preact";
import { useRef, useState } from "preact/hooks";
import { HereSign } from "./here.js";
import { useNow } from "./hooks.js";
import { Icon } from "./icons.js";
import { InviteCard } from "./invite.js";
import { Popover } from "./popover.js";
import { qualityOf } from "./quality.js";
import { strings } from "./strings.js";
import { elapsed } from "./time.js";
import { UnreadBadge } from "./unread.js";
import { unreadCount, useRoom } from "./view.js";
import { chooseLayout, layoutNow, toggleFloat, ViewMenu } from "./view-menu.js";

export function Header(): JSX.Element {
  const { session } = useRoom();
  const phase = session.phase.value.kind;
  const live = phase === "live" || phase === "reconnecting";
  const info = session.roomInfo.value;
  const name = info?.title || session.room;
  return (
    <header class="mw-header">
      <h2 class="mw-title mw-ellipsis" title={name}>
        {name}
      </h2>
      {info?.locked && (
        <span class="mw-header-lock" title={strings.lockedRoom}>
          <Icon name="lock" size={14} />
        </span>
      )}
      {(live || phase === "joining" || phase === "waiting") && <Status />}
      {live && session.you.value && <Facts />}
      {live && session.you.value && <HereSign />}
      <span class="mw-space" />
      {live && session.you.value && <Actions />}
    </header>
  );
}

function Status(): JSX.Element {
  const { session, engine, state } = useRoom();
  const quality = useComputed(() => {
    const stats = engine?.stats.value;
    const tiles = [...state.signs.tiles.value.values()];
    return qualityOf(session.phase.value, stats?.values() ?? [], session.roundTrip.value, tiles);
  }).value;
  return (
    <span
      class="mw-status"
      data-level={quality.level}
      data-testid="mw-status"
      data-phase={session.phase.value.kind}
      title={quality.hint}
    >
      {quality.word}
    </span>
  );
}

function Facts(): JSX.Element {
  const { session, state } = useRoom();
  const persons = useComputed(
    () => [...session.participants.value.values()].filter((who) => who.kind !== "kernel").length,
  ).value;
  const since = state.since.value;
  const now = useNow(1000, since !== null);
  const time = elapsed(since === null ? 0 : now - since);
  return (
    <span class="mw-facts">
      <span data-testid="mw-count">
        {persons}
        <span class="mw-wide-only"> {strings.people(persons).replace(/^\d+\s*/, "")}</span>
      </span>
      <span aria-hidden="true"> · </span>
      <time title={strings.elapsed(time)}>{time}</time>
    </span>
  );
}

function Actions(): JSX.Element {
  const view = useRoom();
  const { session, state } = view;
  const invite = useRef<HTMLButtonElement>(null);
  const [inviting, setInviting] = useState(false);
  const spotlight = layoutNow(view) === "spotlight";
  const floating = state.floating.value !== null;
  const open = state.panelOpen.value;
  const unread = useComputed(() => unreadCount(session.messages.value, state.seen.value)).value;
  const layoutLabel = spotlight ? strings.layoutGrid : strings.layoutSpotlight;
  const panelLabel = open ? strings.panelHide : strings.panelShow;
  return (
    <>
      <button
        type="button"
        class="mw-flat"
        ref={invite}
        title={strings.invite}
        aria-label={strings.invite}
        aria-haspopup="dialog"
        aria-expanded={inviting}
        data-testid="mw-invite"
        onClick={() => setInviting(!inviting)}
      >
        <Icon name="invite" />
      </button>
      {inviting && (
        <Popover anchor={invite} label={strings.inviteTitle} onClose={() => setInviting(false)}>
          <InviteCard />
        </Popover>
      )}
      <button
        type="button"
        class="mw-flat mw-layout"
        title={layoutLabel}
        aria-label={layoutLabel}
        data-testid="mw-layout"
        onClick={() => chooseLayout(view, spotlight ? "grid" : "spotlight")}
      >
        <Icon name={spotlight ? "grid" : "spotlight"} />
      </button>
      <button
        type="button"
        class="mw-flat mw-layout"
        title={floating ? strings.floatEnd : strings.float}
        aria-label={strings.float}
        aria-pressed={floating}
        data-testid="mw-float-toggle"
        onClick={(event) => toggleFloat(view, event.currentTarget.closest(".mw-room"))}
      >
        <Icon name="float" />
      </button>
      <ViewMenu />
      <button
        type="button"
        class="mw-flat"
        title={panelLabel}
        aria-label={unread > 0 && !open ? `${panelLabel}, ${strings.unread(unread)}` : panelLabel}
        aria-expanded={open}
        data-testid="mw-panel-toggle"
        onClick={() => {
          state.panelOpen.value = !open;
        }}
      >
        <Icon name="chat" />
        {!open && <UnreadBadge corner />}
      </button>
    </>
  );
}
