/**
 * Which renditions are left out when line or machine do not bear all.
 *
 * One good small picture is worth more than a large one that is mush. What is left out is
 * withdrawn from the room, so that the relay gives its watchers the next smaller one.
 */

import type { VideoSource } from "./messages.js";

/** Below this part of its bitrate a rendition is mush. */
export const LEAST_SHARE = 0.3;
/** A moment's dip takes nothing away. */
const PATIENCE_MS = 1_500;
/** What comes back needs this much more than its least, */
const MARGIN = 1.2;
/** for so long, and for longer each time it does not last; at most the second. */
const RETURN_FIRST_MS = 4_000;
const RETURN_MOST_MS = 60_000;
/** It has lasted if it is not left out again for this long. */
const LASTED_MS = 20_000;

/** A rendition that is asked for. */
export interface Claim {
  readonly source: VideoSource;
  /** 0 is the smallest of its source; that one is never left out. */
  readonly index: number;
  /** Bits a second when the line is good. */
  readonly nominal: number;
}

/**
 * What does not fit in the end; text on a screen is worth more than a large face, and a slow
 * machine still sends some sharp pictures of it a second.
 */
function victimOf(claims: readonly Claim[], overloaded: boolean): Claim | undefined {
  const larger = claims.filter(
    ({ source, index }) => index > 0 && !(overloaded && source === "screen"),
  );
  const rank = ({ source, index }: Claim) => (source === "camera" ? 10 : 0) + index;
  return larger.sort((a, b) => rank(b) - rank(a))[0];
}

const leastOf = (claims: readonly Claim[]) =>
  claims.reduce((sum, { nominal }) => sum + nominal * LEAST_SHARE, 0);

/** Leaves renditions out one by one, and brings them back in the opposite order. */
export class Shedding {
  readonly #left: Claim[] = [];
  #tightSince: number | null = null;
  #roomySince: number | null = null;
  #returnMs = RETURN_FIRST_MS;
  #returnedAt = Number.NEGATIVE_INFINITY;

  /** What the video may grow to, bits a second: enough to bring back what was left out last. */
  useful(claims: readonly Claim[]): number {
    const nominal = claims.reduce((sum, claim) => sum + claim.nominal, 0);
    return Math.max(nominal, this.#needed(claims));
  }

  /** How many renditions of the source are sent; undefined: all. */
  most(source: VideoSource): number | undefined {
    return this.#left.filter((claim) => claim.source === source).at(-1)?.index;
  }

  /**
   * Judges anew; returns the source whose number of renditions changes, if one does.
   *
   * @param target bits a second for all video.
   * @param overloaded the machine encodes too slowly.
   */
  update(
    claims: readonly Claim[],
    target: number,
    overloaded: boolean,
    now: number,
  ): VideoSource | null {
    const tight = overloaded || leastOf(claims) > target;
    const victim = tight ? victimOf(claims, overloaded) : undefined;
    if (!victim) this.#tightSince = null;
    else this.#tightSince ??= now;
    if (victim && now - (this.#tightSince as number) >= PATIENCE_MS) {
      this.#tightSince = null;
      this.#roomySince = null;
      const lasted = now - this.#returnedAt > LASTED_MS;
      this.#returnMs = lasted ? RETURN_FIRST_MS : Math.min(RETURN_MOST_MS, this.#returnMs * 2);
      this.#left.push(victim);
      return victim.source;
    }
    const roomy = this.#left.length > 0 && !tight && target >= this.#needed(claims);
    if (!roomy) this.#roomySince = null;
    else this.#roomySince ??= now;
    if (!roomy || now - (this.#roomySince as number) < this.#returnMs) return null;
    this.#roomySince = null;
    this.#returnedAt = now;
    return this.#left.pop()?.source ?? null;
  }

  /** The source was turned off: it begins with all its renditions again. */
  forget(source: VideoSource): void {
    const kept = this.#left.filter((claim) => claim.source !== source);
    this.#left.splice(0, this.#left.length, ...kept);
  }

  #needed(claims: readonly Claim[]): number {
    const next = this.#left.at(-1);
    return next ? MARGIN * (leastOf(claims) + next.nominal * LEAST_SHARE) : 0;
  }
}
