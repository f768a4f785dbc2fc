/** Keeps a phone's screen on during a meeting: a phone that sleeps closes camera and microphone. */

interface Lock {
  release(): Promise<void>;
}

/** The browser, as far as screens are concerned. */
export interface Screen {
  readonly page: EventTarget & { readonly visibilityState: string };
  /** Absent on plain HTTP and in older browsers: the screen then sleeps as it likes. */
  readonly request: (() => Promise<Lock>) | null;
}

/** The screen of this page. */
export function browserScreen(): Screen {
  const locks = "wakeLock" in navigator ? navigator.wakeLock : null;
  return { page: document, request: locks ? () => locks.request("screen") : null };
}

/** Keeps the screen on until `signal` aborts; browsers take the lock from pages that are hidden. */
export function keepAwake(signal: AbortSignal, screen: Screen = browserScreen()): void {
  const { page, request } = screen;
  if (!request) return;
  let held: Lock | null = null;
  const take = async (): Promise<void> => {
    if (signal.aborted || page.visibilityState !== "visible") return;
    try {
      const lock = await request();
      if (signal.aborted) await lock.release();
      else held = lock;
    } catch {
      // Refused, for example to save the battery: the meeting goes on all the same.
    }
  };
  page.addEventListener("visibilitychange", () => void take(), { signal });
  signal.addEventListener(
    "abort",
    () => {
      held?.release().catch(() => {});
      held = null;
    },
    { once: true },
  );
  void take();
}
