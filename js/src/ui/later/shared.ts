/**
 * The modules of this bundle that parts loaded later use, so that there is one copy of each: two
 * Preacts, or two contexts of a room, would not know each other. Named as js/later.mjs asks for
 * them: packages by name, our own by their path below src/ui. Of packages only what is used, or
 * all of them would have to be in the bundle.
 */

import { signal } from "@preact/signals";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { Fragment, jsx, jsxs } from "preact/jsx-runtime";
import { Avatar } from "../avatar.js";
import { About } from "../chat/about.js";
import { composingOf, summon, writeTo } from "../chat/composing.js";
import { save, useContent } from "../chat/files.js";
import { readingOf, showMessage } from "../chat/reading.js";
import { Icon } from "../icons.js";
import { CopyLine } from "../invite.js";
import { plainName } from "../people.js";
import { Popover } from "../popover.js";
import { strings } from "../strings.js";
import { dayLabel, timeOfDay } from "../time.js";
import { ToolButton } from "../tool-button.js";
import { useRoom } from "../view.js";

/** What is shared, by name. Asked for once all modules are there: some of them use parts. */
export function sharedModules(): Readonly<Record<string, object>> {
  return {
    "@preact/signals": { signal },
    "preact/hooks": { useEffect, useLayoutEffect, useMemo, useRef, useState },
    "preact/jsx-runtime": { Fragment, jsx, jsxs },
    avatar: { Avatar },
    "chat/about": { About },
    "chat/composing": { composingOf, summon, writeTo },
    "chat/files": { save, useContent },
    "chat/reading": { readingOf, showMessage },
    icons: { Icon },
    invite: { CopyLine },
    people: { plainName },
    popover: { Popover },
    strings: { strings },
    time: { dayLabel, timeOfDay },
    "tool-button": { ToolButton },
    view: { useRoom },
  };
}
