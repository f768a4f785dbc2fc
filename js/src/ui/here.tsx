/** Places in the list of people: the switch "Here I am", where others are, and following them. */

import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import type { Participant } from "../session/index.js";
import { pointAt } from "./chat/composing.js";
import { announceMeeting } from "./host.js";
import { Icon } from "./icons.js";
import { plainName } from "./people.js";
import { PlaceChip, usePlaceLabel } from "./place-chip.js";
import { placesOf } from "./places.js";
import { strings } from "./strings.js";
import { useHost } from "./use-host.js";
import { type RoomView, useRoom } from "./view.js";

/** Keeps places going while a view is there, and lets the notebook point at its cells. */
export function usePlaces({ session, state }: RoomView, element: HTMLElement | null): void {
  const live = session.phase.value.kind === "live";
  useEffect(() => {
    if (!element) return;
    placesOf(session).view = element;
    if (!live) return;
    return announceMeeting({
      room: session.room,
      element,
      point: (place) => {
        state.tab.value = "chat";
        state.panelOpen.value = true;
        pointAt(session, place);
        element.scrollIntoView({ block: "nearest" });
      },
    });
  }, [session, state, element, live]);
}

export function HereSwitch(): JSX.Element | null {
  const { session } = useRoom();
  const host = useHost();
  const { sharing, here } = placesOf(session);
  const on = sharing.value;
  const place = here.value;
  const label = usePlaceLabel(place);
  if (!host) return null;
  return (
    <label class="mw-here" data-on={on}>
      <input
        type="checkbox"
        // biome-ignore lint/a11y/useAriaPropsForRole: a checkbox tells its state by itself
        role="switch"
        checked={on}
        data-testid="mw-here"
        onChange={(event) => {
          sharing.value = event.currentTarget.checked;
        }}
      />
      <span>
        <b>{strings.hereIAm}</b>
        <span class="mw-muted">
          {!on ? strings.hereHint : place ? strings.hereNow(label) : strings.hereNot}
        </span>
      </span>
    </label>
  );
}

/** In the header, since the switch itself is mostly out of sight. */
export function HereSign(): JSX.Element | null {
  const { session, state } = useRoom();
  const host = useHost();
  const { sharing, here } = placesOf(session);
  const place = here.value;
  const label = strings.hereOn(usePlaceLabel(place));
  if (!host || !sharing.value || !place) return null;
  return (
    <button
      type="button"
      class="mw-tool mw-here-sign"
      title={label}
      aria-label={label}
      data-testid="mw-here-sign"
      onClick={() => {
        state.tab.value = "people";
        state.panelOpen.value = true;
      }}
    >
      <Icon name="place" size={16} />
    </button>
  );
}

/** The same on the tab that has the switch. */
export function HereMark(): JSX.Element | null {
  const { session } = useRoom();
  const host = useHost();
  const { sharing, here } = placesOf(session);
  if (!host || !sharing.value || !here.value) return null;
  return (
    <span class="mw-here-mark">
      <Icon name="place" size={14} />
      <span class="mw-hidden">{strings.hereMark}</span>
    </span>
  );
}

/** Where somebody else is, and the button to go along. */
export function PersonPlace({ who }: { who: Participant }): JSX.Element | null {
  const { session } = useRoom();
  const host = useHost();
  const place = who.state.location;
  if (!place) return null;
  const { following } = placesOf(session);
  const on = following.value === who.id;
  const name = plainName(who);
  return (
    <span class="mw-person-place">
      <PlaceChip place={place} />
      {host && (
        <button
          type="button"
          class="mw-link"
          aria-pressed={on}
          aria-label={strings.followPerson(name)}
          title={strings.followPerson(name)}
          data-testid="mw-follow"
          onClick={() => placesOf(session).follow(on ? null : who.id)}
        >
          {on && <Icon name="check" size={14} />}
          {strings.follow}
        </button>
      )}
    </span>
  );
}

/** Says whom one follows, while one does. */
export function FollowBar(): JSX.Element | null {
  const { session } = useRoom();
  const places = placesOf(session);
  const who = session.participants.value.get(places.following.value ?? "");
  if (!who) return null;
  return (
    <div class="mw-bar mw-bar-accent" role="status" data-testid="mw-following">
      <Icon name="place" size={16} />
      <span>{strings.following(plainName(who))}</span>
      <button
        type="button"
        class="mw-link"
        onClick={({ currentTarget }) => {
          // The button goes; the keys stay in the room.
          currentTarget.closest<HTMLElement>(".mw-room")?.focus({ preventScroll: true });
          places.follow(null);
        }}
      >
        {strings.followStop}
      </button>
    </div>
  );
}
