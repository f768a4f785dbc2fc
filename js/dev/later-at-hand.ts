/** In the gallery's place of ui/later/source.ts: the part is of the same bundle. */

import * as parts from "../src/ui/later/parts.js";

export type Parts = typeof parts;

export async function fetchParts(): Promise<Parts> {
  return parts;
}
