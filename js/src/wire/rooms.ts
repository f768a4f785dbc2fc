/** What a room may be called (`meetwidget/wire/rooms.py`). */

export const MAX_ROOM_NAME = 128;
const SEGMENT = /^[A-Za-z0-9_.-]+$/;

/** Why `name` may not name a room, as one sentence for people; null if it may. */
export function roomNameProblem(name: string): string | null {
  if (!name) return "A room needs a name, for example physics-101.";
  if (name.length > MAX_ROOM_NAME) {
    return `A room name has at most ${MAX_ROOM_NAME} characters.`;
  }
  const good = name
    .split("/")
    .every((segment) => SEGMENT.test(segment) && segment !== "." && segment !== "..");
  return good
    ? null
    : "A room name has letters, digits, '-', '_' and '.', with '/' between parts, for example course-101/lab-3.";
}
