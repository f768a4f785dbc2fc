/**
 * The boundary where the relay's JSON becomes typed: narrow hand-written checks instead of a
 * schema validator, whose weight (ajv: 40 kB) would be most of the bundle.
 *
 * Unknown fields are ignored; an unknown type or event kind is left out, as later relays may
 * send some.
 */

import type { By, FileRef, FromRelay, LoggedEvent } from "./control.js";

type Check = (value: unknown) => boolean;
type Fields = Readonly<Record<string, Check>>;

const text: Check = (value) => typeof value === "string";
const flag: Check = (value) => typeof value === "boolean";
const number: Check = (value) => typeof value === "number";
const integer: Check = (value) => Number.isInteger(value);
const anything: Check = (value) => value !== undefined;
const bundle: Check = (value) =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const id: Check = (value) => typeof value === "string" && value !== "" && value.length <= 64;
const handle: Check = (value) =>
  integer(value) && (value as number) >= 0 && (value as number) < 65536;

const list =
  (item: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(item);
const oneOf =
  (...values: readonly unknown[]): Check =>
  (value) =>
    values.includes(value);
const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);
const nullable =
  (check: Check): Check =>
  (value) =>
    value === null || value === undefined || check(value);
const object =
  (fields: Fields): Check =>
  (value) =>
    bundle(value) &&
    Object.entries(fields).every(([name, check]) => check((value as Fields)[name]));

const kind = oneOf("person", "kernel", "guest");
const action = oneOf("mute", "remove", "lock", "unlock", "admit", "deny", "role", "clear");
const user = object({
  name: text,
  display_name: text,
  initials: text,
  color: text,
  avatar_url: optional(text),
});
const location = object({ path: text, cell: optional(text) });
const file = object({
  id,
  name: text,
  type: text,
  size: integer,
  width: optional(integer),
  height: optional(integer),
});
const participant = object({
  id,
  user,
  kind,
  role: oneOf("owner", "moderator", "member", "observer"),
  state: object({
    microphone: optional(flag),
    camera: optional(flag),
    screen: optional(flag),
    hand: optional(flag),
    status: optional(text),
    location: optional(location),
    away: optional(flag),
    hand_at: optional(integer),
  }),
  joined_at: integer,
  decodes: optional(list(text)),
});
const stream = object({
  id,
  owner: id,
  source: text,
  renditions: list(
    object({
      handle,
      codec: text,
      width: optional(integer),
      height: optional(integer),
      fps: optional(number),
      bitrate: optional(integer),
      config: optional(bundle),
    }),
  ),
});
const room = object({
  name: text,
  title: text,
  locked: flag,
  epoch: text,
  offset: integer,
  access: optional(oneOf("open", "lobby", "invited", "private")),
  invited: optional(list(text)),
});
const rights = object({ chat: flag, publish: flag, moderate: flag, guest_links: flag });

const EVENTS: Readonly<Record<LoggedEvent["event"]["kind"], Check>> = {
  message: object({
    id,
    body: text,
    reply_to: optional(id),
    to: optional(list(id)),
    readers: optional(list(user)),
    data: optional(bundle),
    poll: optional(object({ options: list(text), multiple: optional(flag) })),
    files: optional(list(file)),
    mentions: optional(list(object({ name: text, text }))),
    location: optional(location),
  }),
  edit: object({ id, body: text }),
  delete: object({ id }),
  reaction: object({ id, emoji: text, on: flag }),
  vote: object({ id, options: list(integer) }),
  close: object({ id }),
  pin: object({ id, on: flag }),
  clear: bundle,
};

function lookUp(table: Readonly<Record<string, Check>>, name: unknown): Check | undefined {
  return typeof name === "string" && Object.hasOwn(table, name) ? table[name] : undefined;
}

const logEvent: Check = (value) =>
  bundle(value) && (lookUp(EVENTS, (value as { kind?: unknown }).kind)?.(value) ?? false);

const by = object({ id, user, kind });
const LOGGED: Fields = {
  offset: integer,
  at: integer,
  by,
  event: logEvent,
  cid: optional(text),
};
const logged = object(LOGGED);

const MESSAGES: Readonly<Record<FromRelay["type"], Check>> = {
  welcome: object({
    protocol: integer,
    session: text,
    you: participant,
    room,
    participants: list(participant),
    streams: list(stream),
    recovered: flag,
    events: Array.isArray,
    media: object({ token: text, url: text }),
    limits: object({
      body_bytes: integer,
      data_bytes: integer,
      frame_bytes: integer,
      messages_per_second: number,
      participants: integer,
      streams: integer,
      file_bytes: optional(integer),
      room_file_bytes: optional(integer),
    }),
    ice_servers: list(bundle),
    rights: optional(rights),
    pinned: optional(Array.isArray),
  }),
  "stream.flow": object({
    stream: id,
    state: oneOf("full", "reduced", "paused"),
    side: optional(nullable(oneOf("receiver", "sender", "relay"))),
  }),
  waiting: object({ room }),
  lobby: object({ waiting: list(participant) }),
  rights: object({ rights }),
  "participant.joined": object({ participant }),
  "participant.updated": object({ participant }),
  "participant.left": object({ id, reason: text }),
  event: logged,
  ack: object({
    cid: id,
    id: optional(id),
    offset: optional(integer),
    at: optional(integer),
    stream: optional(id),
    handles: optional(list(handle)),
  }),
  "stream.added": object({ stream }),
  "stream.updated": object({ stream }),
  "stream.removed": object({ id }),
  demand: object({
    stream: id,
    renditions: list(object({ handle, on: flag, key: optional(flag) })),
  }),
  "chat.typing": object({ by: id, on: flag }),
  reaction: object({ by: id, emoji: text }),
  signal: object({ by: id, data: anything }),
  moderated: object({ action, by: id, target: nullable(id) }),
  "room.updated": object({ room }),
  error: object({
    code: text,
    message: text,
    cid: optional(text),
    retry_after: optional(number),
  }),
  bye: object({ code: integer, reason: text, reconnect: flag, after_ms: optional(number) }),
  pong: object({ t: number, now: integer }),
};

/** What a text frame from the relay is. */
export type RelayFrame =
  | { readonly outcome: "message"; readonly message: FromRelay }
  /** Not JSON, or not an object with a textual `type`. */
  | { readonly outcome: "bad-frame" }
  /** A type this version does not know: to be ignored. */
  | { readonly outcome: "unknown-type"; readonly type: string }
  /** A known type with a missing or wrong field. */
  | { readonly outcome: "invalid-field"; readonly type: string };

/** Reads one text frame from the relay; never throws. */
export function parseRelayFrame(data: string): RelayFrame {
  let value: unknown;
  try {
    value = JSON.parse(data);
  } catch {
    return { outcome: "bad-frame" };
  }
  if (!bundle(value)) return { outcome: "bad-frame" };
  const { type } = value as { type?: unknown };
  if (typeof type !== "string") return { outcome: "bad-frame" };
  const check = lookUp(MESSAGES, type);
  if (!check) return { outcome: "unknown-type", type };
  if (!check(value)) return { outcome: "invalid-field", type };
  const message = value as FromRelay;
  if (message.type !== "welcome") return { outcome: "message", message };
  const events = keepKnownEvents(message.events);
  const pinned = message.pinned && { pinned: keepKnownEvents(message.pinned) };
  return { outcome: "message", message: { ...message, events, ...pinned } };
}

/** A file as the relay describes it; null if this is none. */
export function readFileRef(value: unknown): FileRef | null {
  return file(value) ? (value as FileRef) : null;
}

/** Whether `value` is the stamp of who did something. */
export function isBy(value: unknown): value is By {
  return by(value);
}

/** The log's entries this version knows, of what a welcome or a page of history holds. */
export function keepKnownEvents(events: readonly unknown[]): LoggedEvent[] {
  return events.filter((event): event is LoggedEvent => logged(event));
}
