/** Messages for some only: how they are marked, and how one chooses who may read. */

import type { JSX } from "preact";
import type { ChatMessage, Session, User } from "../../session/index.js";
import { Icon } from "../icons.js";
import { plainName } from "../people.js";
import { strings } from "../strings.js";
import { useRoom } from "../view.js";
import { About } from "./about.js";
import { composingOf } from "./composing.js";

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
