/** Which keys stay with the room. */

import type { TargetedKeyboardEvent } from "preact";

/**
 * Plain keys on our buttons are ours: in a notebook's command mode "D, D" on a focused button
 * would delete the cell. Shortcuts with Ctrl or Cmd still reach the host, save for running cells.
 */
export function keepFromHost(event: TargetedKeyboardEvent<HTMLElement>): void {
  const chord = event.ctrlKey || event.metaKey;
  if (!chord || event.key === "Enter") event.stopPropagation();
}
