/** Asks once whether the system shall tell of mentions: when the first one is there. */

import { useComputed } from "@preact/signals";
import type { JSX } from "preact";
import type { Session } from "../../session/index.js";
import { allowNotifying, canNotify, isForMe, wishes } from "../attention.js";
import { Icon } from "../icons.js";
import { strings } from "../strings.js";
import { useRoom } from "../view.js";

export function AskNotify(): JSX.Element | null {
  const { session } = useRoom();
  const named = useComputed(() => session.messages.value.some(isForMe)).value;
  if (!named || wishes.notify.value !== "ask" || !canNotify()) return null;
  return (
    <div class="mw-about mw-ask" data-testid="mw-ask-notify">
      <Icon name="bell" size={14} />
      <span>{strings.askNotify}</span>
      <button type="button" class="mw-link" onClick={() => void askToNotify(session)}>
        {strings.askNotifyYes}
      </button>
      <button
        type="button"
        class="mw-link"
        onClick={() => {
          wishes.notify.value = "off";
        }}
      >
        {strings.askNotifyNo}
      </button>
    </div>
  );
}

/** Asks the browser; says so where it does not allow it. */
export async function askToNotify(session: Session): Promise<void> {
  if (!(await allowNotifying())) session.notify("error", "notify", strings.notifyBlocked);
}
