/** The chat: messages, who is typing, and where to write. */

import { useComputed } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { Later, prepareLater } from "../later/later.js";
import { plainName } from "../people.js";
import { strings } from "../strings.js";
import { useRoom } from "../view.js";
import { Composer } from "./composer.js";
import { Pins } from "./pins.js";
import { readingOf } from "./reading.js";
import { Thread } from "./thread.js";

/** `readOnly`: after the meeting, when there is nobody to write to. */
export function Chat({ readOnly }: { readOnly: boolean }): JSX.Element {
  const { session } = useRoom();
  const { searching } = readingOf(session);
  const chat = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const view = chat.current?.ownerDocument.defaultView;
    if (!view) return;
    // Before the notebook takes the keys for a search of its own; once it is open, the browser's
    // search is one more press away.
    const onKeyDown = (event: KeyboardEvent): void => {
      const chord = (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey;
      if (!chord || event.key.toLowerCase() !== "f") return;
      if (searching.peek() || !chat.current?.contains(event.target as Node)) return;
      event.preventDefault();
      event.stopPropagation();
      searching.value = true;
    };
    view.addEventListener("keydown", onKeyDown, true);
    return () => view.removeEventListener("keydown", onKeyDown, true);
  }, [searching]);
  const close = (): void => {
    searching.value = false;
    chat.current?.querySelector<HTMLElement>("textarea")?.focus({ preventScroll: true });
  };
  return (
    <div
      class="mw-chat"
      ref={chat}
      onPointerEnter={() => prepareLater(session)}
      onFocusIn={() => prepareLater(session)}
    >
      {searching.value && <Later of="Search" props={{ onClose: close }} />}
      <Pins />
      <Thread />
      {!readOnly && (
        <div class="mw-chat-foot">
          <Typing />
          <Composer />
        </div>
      )}
    </div>
  );
}

function Typing(): JSX.Element {
  const { session } = useRoom();
  const who = useComputed(() => {
    const people = session.participants.value;
    const list: string[] = [];
    for (const id of session.typing.value) {
      const participant = people.get(id);
      if (participant) list.push(plainName(participant));
    }
    return list.length === 0 ? "" : strings.typing(list);
  }).value;
  return <p class="mw-typing">{who}</p>;
}
