/** What is around a piece of rich text, for its components. */

import { createContext } from "preact";
import type { RichAround, RichWords } from "./types.js";
import { ENGLISH } from "./words.js";

interface Surroundings extends RichAround {
  readonly words: RichWords;
}

export const Around = createContext<Surroundings>({ words: ENGLISH, insert: null });

/** With English for all words that are not given. */
export function completed(around: RichAround): Surroundings {
  return { ...around, words: { ...ENGLISH, ...around.words } };
}
