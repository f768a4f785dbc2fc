/** Chooses whom the next message is for. */

import type { JSX, RefObject } from "preact";
import { useState } from "preact/hooks";
import type { Participant, Session, User } from "../../session/index.js";
import { Avatar } from "../avatar.js";
import { words } from "../later/words.js";
import { plainName } from "../people.js";
import { Popover } from "../popover.js";
import { useRoom } from "../view.js";
import { composingOf, writeTo } from "./composing.js";

/** Everybody one can write to, each once, however many devices they are here with. */
function possibleReaders(session: Session): readonly Participant[] {
  const you = session.you.value;
  const found = new Map<string, Participant>();
  for (const who of session.participants.value.values()) {
    // A message to one's own kernel says nothing to anybody else; it reads what its user reads.
    if (who.user.name === you?.user.name) continue;
    const known = found.get(who.user.name);
    if (!known || known.kind === "kernel") found.set(who.user.name, who);
  }
  return [...found.values()];
}

interface Props {
  readonly anchor: RefObject<HTMLElement | null>;
  readonly onClose: () => void;
}

/** Chooses who may read the next message. */
export function ReaderChooser({ anchor, onClose }: Props): JSX.Element {
  const { session } = useRoom();
  const composing = composingOf(session);
  const people = possibleReaders(session);
  const [chosen, setChosen] = useState<ReadonlyMap<string, User>>(
    () => new Map(composing.readers.peek()?.map((user) => [user.name, user])),
  );
  const toggle = ({ user }: Participant): void => {
    const next = new Map(chosen);
    if (!next.delete(user.name)) next.set(user.name, user);
    setChosen(next);
  };
  return (
    <Popover anchor={anchor} label={words.privateWho} onClose={onClose} className="mw-menu">
      <b>{words.privateWho}</b>
      {people.length === 0 && <p class="mw-muted">{words.privateNobody}</p>}
      <ul class="mw-readers">
        {people.map((who) => (
          <li key={who.id}>
            <label class="mw-menu-item">
              <input
                type="checkbox"
                class="mw-check"
                checked={chosen.has(who.user.name)}
                onChange={() => toggle(who)}
              />
              <Avatar who={who} size={20} />
              <span class="mw-ellipsis">{plainName(who)}</span>
            </label>
          </li>
        ))}
      </ul>
      <button
        type="button"
        class="mw-solid mw-small"
        data-testid="mw-private-done"
        disabled={chosen.size === 0}
        onClick={() => {
          onClose();
          writeTo(session, [...chosen.values()]);
        }}
      >
        {words.privateDone}
      </button>
    </Popover>
  );
}
