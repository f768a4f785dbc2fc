/** Times as people read them, in the browser's language. */

import { strings } from "./strings.js";

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const weekday = new Intl.DateTimeFormat(undefined, {
  weekday: "long",
  day: "numeric",
  month: "long",
});
const dated = new Intl.DateTimeFormat(undefined, { dateStyle: "full" });
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

/** The day around `at`, here: from its midnight up to, not including, the next. */
export function dayOf(at: number): { readonly from: number; readonly to: number } {
  const from = midnight(at);
  // Days on which clocks change are not 24 hours long.
  return { from, to: midnight(from + 1.5 * DAY_MS) };
}

/** "Today", "Yesterday" or the date. */
export function dayLabel(at: number, now: number): string {
  const days = Math.round((midnight(now) - midnight(at)) / DAY_MS);
  if (days === 0) return strings.today;
  if (days === 1) return strings.yesterday;
  const sameYear = new Date(at).getFullYear() === new Date(now).getFullYear();
  return (sameYear ? weekday : dated).format(at);
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
