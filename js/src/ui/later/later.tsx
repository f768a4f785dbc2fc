/**
 * Shows a component of the part that is loaded later. The bundle every page loads stays small:
 * what few people open, and nobody at once, comes when it is wanted.
 */

import { type Signal, signal } from "@preact/signals";
import type { ComponentType, JSX } from "preact";
import { useEffect } from "preact/hooks";
import type { Session } from "../../session/index.js";
import { strings } from "../strings.js";
import { useRoom } from "../view.js";
import { fetchParts, type Parts } from "./source.js";

const SLOT = "later";

interface Loading {
  readonly parts: Signal<Parts | null>;
  readonly failed: Signal<boolean>;
  busy: boolean;
  tries: number;
}

function loadingOf(session: Session): Loading {
  const found = session.slots.get(SLOT) as Loading | undefined;
  if (found) return found;
  const made: Loading = { parts: signal(null), failed: signal(false), busy: false, tries: 0 };
  session.slots.set(SLOT, made);
  return made;
}

/** Loads the part ahead of its use, when somebody comes near to needing it. */
export function prepareLater(session: Session): void {
  if (loadingOf(session).tries === 0) void fetchLater(session);
}

/** Loads the part if that has not been done. */
async function fetchLater(session: Session): Promise<void> {
  const loading = loadingOf(session);
  if (loading.parts.peek() !== null || loading.busy) return;
  loading.busy = true;
  loading.failed.value = false;
  try {
    loading.parts.value = await fetchParts(session.assetsUrl, loading.tries);
  } catch (error) {
    console.warn("meetwidget: a part of the page could not be loaded:", error);
    loading.failed.value = true;
    loading.tries += 1;
  }
  loading.busy = false;
}

type PropsOf<K extends keyof Parts> = Parts[K] extends (props: infer P) => unknown ? P : never;

/** `of` with the properties `props`, as soon as it is there. */
export function Later<K extends keyof Parts>({
  of,
  props,
}: {
  readonly of: K;
  readonly props: PropsOf<K>;
}): JSX.Element | null {
  const { session } = useRoom();
  const { parts, failed } = loadingOf(session);
  useEffect(() => void fetchLater(session), [session]);
  if (parts.value !== null) {
    const Component = parts.value[of] as ComponentType<object>;
    return <Component {...(props as object)} />;
  }
  if (!failed.value) return null;
  return (
    <p class="mw-older" role="alert">
      {strings.partMissing}{" "}
      <button type="button" class="mw-link" onClick={() => void fetchLater(session)}>
        {strings.retry}
      </button>
    </p>
  );
}
