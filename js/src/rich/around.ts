/** What is around a piece of rich text, for its components. */

import { createContext } from "preact";
import type { RichAround } from "./types.js";

/** There is no use without a provider: `index.tsx` puts one around everything. */
export const Around = createContext<RichAround>(null as unknown as RichAround);
