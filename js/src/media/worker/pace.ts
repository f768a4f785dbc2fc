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
  #latencies: number[] = [];
  #since = performance.now();
  width = 0;
  height = 0;
  lost = 0;

  /** Counts payload bytes. */
  bytes(count: number): void {
    this.#bytes += count;
  }

  /** Counts a picture (or packet) that was shown `latencyMs` after its capture. */
  shown(latencyMs: number | null): void {
    this.#pictures++;
    if (latencyMs === null || latencyMs < PLAUSIBLE_MS.from || latencyMs > PLAUSIBLE_MS.to) return;
    this.#latencies.push(latencyMs);
    if (this.#latencies.length > SAMPLES) this.#latencies.shift();
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
    };
    this.#since = now;
    this.#bytes = 0;
    this.#pictures = 0;
    return stats;
  }
}
