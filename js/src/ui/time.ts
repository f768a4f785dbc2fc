/** Times as people read them, in the browser's language. */

import { strings } from "./strings.js";

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const weekday = new Intl.DateTimeFormat(undefined, {
  weekday: "long",
  day: "numeric",
  month: "long",
});
const full = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "medium" });

const DAY_MS = 24 * 3600 * 1000;

function midnight(at: number): number {
  return new Date(at).setHours(0, 0, 0, 0);
}

/** Hours and minutes of `at`, ms since 1970. */
export function timeOfDay(at: number): string {
  return clock.format(at);
}

/** The same without "AM" or "PM", for narrow places. */
export function timeShort(at: number): string {
  const parts = clock.formatToParts(at).filter((part) => part.type !== "dayPeriod");
  return parts
    .map((part) => part.value)
    .join("")
    .trim();
}

/** Date and time of `at` in full, for tooltips. */
export function dateTime(at: number): string {
  return full.format(at);
}

/** Whether two moments are on the same day here. */
export function sameDay(a: number, b: number): boolean {
  return midnight(a) === midnight(b);
}

/** "Today", "Yesterday" or the date. */
export function dayLabel(at: number, now: number): string {
  const days = Math.round((midnight(now) - midnight(at)) / DAY_MS);
  if (days === 0) return strings.today;
  if (days === 1) return strings.yesterday;
  return weekday.format(at);
}

/** 24:10 or 1:04:10. */
export function elapsed(ms: number): string {
  const total = Math.max(0, Math.floor(ms / 1000));
  const two = (value: number): string => String(value).padStart(2, "0");
  const hours = Math.floor(total / 3600);
  const minutes = Math.floor((total % 3600) / 60);
  const seconds = total % 60;
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds)}` : `${two(minutes)}:${two(seconds)}`;
}
