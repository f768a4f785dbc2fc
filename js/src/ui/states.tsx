/** What is shown instead of the tiles: joining, alone, unreachable, left, removed, locked. */

import type { ComponentChildren, JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { EndCode, Phase } from "../session/index.js";
import type { Rect } from "./grid.js";
import { Icon, type IconName } from "./icons.js";
import { CopyLine } from "./invite.js";
import { Countdown } from "./lines.js";
import { PreJoin } from "./prejoin.js";
import { strings } from "./strings.js";
import { useRoom } from "./view.js";

interface CardProps {
  readonly icon: IconName;
  readonly title: string;
  readonly text?: string;
  readonly children?: ComponentChildren;
  readonly testId: string;
}

export function Card({ icon, title, text, children, testId }: CardProps): JSX.Element {
  return (
    <div class="mw-state" data-testid={testId}>
      <span class="mw-state-icon">
        <Icon name={icon} size={24} />
      </span>
      <h3>{title}</h3>
      {text !== undefined && text !== "" && <p>{text}</p>}
      {children && <div class="mw-state-actions">{children}</div>}
    </div>
  );
}

function JoinButton({ label, focus }: { label: string; focus?: boolean }): JSX.Element {
  const { session } = useRoom();
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    // The button that was pressed to leave is gone; the keyboard goes on here.
    const lost = document.activeElement === null || document.activeElement === document.body;
    if (focus && lost) button.current?.focus({ preventScroll: true });
  }, [focus]);
  return (
    <button
      type="button"
      class="mw-solid"
      ref={button}
      data-testid="mw-rejoin"
      onClick={() => session.join()}
    >
      {label}
    </button>
  );
}

/** Before the meeting, and after a reload: nobody enters a meeting by opening a notebook. */
export function AskCard(): JSX.Element {
  const { returning, session } = useRoom();
  const name = session.roomInfo.value?.title || session.room;
  return (
    <PreJoin
      title={returning ? strings.rejoinTitle : strings.joinTitle(name)}
      text={strings.askText}
      testId="mw-ask"
    >
      <JoinButton label={returning ? strings.rejoin : strings.join} />
    </PreJoin>
  );
}

/** The same shapes as the room will have. */
export function StageSkeleton(): JSX.Element {
  const { session } = useRoom();
  return (
    <div
      class="mw-stage mw-skeleton-stage"
      role="status"
      aria-label={strings.joiningRoom(session.room)}
    >
      <div class="mw-skeleton-tiles">
        <span class="mw-skeleton" />
        <span class="mw-skeleton" />
        <span class="mw-skeleton" />
        <span class="mw-skeleton" />
      </div>
      <p class="mw-skeleton-word">{strings.joiningRoom(session.room)}</p>
    </div>
  );
}

export function PanelSkeleton(): JSX.Element {
  return (
    <aside class="mw-panel" aria-hidden="true">
      <div class="mw-tabs">
        <span class="mw-skeleton mw-skeleton-line" style={{ width: "48px" }} />
        <span class="mw-skeleton mw-skeleton-line" style={{ width: "64px" }} />
      </div>
      <div class="mw-skeleton-chat">
        {[72, 88, 56].map((width) => (
          <div class="mw-skeleton-message" key={width}>
            <span class="mw-skeleton mw-skeleton-face" />
            <span class="mw-skeleton-words">
              <span class="mw-skeleton mw-skeleton-line" style={{ width: "40%" }} />
              <span class="mw-skeleton mw-skeleton-line" style={{ width: `${width}%` }} />
            </span>
          </div>
        ))}
      </div>
    </aside>
  );
}

/** Nobody else is here yet: how to change that, on the empty seat beside one's own tile. */
export function AloneCard({ place }: { place: Rect }): JSX.Element {
  const { session, invitation } = useRoom();
  const page = session.pageUrl.value;
  return (
    <div
      class="mw-alone"
      data-testid="mw-alone"
      style={{
        left: `${place.x}px`,
        top: `${place.y}px`,
        width: `${place.width}px`,
        height: `${place.height}px`,
      }}
    >
      <b>{strings.aloneTitle}</b>
      <p>{page === null ? strings.aloneText : strings.invitePage}</p>
      {page === null ? (
        <CopyLine text={invitation.command} label={strings.copyCommand} />
      ) : (
        <CopyLine text={page} label={strings.copyLink} />
      )}
    </div>
  );
}

/** Never been in: the relay cannot be reached at all. */
export function UnreachableCard({
  phase,
}: {
  phase: Extract<Phase, { kind: "reconnecting" }>;
}): JSX.Element {
  const { session } = useRoom();
  return (
    <Card
      icon="plug"
      title={strings.unreachableTitle}
      text={`${phase.reason} ${strings.unreachableText}`.trim()}
      testId="mw-unreachable"
    >
      <button type="button" class="mw-solid" onClick={() => session.retryNow()}>
        {strings.tryNow}
      </button>
      <span class="mw-state-aside">
        <Countdown retryAt={phase.retryAt} />
      </span>
    </Card>
  );
}

const ENDS: Record<EndCode, { readonly icon: IconName; readonly title: string }> = {
  left: { icon: "leave", title: strings.leftTitle },
  idle: { icon: "leave", title: strings.leftTitle },
  removed: { icon: "remove", title: strings.removedTitle },
  replaced: { icon: "copy", title: strings.replacedTitle },
  "room-locked": { icon: "lock", title: strings.lockedTitle },
  denied: { icon: "lock", title: strings.deniedTitle },
  "not-invited": { icon: "lock", title: strings.notInvitedTitle },
  "too-many": { icon: "copy", title: strings.tooManyTitle },
  "not-allowed": { icon: "lock", title: strings.noAccessTitle },
  "signed-out": { icon: "lock", title: strings.signedOutTitle },
  "not-installed": { icon: "plug", title: strings.notInstalledTitle },
  "invalid-room": { icon: "alert", title: strings.invalidRoomTitle },
  protocol: { icon: "alert", title: strings.protocolTitle },
};

const AGAIN: Partial<Record<EndCode, string>> = {
  left: strings.rejoin,
  denied: strings.askAgain,
};

/** Own words where the reader knows the reason; else the session's sentence. */
function endText(code: EndCode, reason: string, room: string): string {
  if (code === "left" || code === "idle") return strings.leftText(room);
  if (code === "room-locked") return strings.lockedText;
  if (code === "replaced") return strings.replacedText;
  return reason;
}

export function EndedCard({ phase }: { phase: Extract<Phase, { kind: "ended" }> }): JSX.Element {
  const { session } = useRoom();
  const end = ENDS[phase.code];
  return (
    <Card
      icon={end.icon}
      title={end.title}
      text={endText(phase.code, phase.reason, session.room)}
      testId="mw-ended"
    >
      {phase.canRejoin && (
        <JoinButton label={AGAIN[phase.code] ?? strings.tryAgain} focus={phase.code === "left"} />
      )}
    </Card>
  );
}

/** The interface itself failed: the meeting need not. */
export function CrashCard(): JSX.Element {
  return (
    <Card
      icon="alert"
      title={strings.crashedTitle}
      text={strings.crashedText}
      testId="mw-crashed"
    />
  );
}
