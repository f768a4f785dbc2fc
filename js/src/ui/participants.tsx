/** The list of people and kernels, and what a moderator can do. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Participant, Role } from "../session/index.js";
import { Avatar } from "./avatar.js";
import { Icon } from "./icons.js";
import { handQueue, plainName } from "./people.js";
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
      <Lock />
      <Group title={strings.handsUp} people={raised} hands={hands} />
      <Group title={strings.inRoom} people={persons} hands={hands} />
      <Group title={strings.kernelsHere} people={kernels} hands={hands} />
    </div>
  );
}

function useModerator(): (action: Promise<void>) => void {
  const { session } = useRoom();
  return (action) => {
    action.catch((error: unknown) => {
      const failure = error as { code?: string; message?: string };
      session.notify("error", failure.code ?? "failed", failure.message ?? strings.moderateFailed);
    });
  };
}

function moderates(you: Participant | null): boolean {
  return you?.role === "owner" || you?.role === "moderator";
}

function Lock(): JSX.Element | null {
  const { session } = useRoom();
  const run = useModerator();
  const locked = session.roomInfo.value?.locked === true;
  if (!moderates(session.you.value)) {
    return locked ? <p class="mw-muted mw-people-note">{strings.lockedRoom}</p> : null;
  }
  return (
    <button
      type="button"
      class="mw-outline"
      aria-pressed={locked}
      onClick={() => run(session.moderate(locked ? "unlock" : "lock"))}
    >
      <Icon name={locked ? "lock" : "unlock"} size={16} />
      {locked ? strings.unlockRoom : strings.lockRoom}
    </button>
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
  const run = useModerator();
  const [sure, setSure] = useState(false);
  const you = session.you.value;
  const self = you?.id === who.id;
  const name = plainName(who);
  const { microphone, camera, away, status } = who.state;
  const tag = who.kind === "kernel" ? strings.kernelTag : ROLE_TAGS[who.role];
  const mayModerate = moderates(you) && !self && who.role !== "owner";
  if (sure) {
    return (
      <li class="mw-person" data-sure>
        <span class="mw-ellipsis">{strings.removeSure(name)}</span>
        <button
          type="button"
          class="mw-link mw-danger"
          onClick={() => {
            setSure(false);
            run(session.moderate("remove", who.id));
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
        {tag !== "" && <span class="mw-tag">{tag}</span>}
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
              onClick={() => run(session.moderate("mute", who.id))}
            >
              <Icon name="microphoneOff" size={16} />
            </button>
          )}
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
    </li>
  );
}
