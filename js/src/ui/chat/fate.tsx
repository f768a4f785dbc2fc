/** What became of an own message that is not yet, or not at all, with the others. */

import type { JSX } from "preact";
import type { ChatMessage } from "../../session/index.js";
import { Icon } from "../icons.js";
import { strings } from "../strings.js";
import { useRoom } from "../view.js";

export function Fate({ message }: { message: ChatMessage }): JSX.Element | null {
  const { session } = useRoom();
  const { delivery, cid } = message;
  if (delivery.kind === "pending") return <p class="mw-fate mw-muted">{strings.sending}</p>;
  if (delivery.kind === "sent" || cid === null) return null;
  return (
    <p class="mw-fate mw-failed" role="alert">
      <Icon name="alert" size={14} />
      <span>{strings.failed(delivery.reason)}</span>
      <button type="button" class="mw-link" onClick={() => session.retry(cid)}>
        {strings.retry}
      </button>
      <button type="button" class="mw-link" onClick={() => session.discard(cid)}>
        {strings.discard}
      </button>
    </p>
  );
}
