/** Which camera and microphone this person last chose in this browser. */

import type { DeviceKind } from "./devices.js";

const key = (kind: DeviceKind): string => `meetwidget.${kind}`;

/** The device's id; null if none was chosen or the browser keeps nothing. */
export function preference(kind: DeviceKind): string | null {
  try {
    return localStorage.getItem(key(kind));
  } catch {
    return null; // storage is off in this browser: its default device is used
  }
}

/** Remembers the choice where the browser allows it. */
export function prefer(kind: DeviceKind, id: string): void {
  try {
    localStorage.setItem(key(kind), id);
  } catch {
    // storage is off in this browser: the choice lasts as long as the page
  }
}
