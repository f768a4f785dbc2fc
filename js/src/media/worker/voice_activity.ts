/** Whether a microphone hears something worth sending; nobody needs 50 packets of silence a second. */

/** Below this nothing is heard by anybody, dBov; */
const QUIET_DBOV = -60;
/** above this it counts in any case, also a steady tone; */
const LOUD_DBOV = -45;
/** between the two, what rises so far above the room's own noise, dB. */
const ABOVE_NOISE_DB = 4;
/** So far above it, and above `QUIET_DBOV`, it is called a voice, dB. */
const VOICE_DB = 9;
/** The noise is the quietest moment of about this long, packets of 20 ms. */
const NOISE_PACKETS = 250;
/** The breath between two words is sent too, packets. */
const HANGOVER_PACKETS = 25;

/** What was heard in one packet. */
export interface Heard {
  /** Something is said or sounds, or was within the last half second. */
  readonly active: boolean;
  readonly voice: boolean;
}

/** Follows one microphone. */
export class VoiceActivity {
  /** Quietest in the window before this one, and in this one, dBov. */
  #noiseBefore = 0;
  #noise = 0;
  #packets = 0;
  #left = HANGOVER_PACKETS;

  /** Takes the loudness of the next packet. */
  take(dbov: number): Heard {
    if (this.#packets++ % NOISE_PACKETS === 0) {
      this.#noiseBefore = this.#noise;
      this.#noise = dbov;
    }
    this.#noise = Math.min(this.#noise, dbov);
    const noise = Math.min(this.#noise, this.#noiseBefore);
    const from = Math.min(LOUD_DBOV, Math.max(QUIET_DBOV, noise + ABOVE_NOISE_DB));
    this.#left = dbov > from ? HANGOVER_PACKETS : Math.max(0, this.#left - 1);
    const voice = dbov > Math.max(QUIET_DBOV, noise + VOICE_DB);
    return { active: this.#left > 0, voice };
  }
}
