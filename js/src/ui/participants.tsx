/** The list of people and kernels, and what a moderator can do. */

import type { JSX } from "preact";
import { useRef, useState } from "preact/hooks";
import type { Participant, Role } from "../session/index.js";
import { Avatar } from "./avatar.js";
import { HereSwitch, PersonPlace } from "./here.js";
import { Icon } from "./icons.js";
import { Later } from "./later/later.js";
import { WaitingList } from "./lobby.js";
import { handQueue, plainName } from "./people.js";
import { Popover } from "./popover.js";
import { strings } from "./strings.js";
import { useRoom } from "./view.js";

const ROLE_TAGS: Record<Role, string> = {
  owner: strings.owner,
  moderator: strings.moderator,
  observer: strings.observer,
  member: "",
};

export function People(): JSX.Element {
  const { session } = useRoom();
  const all = [...session.participants.value.values()];
  const hands = handQueue(all);
  const raised = hands.flatMap((id) => all.find((who) => who.id === id) ?? []);
  const persons = all.filter((who) => who.kind !== "kernel" && !hands.includes(who.id));
  const kernels = all.filter((who) => who.kind === "kernel" && !hands.includes(who.id));
  return (
    <div class="mw-people" data-testid="mw-people">
      <WaitingList />
      <Door />
      <HereSwitch />
      <Group title={strings.handsUp} people={raised} hands={hands} />
      <Group title={strings.inRoom} people={persons} hands={hands} />
      <Group title={strings.kernelsHere} people={kernels} hands={hands} />
    </div>
  );
}

function Door(): JSX.Element | null {
  const { session, state } = useRoom();
  const info = session.roomInfo.value;
  const locked = info?.locked === true;
  if (!session.rights.value.moderate) {
    return locked ? <p class="mw-muted mw-people-note">{strings.lockedRoom}</p> : null;
  }
  const open = state.settingsOpen.value;
  return (
    <>
      <div class="mw-door">
        <button
          type="button"
          class="mw-outline"
          aria-pressed={locked}
          onClick={() => void session.moderate(locked ? "unlock" : "lock")}
        >
          <Icon name={locked ? "lock" : "unlock"} size={16} />
          {locked ? strings.unlockRoom : strings.lockRoom}
        </button>
        {info?.access !== undefined && (
          <button
            type="button"
            class="mw-outline"
            aria-expanded={open}
            data-testid="mw-settings-toggle"
            onClick={() => {
              state.settingsOpen.value = !open;
            }}
          >
            <Icon name="settings" size={16} />
            {strings.roomSettings}
          </button>
        )}
      </div>
      {open && info?.access !== undefined && <Later of="RoomSettings" props={{}} />}
    </>
  );
}

interface GroupProps {
  readonly title: string;
  readonly people: readonly Participant[];
  readonly hands: readonly string[];
}

function Group({ title, people, hands }: GroupProps): JSX.Element | null {
  if (people.length === 0) return null;
  return (
    <section>
      <h3>
        {title} <span>{people.length}</span>
      </h3>
      <ul>
        {people.map((who) => (
          <Person key={who.id} who={who} hand={hands.indexOf(who.id) + 1} />
        ))}
      </ul>
    </section>
  );
}

function Person({ who, hand }: { who: Participant; hand: number }): JSX.Element {
  const { session } = useRoom();
  const [sure, setSure] = useState(false);
  const you = session.you.value;
  const self = you?.id === who.id;
  const name = plainName(who);
  const { microphone, camera, away, status } = who.state;
  const mayModerate = session.rights.value.moderate && !self && who.role !== "owner";
  if (sure) {
    return (
      <li class="mw-person" data-sure>
        <span class="mw-ellipsis">{strings.removeSure(name)}</span>
        <button
          type="button"
          class="mw-link mw-danger"
          onClick={() => {
            setSure(false);
            void session.moderate("remove", who.id);
          }}
        >
          {strings.removeYes}
        </button>
        <button type="button" class="mw-link" onClick={() => setSure(false)}>
          {strings.cancel}
        </button>
      </li>
    );
  }
  return (
    <li class="mw-person" data-away={away === true} data-participant={who.id}>
      <Avatar who={who} size={28} />
      <span class="mw-person-name">
        <span class="mw-ellipsis">{name}</span>
        {self && <span class="mw-tag">{strings.you}</span>}
        {who.kind !== "person" && (
          <span class="mw-tag">{who.kind === "kernel" ? strings.kernelTag : strings.guestTag}</span>
        )}
        {ROLE_TAGS[who.role] !== "" && <span class="mw-tag">{ROLE_TAGS[who.role]}</span>}
        {away && <span class="mw-muted">{strings.away}</span>}
        {status && <span class="mw-muted mw-ellipsis">{status}</span>}
      </span>
      {mayModerate && (
        <span class="mw-person-tools">
          {microphone && (
            <button
              type="button"
              class="mw-tool"
              title={strings.mutePerson(name)}
              aria-label={strings.mutePerson(name)}
              onClick={() => void session.moderate("mute", who.id)}
            >
              <Icon name="microphoneOff" size={16} />
            </button>
          )}
          <RoleMenu who={who} name={name} />
          <button
            type="button"
            class="mw-tool"
            title={strings.removePerson(name)}
            aria-label={strings.removePerson(name)}
            onClick={() => setSure(true)}
          >
            <Icon name="remove" size={16} />
          </button>
        </span>
      )}
      {hand > 0 && (
        <span class="mw-hand-chip" title={strings.handPlace(hand)}>
          <Icon name="hand" size={14} />
          {hand}
        </span>
      )}
      {who.kind !== "kernel" && (
        <span class="mw-person-state">
          <span class={microphone ? "" : "mw-off"}>
            <Icon name={microphone ? "microphone" : "microphoneOff"} size={16} />
          </span>
          <span class={camera ? "" : "mw-off"}>
            <Icon name={camera ? "camera" : "cameraOff"} size={16} />
          </span>
        </span>
      )}
      {!self && <PersonPlace who={who} />}
    </li>
  );
}

/** Guests and kernels can be quiet or not, and no more. */
function RoleMenu({ who, name }: { who: Participant; name: string }): JSX.Element {
  const { session } = useRoom();
  const button = useRef<HTMLButtonElement>(null);
  const [open, setOpen] = useState(false);
  const label = strings.role(name);
  const roles = ["moderator", "member", "observer"] as const;
  return (
    <>
      <button
        type="button"
        class="mw-tool"
        ref={button}
        title={label}
        aria-label={label}
        aria-haspopup="dialog"
        aria-expanded={open}
        data-testid="mw-role"
        onClick={() => setOpen(!open)}
      >
        <Icon name="people" size={16} />
      </button>
      {open && (
        <Popover anchor={button} label={label} onClose={() => setOpen(false)} className="mw-menu">
          <b>{label}</b>
          <ul>
            {roles.slice(who.kind === "person" ? 0 : 1).map((role) => (
              <li key={role}>
                <button
                  type="button"
                  class="mw-menu-item"
                  aria-pressed={who.role === role}
                  onClick={() => {
                    setOpen(false);
                    void session.moderate("role", who.id, role);
                  }}
                >
                  <span class="mw-menu-mark">
                    {who.role === role && <Icon name="check" size={16} />}
                  </span>
                  {strings[role]}
                </button>
              </li>
            ))}
          </ul>
        </Popover>
      )}
    </>
  );
}
