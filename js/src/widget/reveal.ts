/**
 * Brings a room into sight that was joined just now.
 *
 * Notebooks scroll to the cell after the one that was run, and not again when the room takes its
 * height below or above of it. What cannot be seen is not even asked of the relay.
 */

/** Until the notebook has settled, ms. */
const SETTLING_MS = 2_000;
/** Whoever does one of these wants to see something else. */
const GESTURES = ["wheel", "touchmove", "pointerdown", "keydown"] as const;
const STEPS = [0, 0.25, 0.5, 0.75, 0.95];

/** Scrolls until `el` is in sight and stays there, or somebody does something else. */
export function reveal(el: HTMLElement, signal: AbortSignal): void {
  const page = el.ownerDocument;
  const done = new AbortController();
  const over = AbortSignal.any([signal, done.signal]);
  const watch = new IntersectionObserver(
    (entries) => {
      const last = entries.at(-1);
      if (last && last.boundingClientRect.height > 0 && last.intersectionRatio < 0.95) {
        el.scrollIntoView({ block: "nearest" });
      }
    },
    { threshold: STEPS },
  );
  watch.observe(el);
  const timer = setTimeout(() => done.abort(), SETTLING_MS);
  over.addEventListener("abort", () => {
    watch.disconnect();
    clearTimeout(timer);
  });
  for (const gesture of GESTURES) {
    page.addEventListener(gesture, () => done.abort(), {
      capture: true,
      passive: true,
      signal: over,
    });
  }
}
