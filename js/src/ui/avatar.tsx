/** A participant's initials in their own colour; a kernel's sign for a kernel. */

import type { CSSProperties, JSX } from "preact";
import type { By } from "../session/index.js";
import { userColor } from "./color.js";
import { Icon } from "./icons.js";

function initialsOf(who: Pick<By, "user">): string {
  const given = who.user.initials?.trim();
  if (given) return [...given].slice(0, 2).join("").toUpperCase();
  const words = (who.user.display_name || who.user.name).split(/\s+/).filter(Boolean);
  const letters = words.length > 1 ? [words[0], words[words.length - 1]] : [words[0]];
  return letters
    .map((word) => [...(word ?? "?")][0] ?? "?")
    .join("")
    .toUpperCase();
}

interface Props {
  readonly who: Pick<By, "user" | "kind">;
  /** Pixels; absent: as large as the tile around it makes it. */
  readonly size?: number;
}

export function Avatar({ who, size }: Props): JSX.Element {
  const color = userColor(who.user.color);
  const style: CSSProperties = { backgroundColor: color.background, color: color.ink };
  if (size !== undefined) {
    style.width = `${size}px`;
    style.height = `${size}px`;
    style.fontSize = `${Math.round(size * 0.39)}px`;
  }
  return (
    <span class="mw-avatar" style={style} aria-hidden="true">
      {who.kind === "kernel" ? (
        <Icon name="kernel" size={size === undefined ? 40 : Math.round(size * 0.6)} />
      ) : (
        initialsOf(who)
      )}
    </span>
  );
}
