/** One-line messages near what they are about: connection, devices, sound, notices. */

import { useComputed } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Notice } from "../session/index.js";
import { useNow } from "./hooks.js";
import { Icon } from "./icons.js";
import { strings } from "./strings.js";
import { useRoom } from "./view.js";

/** How long a notice stays by itself, ms. */
const INFO_MS = 5000;
const ERROR_MS = 9000;
/** Notices shown at once; older ones wait behind them. */
const MOST_NOTICES = 3;

/** The thin bar while the connection is lost; the room stays as it was, greyed. */
export function ReconnectBar(): JSX.Element | null {
  const { session } = useRoom();
  const phase = session.phase.value;
  if (phase.kind !== "reconnecting") return null;
  return (
    <div class="mw-bar" role="status" data-testid="mw-reconnecting">
      <Icon name="plug" size={16} />
      <span>
        {phase.reason} <Countdown retryAt={phase.retryAt} />
      </span>
      {phase.retryAt !== null && (
        <button type="button" class="mw-link" onClick={() => session.retryNow()}>
          {strings.tryNow}
        </button>
      )}
    </div>
  );
}

export function Countdown({ retryAt }: { retryAt: number | null }): JSX.Element {
  const now = useNow(250, retryAt !== null);
  if (retryAt === null) return <>{strings.retryNow}</>;
  // Not announced second by second.
  return (
    <span aria-live="off">{strings.retryIn(Math.max(1, Math.ceil((retryAt - now) / 1000)))}</span>
  );
}

/** The browser wants a click before it plays sound. */
export function SoundBar(): JSX.Element | null {
  const { engine } = useRoom();
  if (!engine?.playbackBlocked.value) return null;
  return (
    <div class="mw-bar mw-bar-accent" role="status">
      <Icon name="volume" size={16} />
      <span>{strings.soundBlocked}</span>
      <button
        type="button"
        class="mw-solid mw-small"
        data-testid="mw-unblock"
        onClick={() => engine.unblockPlayback()}
      >
        {strings.hear}
      </button>
    </div>
  );
}

/** Why a device or the media as a whole does not work; the rest of the room goes on. */
export function DeviceLines(): JSX.Element | null {
  const { engine } = useRoom();
  const [hidden, setHidden] = useState<readonly string[]>([]);
  const reasons = useComputed(() => {
    if (!engine) return [];
    const { capability, microphone, camera, screen } = engine;
    const list = [capability.value.reason, microphone.value.reason, camera.value.reason];
    // That there is no sharing here at all is told by its button, to whom it concerns.
    if (screen.value.kind !== "unsupported") list.push(screen.value.reason);
    return [...new Set(list.filter((reason) => reason !== undefined && reason !== ""))] as string[];
  }).value;
  const shown = reasons.filter((reason) => !hidden.includes(reason));
  if (shown.length === 0) return null;
  return (
    <div class="mw-lines" role="status">
      {shown.map((reason) => (
        <p class="mw-line" key={reason} data-testid="mw-device-note">
          <Icon name="alert" size={16} />
          <span>{reason}</span>
          <button
            type="button"
            class="mw-tool"
            title={strings.dismiss}
            aria-label={strings.dismiss}
            onClick={() => setHidden([...hidden, reason])}
          >
            <Icon name="close" size={14} />
          </button>
        </p>
      ))}
    </div>
  );
}

/** What the session has to say, over the stage's lower edge. */
export function Notices(): JSX.Element {
  const { session } = useRoom();
  const list = session.notices.value.slice(-MOST_NOTICES);
  return (
    <div class="mw-notices" role="status">
      {list.map((notice) => (
        <NoticeCard key={notice.id} notice={notice} />
      ))}
    </div>
  );
}

function NoticeCard({ notice }: { notice: Notice }): JSX.Element {
  const { session } = useRoom();
  useEffect(() => {
    const stay = notice.level === "error" ? ERROR_MS : INFO_MS;
    const left = notice.at + stay - Date.now();
    const timer = setTimeout(() => session.dismiss(notice.id), Math.max(0, left));
    return () => clearTimeout(timer);
  }, [notice, session]);
  return (
    <p class="mw-notice" data-level={notice.level} data-testid="mw-notice">
      {notice.level === "error" && <Icon name="alert" size={16} />}
      <span>{notice.text}</span>
      <button
        type="button"
        class="mw-tool"
        title={strings.dismiss}
        aria-label={strings.dismiss}
        onClick={() => session.dismiss(notice.id)}
      >
        <Icon name="close" size={14} />
      </button>
    </p>
  );
}
