/**
 * What this browser was found to decode in time, said in `hello`.
 *
 * It is measured after joining and remembered (media/ability.ts); a session says what it knows
 * when it connects, and nothing in a browser's first meeting.
 */

/** Where the browser keeps it. */
export const ABILITY_KEY = "meetwidget.ability";
/** Slower machines become busy ones and busy ones idle: measured anew after so many days. */
const DAYS = 30;

/** What is kept: for which browser, since when (ms since 1970), and the measurement. */
export interface Kept<T> {
  readonly browser: string;
  readonly until: number;
  readonly ability: T;
}

/** The measurement that still holds; null if there is none or the browser keeps nothing. */
export function keptAbility<T>(): T | null {
  try {
    const kept = JSON.parse(localStorage.getItem(ABILITY_KEY) ?? "null") as Kept<T> | null;
    const holds = kept && kept.browser === navigator.userAgent && kept.until > Date.now();
    return holds ? kept.ability : null;
  } catch {
    return null; // storage is off or spoilt: nothing is known
  }
}

/** Keeps a measurement for some days. */
export function keepAbility<T>(ability: T, days = DAYS): void {
  const kept: Kept<T> = {
    browser: navigator.userAgent,
    until: Date.now() + days * 86_400_000,
    ability,
  };
  try {
    localStorage.setItem(ABILITY_KEY, JSON.stringify(kept));
  } catch {
    // storage is off: it holds for this page
  }
}

/** Codec families for `hello.client.decodes`; undefined while nothing is known. */
export function knownDecodes(): readonly string[] | undefined {
  const decodes = keptAbility<{ readonly decodes?: unknown }>()?.decodes;
  return Array.isArray(decodes) && decodes.every((one) => typeof one === "string")
    ? decodes
    : undefined;
}
