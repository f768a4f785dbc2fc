/** What moderators set of a room: its title, its door, who is invited. */

import type { JSX, TargetedSubmitEvent } from "preact";
import { useMemo, useState } from "preact/hooks";
import type { Access } from "../session/index.js";
import { GuestLinks } from "./guest-links.js";
import { Icon } from "./icons.js";
import { words } from "./later/words.js";
import { useRoom } from "./view.js";

const CHOICES = (): readonly (readonly [Access, label: string, hint: string])[] => [
  ["open", words.accessOpen, words.accessOpenHint],
  ["lobby", words.accessLobby, words.accessLobbyHint],
  ["invited", words.accessInvited, words.accessInvitedHint],
  ["private", words.accessPrivate, words.accessPrivateHint],
];

let groups = 0;

export function RoomSettings(): JSX.Element {
  const { session } = useRoom();
  return (
    <div class="mw-settings" data-testid="mw-room-settings">
      <Line
        label={words.roomTitle}
        start={session.roomInfo.value?.title ?? ""}
        action={words.save}
        testId="mw-room-title"
        onSubmit={(title) => void session.setRoom({ title })}
      />
      <AccessChoice />
      <Invited />
      {session.rights.value.guest_links && <GuestLinks />}
    </div>
  );
}

function AccessChoice(): JSX.Element {
  const { session } = useRoom();
  // Radio buttons of two views of a room must not be one group.
  const name = useMemo(() => `mw-access-${++groups}`, []);
  // What was chosen, until the relay has decided: a refused choice jumps back.
  const [asked, setAsked] = useState<Access | null>(null);
  const chosen = asked ?? session.roomInfo.value?.access;
  const choose = async (access: Access): Promise<void> => {
    setAsked(access);
    await session.setRoom({ access }).catch(() => undefined);
    setAsked(null);
  };
  return (
    <fieldset class="mw-access" data-testid="mw-access">
      <legend>{words.access}</legend>
      {CHOICES().map(([access, label, hint]) => (
        <label key={access}>
          <input
            type="radio"
            name={name}
            value={access}
            checked={chosen === access}
            onChange={() => void choose(access)}
          />
          <span>
            <b>{label}</b>
            <span class="mw-muted">{hint}</span>
          </span>
        </label>
      ))}
    </fieldset>
  );
}

function Invited(): JSX.Element {
  const { session } = useRoom();
  const invited = session.roomInfo.value?.invited ?? [];
  return (
    <section>
      <h4>{words.invited}</h4>
      <p class="mw-muted">{words.invitedHint}</p>
      <ul class="mw-invited">
        {invited.map((user) => (
          <li class="mw-tag" key={user}>
            <span class="mw-ellipsis">{user}</span>
            <button
              type="button"
              class="mw-tool"
              title={words.uninvite(user)}
              aria-label={words.uninvite(user)}
              onClick={() => void session.setRoom({ uninvite: [user] })}
            >
              <Icon name="close" size={14} />
            </button>
          </li>
        ))}
      </ul>
      <Line
        label={words.inviteUser}
        hideLabel
        start=""
        action={words.inviteAdd}
        testId="mw-invite-input"
        onSubmit={(user) => void session.setRoom({ invite: [user] })}
      />
    </section>
  );
}

interface LineProps {
  readonly label: string;
  readonly hideLabel?: boolean;
  /** What stands there before anybody types, and again afterwards. */
  readonly start: string;
  readonly action: string;
  readonly testId: string;
  readonly onSubmit: (text: string) => void;
}

/** One line of text and the button that sends it. */
function Line({ label, hideLabel, start, action, testId, onSubmit }: LineProps): JSX.Element {
  const [text, setText] = useState<string | null>(null);
  const value = text ?? start;
  const idle = value.trim() === "" || value.trim() === start;
  const submit = (event: TargetedSubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    if (idle) return;
    onSubmit(value.trim());
    setText(null);
  };
  return (
    <form onSubmit={submit}>
      {!hideLabel && <h4>{label}</h4>}
      <span class="mw-copy">
        <input
          type="text"
          value={value}
          placeholder={label}
          aria-label={label}
          data-testid={testId}
          data-lm-suppress-shortcuts="true"
          onInput={(event) => setText(event.currentTarget.value)}
        />
        <button type="submit" class="mw-outline" disabled={idle}>
          {action}
        </button>
      </span>
    </form>
  );
}
