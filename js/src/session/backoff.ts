/** How long to wait before trying again. */

import type { Timings } from "./environment.js";

/**
 * Exponential back-off with full jitter, ms: evenly distributed over 0 to base × 2^(attempt-1),
 * capped, so that a room whose relay restarted does not return in one wave.
 */
export function backoff(attempt: number, timings: Timings, random: () => number): number {
  const most = Math.min(timings.backoffCap, timings.backoffBase * 2 ** (attempt - 1));
  return Math.round(random() * most);
}
