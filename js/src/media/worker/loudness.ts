/** How loud some samples are, on the scale that meters show. */

/** The quiet end of the scale, dBFS. */
const FLOOR_DB = -60;

/** 0 (-60 dBFS or less) to 1 (full scale) of what measures `db`. */
export function loudnessOf(db: number): number {
  return Math.min(1, Math.max(0, 1 - db / FLOOR_DB));
}

/** The samples' root mean square, dB relative to full scale; -120 is silence. */
export function decibels(samples: Float32Array): number {
  let energy = 0;
  for (const sample of samples) energy += sample * sample;
  const rms = Math.sqrt(energy / Math.max(1, samples.length));
  return 20 * Math.log10(Math.max(rms, 1e-6));
}

/** How loud the samples are, on the scale that meters show. */
export function loudness(samples: Float32Array): number {
  return loudnessOf(decibels(samples));
}
