/**
 * Rich text in the interface: loads the part that shows it, and shows plain text until it is
 * there. Where no server has it (an older one, or none), plain text is all there is.
 */

import { type ReadonlySignal, type Signal, signal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { RICH_API, type Rich, type RichAround } from "../../rich/types.js";
import type { Session } from "../../session/index.js";
import { strings } from "../strings.js";
import { useHost } from "../use-host.js";
import { useRoom } from "../view.js";

const SLOT = "rich";
/** After so many failures there is no such part. */
const MAX_TRIES = 3;
/** Least time between two tries, ms. */
const TRY_AGAIN_MS = 20_000;

interface Loading {
  readonly part: Signal<Rich | null>;
  tries: number;
  /** `Date.now()` before which there is no other try. */
  notBefore: number;
}

/** The address of the part; null where it may not be loaded from. */
export function richUrl(assetsUrl: string, page: string, tries = 0): string | null {
  const base = URL.canParse(assetsUrl, page) ? new URL(assetsUrl, page) : null;
  // Code is taken from the page's own server alone.
  if (!base?.protocol.startsWith("http") || base.origin !== new URL(page).origin) return null;
  const url = new URL("rich/rich.js", base);
  url.searchParams.set("v", __MEETWIDGET_RICH__);
  // Browsers remember a module that could not be loaded.
  if (tries > 0) url.searchParams.set("try", String(tries));
  return url.href;
}

async function load(session: Session, loading: Loading): Promise<void> {
  loading.notBefore = Number.POSITIVE_INFINITY;
  const url = richUrl(session.assetsUrl, location.href, loading.tries);
  loading.tries += 1;
  if (url === null) return;
  try {
    const { rich } = (await import(/* @vite-ignore */ url)) as { rich?: Rich };
    if (rich?.api === RICH_API) loading.part.value = rich;
  } catch {
    if (loading.tries < MAX_TRIES) loading.notBefore = Date.now() + TRY_AGAIN_MS;
  }
}

/** The part for rich text, null until it has come; asks for it on first use. */
export function richOf(session: Session): ReadonlySignal<Rich | null> {
  let loading = session.slots.get(SLOT) as Loading | undefined;
  if (!loading) {
    loading = { part: signal(null), tries: 0, notBefore: 0 };
    session.slots.set(SLOT, loading);
  }
  if (loading.part.peek() === null && Date.now() >= loading.notBefore) void load(session, loading);
  return loading.part;
}

/**
 * What `show` shows by the part, `otherwise` without it. `show` is called again whenever it is
 * another function: memoize it.
 */
export function RichText({
  show,
  otherwise,
  class: className,
}: {
  readonly show: (rich: Rich, host: HTMLElement, around: RichAround) => void;
  readonly otherwise: () => JSX.Element;
  readonly class: string;
}): JSX.Element {
  const { session } = useRoom();
  const rich = richOf(session).value;
  const notebook = useHost();
  const host = useRef<HTMLDivElement>(null);
  const [failed, setFailed] = useState(false);
  const around = useMemo<RichAround>(
    () => ({
      words: strings.rich,
      insert:
        notebook === null
          ? null
          : (source, language) =>
              notebook.insertCell(source, { language }).catch((error: unknown) => {
                session.notify("error", "no-cell", (error as Error).message);
                throw error;
              }),
    }),
    [notebook, session],
  );
  useLayoutEffect(() => {
    if (!rich || !host.current) return;
    try {
      show(rich, host.current, around);
      setFailed(false);
    } catch (error) {
      console.error("meetwidget: a message cannot be shown as rich text:", error);
      setFailed(true);
    }
  }, [rich, show, around]);
  useEffect(() => {
    const element = host.current;
    return () => {
      if (rich && element) rich.clear(element);
    };
  }, [rich]);
  if (rich === null) return otherwise();
  return (
    <>
      <div class={className} ref={host} hidden={failed} />
      {failed && otherwise()}
    </>
  );
}
