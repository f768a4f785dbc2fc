/** The one clock of page and worker, and its relation to the relay's. */

/**
 * Microseconds since 1970 on a monotonic clock. Page and workers agree, since both add their
 * time origin; unlike `Date.now()` it does not jump.
 */
export function nowUs(): number {
  return Math.round((performance.timeOrigin + performance.now()) * 1000);
}
