/** The one form of sound between worker and worklets: mono samples, 48 kHz, in packets of 20 ms. */

export const SAMPLE_RATE = 48_000;
/** 20 ms, the length of an Opus packet. */
export const PACKET_SAMPLES = 960;
/** Samples a millisecond. */
export const MS = SAMPLE_RATE / 1000;
