/** How many messages nobody has looked at; with an @ if some of them are for this person. */

import { useComputed } from "@preact/signals";
import type { JSX } from "preact";
import { mentionCount } from "./attention.js";
import { strings } from "./strings.js";
import { unreadCount, useRoom } from "./view.js";

export function UnreadBadge({ corner = false }: { corner?: boolean }): JSX.Element | null {
  const { session, state } = useRoom();
  const messages = session.messages;
  const unread = useComputed(() => unreadCount(messages.value, state.seen.value)).value;
  const mentions = useComputed(() => mentionCount(messages.value, state.seen.value)).value;
  if (unread === 0) return null;
  const title =
    strings.unread(unread) + (mentions > 0 ? `, ${strings.mentionCount(mentions)}` : "");
  return (
    <span
      class={`mw-badge ${corner ? "mw-badge-corner" : ""}`}
      data-mentions={mentions}
      data-testid="mw-unread"
      title={title}
    >
      <span aria-hidden="true">{mentions > 0 ? `@${unread}` : unread}</span>
      <span class="mw-hidden">{title}</span>
    </span>
  );
}
