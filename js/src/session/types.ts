/**
 * What the session offers to media and interface. No code: media and UI are built and tested
 * against these types alone.
 *
 * Stable: everything here. New members may be added, none is renamed.
 */

import type { ReadonlySignal } from "@preact/signals-core";
import type {
  By,
  FileRef,
  Limits,
  Location,
  Mention,
  ModerateAction,
  Participant,
  Poll,
  RenditionDemand,
  RenditionOffer,
  Rights,
  Role,
  RoomInfo,
  SetRoom,
  SetState,
  Stream,
  StreamFlow,
  User,
  Want,
} from "../wire/index.js";

export type {
  By,
  CodecConfig,
  ColorSpace,
  FileRef,
  Limits,
  Location,
  Mention,
  Participant,
  ParticipantState,
  Rendition,
  RenditionDemand,
  RenditionOffer,
  Rights,
  Role,
  RoomInfo,
  Stream,
  StreamFlow,
  User,
  Want,
} from "../wire/index.js";

/** Where the session stands. Texts (`reason`) are one sentence for people. */
export type Phase =
  | { readonly kind: "idle" }
  | { readonly kind: "joining" }
  /** In the room's waiting room until a moderator lets us in; `roomInfo` tells the room's title. */
  | { readonly kind: "waiting" }
  | { readonly kind: "live" }
  | {
      readonly kind: "reconnecting";
      /** 1 for the first try after the loss. */
      readonly attempt: number;
      /** When the next try starts, as `Date.now()` counts; null while one is running. */
      readonly retryAt: number | null;
      readonly reason: string;
    }
  | {
      readonly kind: "ended";
      /**
       * `left` (own wish), `idle` (no view showed the room any more), `removed`, `replaced`,
       * `room-locked`, `denied` (a moderator did not let us in from the waiting room),
       * `not-invited`, `too-many` (this user is in the room too often), `not-allowed`,
       * `signed-out`, `not-installed`, `invalid-room`,
       * `protocol` (this page and the server do not understand each other).
       */
      readonly code: EndCode;
      readonly reason: string;
      /** Whether to offer a "join again" button. */
      readonly canRejoin: boolean;
    };

export type EndCode =
  | "left"
  | "idle"
  | "removed"
  | "replaced"
  | "room-locked"
  | "denied"
  | "not-invited"
  | "too-many"
  | "not-allowed"
  | "signed-out"
  | "not-installed"
  | "invalid-room"
  | "protocol";

/** How an own message fares. Those of others are always `sent`. */
export type Delivery =
  | { readonly kind: "pending" }
  | { readonly kind: "sent" }
  | { readonly kind: "failed"; readonly reason: string };

export interface MessageReaction {
  readonly emoji: string;
  /** Who put it there, in order. */
  readonly by: readonly By[];
  readonly mine: boolean;
}

/** How a poll stands. */
export interface PollState {
  readonly options: readonly {
    readonly text: string;
    /** Who chose it, in order. */
    readonly by: readonly By[];
    readonly mine: boolean;
  }[];
  readonly multiple: boolean;
  readonly closed: boolean;
  /** How many people voted. */
  readonly voters: number;
}

/** A chat message with its edits, reactions, votes and deletion folded in. */
export interface ChatMessage {
  /** Unchanged from pending to sent: the key to render by. */
  readonly key: string;
  /** The relay's id; null until acknowledged. */
  readonly id: string | null;
  /** The id of an own send from this page, for `retry` and `discard`; else null. */
  readonly cid: string | null;
  /** Place in the room's log; null until acknowledged. */
  readonly offset: number | null;
  /** ms since 1970: the relay's clock, or this page's while pending. */
  readonly at: number;
  readonly by: By;
  readonly own: boolean;
  /** Markdown, unsanitized; empty when deleted. */
  readonly body: string;
  /** A MIME bundle, unsanitized. */
  readonly data: Readonly<Record<string, unknown>> | null;
  readonly replyTo: string | null;
  /** Participant ids of a private message; null for everyone. */
  readonly to: readonly string[] | null;
  /** Who besides the author may read a private message, as the relay says; null for everyone. */
  readonly readers: readonly User[] | null;
  readonly poll: PollState | null;
  readonly files: readonly FileRef[];
  readonly mentions: readonly Mention[];
  /** Whether it mentions this user. */
  readonly mentionsMe: boolean;
  /** The notebook and cell it points at, or its data come from. */
  readonly location: Location | null;
  readonly pinned: boolean;
  /** ms since 1970, or null when never edited. */
  readonly editedAt: number | null;
  readonly deleted: boolean;
  readonly reactions: readonly MessageReaction[];
  readonly delivery: Delivery;
}

/** What the log has before the oldest message shown. */
export interface HistoryState {
  readonly more: boolean;
  readonly loading: boolean;
  readonly error: string | null;
}

/**
 * A stretch of the log away from its newest end, to read around an old message. While there is
 * one, views show `messages` of the passage instead of the session's.
 */
export interface Passage {
  /** The message that was looked for. */
  readonly focus: string;
  /** Oldest first; kept up to date like all others. */
  readonly messages: readonly ChatMessage[];
  readonly older: boolean;
  readonly newer: boolean;
  readonly loading: boolean;
  readonly error: string | null;
}

/** A message found by `search`. */
export interface SearchHit {
  readonly id: string;
  readonly offset: number;
  /** ms since 1970. */
  readonly at: number;
  readonly by: By;
  /** A piece of the text around what was found, as plain text. */
  readonly snippet: string;
  /** Start and length of what was found, in UTF-16 units of `snippet`. */
  readonly marks: readonly (readonly [number, number])[];
}

export interface SearchPage {
  /** Newest first. */
  readonly hits: readonly SearchHit[];
  readonly more: boolean;
}

export interface UploadOptions {
  /** Called with the share that is sent, 0 to 1. */
  readonly onProgress?: (share: number) => void;
  readonly signal?: AbortSignal;
}

/** Something people should read; transient, until dismissed or timed out by the view. */
export interface Notice {
  readonly id: number;
  readonly level: "info" | "error";
  /** Stable id, for example `too-fast`, `muted`, `not-allowed`. */
  readonly code: string;
  readonly text: string;
  /** `Date.now()`. */
  readonly at: number;
}

/** An emoji that floats by and is not kept. */
export interface FloatingReaction {
  readonly id: number;
  /** Participant id. */
  readonly by: string;
  readonly emoji: string;
  /** `Date.now()`. */
  readonly at: number;
}

/** Where to open media sockets. A new object whenever either field changed. */
export interface MediaEndpoint {
  /** Absolute `ws(s)://` URL, already rebuilt for the host this page was reached by. */
  readonly url: string;
  readonly token: string;
}

/** An own stream as the relay registered it. */
export interface Published {
  readonly stream: string;
  /** In the order of the renditions offered. */
  readonly handles: readonly number[];
}

/** A relay's or the session's refusal; `message` is one sentence for people. */
export interface SessionFailure extends Error {
  readonly code: string;
  /** Seconds, when waiting helps. */
  readonly retryAfter: number | null;
}

/** Things that happen, as opposed to things that are (those are signals). */
export interface SessionEvents {
  /** What to encode of an own stream; `key` asks for a key frame now. */
  demand: { readonly stream: string; readonly renditions: readonly RenditionDemand[] };
  /**
   * The relay no longer knows these own streams (it restarted, or the grace ran out): call
   * `publish` again for each source that still runs. Handles change; start sequence and base
   * counts anew. Emitted while live, after `mediaEndpoint` and `you` are current.
   */
  republish: { readonly streams: readonly { readonly stream: string; readonly source: string }[] };
  /** A moderator acted on this participant or the room; for `mute`, media turns the microphone off. */
  moderated: {
    readonly action: ModerateAction;
    readonly by: string;
    readonly target: string | null;
  };
  /** WebRTC descriptions and candidates from a participant. */
  signal: { readonly by: string; readonly data: unknown };
}

export interface SayOptions {
  /** Id of the message answered. */
  readonly replyTo?: string;
  /** Participant ids; absent: everyone. */
  readonly to?: readonly string[];
  /** A MIME bundle of at most `limits.data_bytes`. */
  readonly data?: Readonly<Record<string, unknown>>;
  /** Makes the message a poll; its body is the question. */
  readonly poll?: Poll;
  /** What `upload` gave. */
  readonly files?: readonly FileRef[];
  readonly mentions?: readonly Mention[];
  readonly location?: Location;
}

/** A person's wish about their own state; what is not named stays as it is. */
export type StatePatch = Omit<SetState, "type">;

/** Who may come into a room by themselves; see `Session.setRoom`. */
export type Access = NonNullable<RoomInfo["access"]>;

/** What a moderator may change of a room; what is not named stays as it is. */
export type RoomPatch = Omit<SetRoom, "type" | "cid">;

/** A link by which somebody without an account comes into the room for a while. */
export interface GuestLink {
  readonly id: string;
  /** The address to hand on; only in the answer to its creation, null afterwards. */
  readonly url: string | null;
  /** User name of the moderator who made it. */
  readonly createdBy: string;
  /** ms since 1970, the server's clock. */
  readonly createdAt: number;
  readonly expiresAt: number;
  /** How often somebody came in by it. */
  readonly uses: number;
  readonly label: string | null;
}

/**
 * One room on this page, without a view. It outlives views and lost connections; signals change
 * in batches, so a reader never sees half a message.
 */
export interface Session {
  readonly room: string;
  /** Base of the Jupyter server's or service's URLs, ending with `/`. */
  readonly baseUrl: string;
  /** Base of the REST API, absolute, ending with `/api/`. */
  readonly apiUrl: string;
  /** Where parts of the interface that are loaded on demand lie, absolute, ending with `/`. */
  readonly assetsUrl: string;

  readonly phase: ReadonlySignal<Phase>;
  /** This participant; kept while reconnecting, null before the first welcome. */
  readonly you: ReadonlySignal<Participant | null>;
  /** Everyone in the room, this participant included, by participant id, in order of joining. */
  readonly participants: ReadonlySignal<ReadonlyMap<string, Participant>>;
  /** Every published stream, own ones included, by stream id. */
  readonly streams: ReadonlySignal<ReadonlyMap<string, Stream>>;
  /** Watched streams that do not come through in full, by stream id: how, and whose side is short. */
  readonly flows: ReadonlySignal<ReadonlyMap<string, StreamFlow>>;
  /** Oldest first; pending and failed own messages last. */
  readonly messages: ReadonlySignal<readonly ChatMessage[]>;
  readonly history: ReadonlySignal<HistoryState>;
  /** Pinned messages, in the order of the log. */
  readonly pinned: ReadonlySignal<readonly ChatMessage[]>;
  /** The stretch of the log being read instead of the newest; null: none. */
  readonly passage: ReadonlySignal<Passage | null>;
  /** Others who are typing, by participant id. */
  readonly typing: ReadonlySignal<ReadonlySet<string>>;
  readonly roomInfo: ReadonlySignal<RoomInfo | null>;
  readonly limits: ReadonlySignal<Limits | null>;
  /** What this participant may do; those of a member before the first welcome. */
  readonly rights: ReadonlySignal<Rights>;
  /** Those who wait to be let in, in order of arrival; always empty for those who cannot. */
  readonly lobby: ReadonlySignal<readonly Participant[]>;
  /** The room's own page, absolute, which opens without a notebook; null where there is none. */
  readonly pageUrl: ReadonlySignal<string | null>;
  readonly notices: ReadonlySignal<readonly Notice[]>;
  readonly reactions: ReadonlySignal<readonly FloatingReaction[]>;
  /** Null before the first welcome and after the end; kept while reconnecting. */
  readonly mediaEndpoint: ReadonlySignal<MediaEndpoint | null>;
  readonly iceServers: ReadonlySignal<readonly Readonly<Record<string, unknown>>[]>;
  /**
   * Relay clock minus `nowUs()` (see clock.ts), µs, from the exchange with the least round trip;
   * null until measured. A capture time stamped `nowUs() + clockOffset` is comparable on all
   * machines.
   */
  readonly clockOffset: ReadonlySignal<number | null>;
  /** Round trip of the control socket, ms; null until measured. */
  readonly roundTrip: ReadonlySignal<number | null>;

  /** Joins, or joins again after an end. Does nothing while joining, waiting, live or reconnecting. */
  join(): void;
  /** Leaves at once, for everyone to see. The session may be joined again. */
  leave(): void;
  /** Tries at once instead of waiting for `retryAt`. */
  retryNow(): void;

  /** Sends a message, shown as pending at once; returns its `cid`. Throws SessionFailure if too long. */
  say(body: string, options?: SayOptions): string;
  /** Sends a failed message again, under the same `cid`. */
  retry(cid: string): void;
  /** Takes a failed message away. */
  discard(cid: string): void;
  /**
   * These settle with the relay's answer, after a reconnect if need be, and reject with
   * SessionFailure. A refusal is also told through `notices`, so it may be ignored here.
   */
  edit(id: string, body: string): Promise<void>;
  remove(id: string): Promise<void>;
  react(id: string, emoji: string, on: boolean): Promise<void>;
  /** Chooses in a poll; none withdraws. */
  vote(id: string, options: readonly number[]): Promise<void>;
  closePoll(id: string): Promise<void>;
  pin(id: string, on: boolean): Promise<void>;
  moderate(action: ModerateAction, target?: string, role?: Role): Promise<void>;
  /** Changes title, access or the list of invited users; for those with `rights.moderate`. */
  setRoom(patch: RoomPatch): Promise<void>;
  /** These ask the server at once and reject with SessionFailure; for `rights.guest_links`. */
  guestLinks(): Promise<readonly GuestLink[]>;
  /** `hours`: how long it is valid. */
  createGuestLink(options: { readonly hours: number; readonly label?: string }): Promise<GuestLink>;
  revokeGuestLink(id: string): Promise<void>;
  /** Says that this person types; call on every keystroke, it is throttled. */
  setTyping(on: boolean): void;
  /** An emoji for all, not kept. Lost when not live. */
  sendReaction(emoji: string): void;
  /** Sets own state; shown at once and restored after a reconnect. */
  setState(patch: StatePatch): void;
  sendSignal(to: string, data: unknown): void;
  /** Loads one page of older messages into `messages`. */
  loadHistory(limit?: number): Promise<void>;
  /** A message that is known here already. */
  message(id: string): ChatMessage | undefined;
  /** The same, asked of the server if need be; null: there is none. Rejects with SessionFailure. */
  find(id: string): Promise<ChatMessage | null>;
  /**
   * Makes a message one of those that are shown: it is among `messages` (then there is no passage
   * any more), or a passage is opened around it or focused on it. Resolves false if there is no
   * such message; rejects with SessionFailure.
   */
  visit(id: string): Promise<boolean>;
  /**
   * Extends the passage; a failure is told by its `error`. Once it reaches the newest messages it
   * closes by itself, and `messages` has all of it.
   */
  loadPassage(direction: "older" | "newer"): Promise<void>;
  leavePassage(): void;
  /** Finds messages by words. Rejects with SessionFailure. */
  search(
    query: string,
    options?: { readonly before?: number; readonly signal?: AbortSignal },
  ): Promise<SearchPage>;
  /**
   * Hands a file to the relay, to be sent with a message. Rejects with SessionFailure; what is too
   * large (`too-large`) is refused before it is sent, an aborted one is `cancelled`.
   */
  upload(file: Blob, name: string, options?: UploadOptions): Promise<FileRef>;
  /**
   * The content of a file, kept while memory allows; shown by `URL.createObjectURL`. Its type is
   * that of the file for pictures, sound and video, else plain bytes, so that its address opened
   * in a tab runs nothing.
   */
  download(file: FileRef, options?: UploadOptions): Promise<Blob>;
  /** The whole meeting as a file. */
  transcript(format: "ipynb" | "md" | "json"): Promise<Blob>;

  /** Announces a source, or replaces its renditions. */
  publish(source: string, renditions: readonly RenditionOffer[]): Promise<Published>;
  unpublish(stream: string): Promise<void>;
  /**
   * Wants a stream at a size in CSS pixels (0 × 0 for sound and data), or no longer (null). Sent
   * coalesced, and again after a reconnect. Forgotten when the stream goes.
   */
  watch(stream: string, want: Want | null): void;
  /** The last demand for an own stream, `key` always false; empty when none came. */
  demandOf(stream: string): readonly RenditionDemand[];

  /** Listens until `signal` aborts or the returned function is called. */
  on<K extends keyof SessionEvents>(
    name: K,
    listener: (event: SessionEvents[K]) => void,
    options?: { readonly signal?: AbortSignal },
  ): () => void;

  /** A view shows the room; call the returned function when it no longer does. */
  attach(): () => void;
  /** Tells people something, through `notices`. */
  notify(level: Notice["level"], code: string, text: string): void;
  dismiss(notice: number): void;

  /** One object per session for what is built on it (the media engine lives in `"media"`). */
  readonly slots: Map<string, unknown>;
}

/** A ticket as `POST meet/api/tickets` answers it. */
export interface Ticket {
  readonly ticket: string;
  /** Absolute `ws(s)://` URL as this page reaches it. */
  readonly controlUrl: string;
  /** The relay's other URLs have the same scheme, host and port, whatever they say. */
  readonly sameOrigin?: boolean;
  /** The room's own page, absolute; absent where there is none. */
  readonly pageUrl?: string;
}

export interface SessionOptions {
  readonly room: string;
  /** The Jupyter server's base URL, absolute or a path on this page's origin: `/user/ada/`. */
  readonly baseUrl: string;
  /**
   * Base of the REST API, absolute or a path on this page's origin, ending with `/api/`; default:
   * `${baseUrl}meet/api/`. The plain page of a hub has it at `/services/meet/api/`.
   */
  readonly apiUrl?: string;
  /** Another way to a ticket, for hosts without a Jupyter server's cookie. */
  readonly fetchTicket?: (signal: AbortSignal) => Promise<Ticket>;
}
