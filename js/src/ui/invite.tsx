/** How others get in: the line to run, and the notebook's address. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Icon } from "./icons.js";
import { strings } from "./strings.js";
import { useRoom } from "./view.js";

export function InviteCard(): JSX.Element {
  const { session, invitation } = useRoom();
  const page = session.pageUrl.value;
  if (page !== null) {
    return (
      <div class="mw-invite">
        <b>{strings.inviteTitle}</b>
        <p>{strings.invitePage}</p>
        <CopyLine text={page} label={strings.copyLink} />
        <p>{strings.inviteOr}</p>
        <CopyLine text={invitation.command} label={strings.copyCommand} />
      </div>
    );
  }
  return (
    <div class="mw-invite">
      <b>{strings.inviteTitle}</b>
      <p>{strings.inviteHow}</p>
      <CopyLine text={invitation.command} label={strings.copyCommand} />
      {invitation.link !== null && (
        <>
          <p>{strings.inviteLink}</p>
          <CopyLine text={invitation.link} label={strings.copyLink} />
        </>
      )}
    </div>
  );
}

/** A line that is copied with one click, and can be selected where copying is not allowed. */
export function CopyLine({ text, label }: { text: string; label: string }): JSX.Element {
  const [state, setState] = useState<"idle" | "copied" | "failed">("idle");
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text);
      setState("copied");
    } catch {
      setState("failed");
    }
    setTimeout(() => setState("idle"), 2500);
  };
  return (
    <span class="mw-copy">
      <input
        type="text"
        readOnly
        value={text}
        aria-label={label}
        data-lm-suppress-shortcuts="true"
        onFocus={(event) => event.currentTarget.select()}
      />
      <button
        type="button"
        class="mw-tool"
        title={label}
        aria-label={label}
        data-first
        onClick={() => void copy()}
      >
        <Icon name={state === "copied" ? "check" : "copy"} size={16} />
      </button>
      {state === "failed" && (
        <small class="mw-failed" role="alert">
          {strings.copyFailed}
        </small>
      )}
    </span>
  );
}
