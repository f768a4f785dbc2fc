/**
 * The modules of this bundle that parts loaded later use, so that there is one copy of each: two
 * Preacts, or two contexts of a room, would not know each other. Named as js/later.mjs asks for
 * them: packages by name, our own by their path below src/ui. Of packages only what is used, or
 * all of them would have to be in the bundle.
 */

import { signal } from "@preact/signals";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { Fragment, jsx, jsxs } from "preact/jsx-runtime";
import { readingOf, showMessage } from "../chat/reading.js";
import { Icon } from "../icons.js";
import { CopyLine } from "../invite.js";
import { plainName } from "../people.js";
import { strings } from "../strings.js";
import { dayLabel, timeOfDay } from "../time.js";
import { useRoom } from "../view.js";

export const SHARED: Readonly<Record<string, object>> = {
  "@preact/signals": { signal },
  "preact/hooks": { useEffect, useLayoutEffect, useMemo, useRef, useState },
  "preact/jsx-runtime": { Fragment, jsx, jsxs },
  "chat/reading": { readingOf, showMessage },
  icons: { Icon },
  invite: { CopyLine },
  people: { plainName },
  strings: { strings },
  time: { dayLabel, timeOfDay },
  view: { useRoom },
};

/** One of them, by name. */
export function shared(name: string): unknown {
  return SHARED[name];
}
