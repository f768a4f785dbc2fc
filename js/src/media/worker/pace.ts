/** What flows in a stream, measured for the statistics people see. */

import type { StreamStats } from "../types.js";

/** Latencies kept, for median and 95th percentile. */
const SAMPLES = 120;
/** A latency outside of this tells of unrelated clocks, not of a line. */
const PLAUSIBLE_MS = { from: -50, to: 30_000 };

/** Counts one stream's frames between two reports. */
export class Pace {
  #bytes = 0;
  #pictures = 0;
  #came = 0;
  #numbered = 0;
  #latencies: number[] = [];
  #since = performance.now();
  /** When the last picture was shown, or since when one is asked for. */
  #shownAt: number | null = null;
  width = 0;
  height = 0;
  lost = 0;
  codec: string | undefined;

  /** Counts payload bytes. */
  bytes(count: number): void {
    this.#bytes += count;
  }

  /** A frame came, and before it so many that were numbered but did not. */
  came(missing: number): void {
    this.#came++;
    this.#numbered += 1 + missing;
  }

  /** Counts a picture (or packet) that was shown `latencyMs` after its capture. */
  shown(latencyMs: number | null): void {
    this.#pictures++;
    this.#shownAt = performance.now();
    if (latencyMs === null || latencyMs < PLAUSIBLE_MS.from || latencyMs > PLAUSIBLE_MS.to) return;
    this.#latencies.push(latencyMs);
    if (this.#latencies.length > SAMPLES) this.#latencies.shift();
  }

  /** Whether the stream is asked for from now on: only then can it be stalled. */
  expect(asked: boolean): void {
    this.#shownAt = asked ? performance.now() : null;
  }

  /** Since the last picture, ms; undefined while none is asked for. */
  get stalledMs(): number | undefined {
    return this.#shownAt === null ? undefined : Math.round(performance.now() - this.#shownAt);
  }

  /** The last second's figures; starts the next. */
  report(): StreamStats {
    const now = performance.now();
    const seconds = Math.max(0.001, (now - this.#since) / 1000);
    const sorted = [...this.#latencies].sort((a, b) => a - b);
    const stats: StreamStats = {
      latencyMs: sorted[Math.floor(sorted.length * 0.5)],
      latencyP95Ms: sorted[Math.floor(sorted.length * 0.95)],
      fps: this.width ? Math.round((this.#pictures / seconds) * 10) / 10 : 0,
      width: this.width,
      height: this.height,
      bitrate: Math.round((this.#bytes * 8) / seconds),
      lost: this.lost,
      share: this.#numbered ? this.#came / this.#numbered : undefined,
      codec: this.codec,
    };
    this.#since = now;
    this.#bytes = 0;
    this.#pictures = 0;
    this.#came = 0;
    this.#numbered = 0;
    return stats;
  }
}
