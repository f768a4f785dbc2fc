/** Which devices this person last chose in this browser, and whether they had them on. */

import type { DeviceKind } from "./devices.js";

type Kind = DeviceKind | "speaker";

const key = (kind: Kind): string => `meetwidget.${kind}`;
const wishKey = (kind: DeviceKind): string => `meetwidget.${kind}.on`;

/** The device's id; null if none was chosen or the browser keeps nothing. */
export function preference(kind: Kind): string | null {
  return read(key(kind));
}

/** Remembers the choice where the browser allows it. */
export function prefer(kind: Kind, id: string): void {
  write(key(kind), id);
}

/** Whether the person had it on when they last decided; true before they ever did. */
export function wished(kind: DeviceKind): boolean {
  return read(wishKey(kind)) !== "no";
}

/** Remembers that the person turned it on or off. */
export function wish(kind: DeviceKind, on: boolean): void {
  write(wishKey(kind), on ? "yes" : "no");
}

function read(name: string): string | null {
  try {
    return localStorage.getItem(name);
  } catch {
    return null; // storage is off in this browser: its default device is used
  }
}

function write(name: string, value: string): void {
  try {
    localStorage.setItem(name, value);
  } catch {
    // storage is off in this browser: the choice lasts as long as the page
  }
}
