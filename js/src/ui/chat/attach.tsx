/** What else a message can be or carry: files, a poll, words for some only, a cell. */

import type { JSX } from "preact";
import { useRef, useState } from "preact/hooks";
import { Icon, type IconName } from "../icons.js";
import { Later, prepareLater } from "../later/later.js";
import { Popover } from "../popover.js";
import { strings } from "../strings.js";
import { ToolButton } from "../tool-button.js";
import { useHost } from "../use-host.js";
import { useRoom } from "../view.js";
import { composingOf, pointAt, summon } from "./composing.js";
import { NEW_POLL } from "./poll-draft.js";

export function Attach(): JSX.Element {
  const { session } = useRoom();
  const composing = composingOf(session);
  const host = useHost();
  const button = useRef<HTMLButtonElement>(null);
  const input = useRef<HTMLInputElement>(null);
  const [open, setOpen] = useState<"menu" | "readers" | null>(null);
  const place = open === "menu" ? host?.place() : null;
  const item = (icon: IconName, label: string, testId: string, act: () => void): JSX.Element => (
    <li>
      <button
        type="button"
        class="mw-menu-item"
        data-testid={testId}
        onClick={() => {
          setOpen(null);
          act();
        }}
      >
        <Icon name={icon} size={16} />
        {label}
      </button>
    </li>
  );
  return (
    <>
      <ToolButton
        icon="attach"
        size={18}
        label={strings.attach}
        testId="mw-attach"
        opens={{ anchor: button, open: open !== null }}
        onClick={() => {
          prepareLater(session);
          setOpen(open === null ? "menu" : null);
        }}
      />
      <input
        type="file"
        hidden
        ref={input}
        multiple
        data-testid="mw-file-input"
        onChange={({ currentTarget }) => {
          composing.uploads.add(currentTarget.files ?? []);
          // The same file may be chosen again.
          currentTarget.value = "";
          summon(session);
        }}
      />
      {open === "menu" && (
        <Popover
          anchor={button}
          label={strings.attach}
          onClose={() => setOpen(null)}
          className="mw-menu"
        >
          <ul>
            {composing.uploads.possible &&
              item("attach", strings.attachFile, "mw-attach-file", () => input.current?.click())}
            {item("poll", strings.attachPoll, "mw-attach-poll", () => {
              composing.poll.value ??= NEW_POLL;
              summon(session);
            })}
            {item("lock", strings.attachPrivate, "mw-attach-private", () => setOpen("readers"))}
            {place &&
              item("place", strings.pointAtCell, "mw-attach-place", () => pointAt(session, place))}
          </ul>
        </Popover>
      )}
      {open === "readers" && (
        <Later of="ReaderChooser" props={{ anchor: button, onClose: () => setOpen(null) }} />
      )}
    </>
  );
}
