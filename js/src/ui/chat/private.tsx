/** Messages for some only: how they are marked, and how one chooses who may read. */

import type { JSX, RefObject } from "preact";
import { useState } from "preact/hooks";
import type { ChatMessage, Participant, Session, User } from "../../session/index.js";
import { Avatar } from "../avatar.js";
import { Icon } from "../icons.js";
import { plainName } from "../people.js";
import { Popover } from "../popover.js";
import { strings } from "../strings.js";
import { useRoom } from "../view.js";
import { About } from "./about.js";
import { composingOf, writeTo } from "./composing.js";

/** Who besides the author may read a message, as long as that is known. */
function readersOf(session: Session, message: ChatMessage): readonly User[] {
  if (message.readers) return message.readers;
  const here = session.participants.value;
  return (message.to ?? []).flatMap((id) => here.get(id)?.user ?? []);
}

/** Everybody in a private conversation but oneself. */
export function othersIn(session: Session, message: ChatMessage): readonly User[] {
  const own = session.you.value?.user.name;
  const all = [message.by.user, ...readersOf(session, message)];
  const names = all.map(({ name }) => name);
  return all.filter(({ name }, at) => name !== own && names.indexOf(name) === at);
}

/** Plainly says that not everybody reads this; `hidden`: where it is plain to see from above. */
export function PrivateMark(props: { message: ChatMessage; hidden: boolean }): JSX.Element {
  const { message, hidden } = props;
  const { session } = useRoom();
  const own = session.you.value?.user.name;
  const readers = readersOf(session, message);
  const others = readers.filter(({ name }) => name !== own);
  const names = others.map((user) => plainName({ user }));
  const text = message.own
    ? strings.privateTo(strings.names(names))
    : others.length === 0
      ? strings.privateYou
      : strings.privateTo(strings.names([strings.you.toLowerCase(), ...names]));
  return (
    <span class={hidden ? "mw-hidden" : "mw-tag mw-private"} data-testid="mw-private">
      <Icon name="lock" size={11} /> {text}
    </span>
  );
}

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

/** Those of `readers` who are here, by participant id, and those who are not. */
export function addresses(
  session: Session,
  readers: readonly User[],
): { readonly ids: readonly string[]; readonly gone: readonly User[] } {
  const here = [...session.participants.value.values()];
  const ids = ({ name }: User): readonly string[] =>
    here.filter(({ user }) => user.name === name).map(({ id }) => id);
  return {
    ids: readers.flatMap(ids),
    gone: readers.filter((reader) => ids(reader).length === 0),
  };
}

/** Above the composer: whom the next message is for. */
export function PrivateLine(): JSX.Element | null {
  const { session } = useRoom();
  const composing = composingOf(session);
  const readers = composing.readers.value;
  if (!readers) return null;
  const { gone } = addresses(session, readers);
  const names = (list: readonly User[]): string =>
    strings.names(list.map((user) => plainName({ user })));
  return (
    <About
      icon="lock"
      end={strings.privateEnd}
      onEnd={() => writeToAll(session)}
      className="mw-about-private"
      testId="mw-private-line"
    >
      <b class="mw-ellipsis">{strings.privateFor(names(readers))}</b>
      {gone.length > 0 && (
        <span class="mw-failed" role="alert">
          {strings.privateGone(names(gone))}
        </span>
      )}
    </About>
  );
}

function writeToAll(session: Session): void {
  const composing = composingOf(session);
  composing.readers.value = null;
  composing.summoned.value += 1;
}

interface ChooserProps {
  readonly anchor: RefObject<HTMLElement | null>;
  readonly onClose: () => void;
}

/** Chooses who may read the next message. */
export function ReaderChooser({ anchor, onClose }: ChooserProps): JSX.Element {
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
    <Popover anchor={anchor} label={strings.privateWho} onClose={onClose} className="mw-menu">
      <b>{strings.privateWho}</b>
      {people.length === 0 && <p class="mw-muted">{strings.privateNobody}</p>}
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
        {strings.privateDone}
      </button>
    </Popover>
  );
}
