// Generated from meetwidget/wire/control.py by `npm run wire`. Do not edit.

export interface Ack {
  readonly type: "ack";
  readonly at?: number;
  readonly cid: string;
  readonly handles?: readonly number[];
  readonly id?: string;
  readonly offset?: number;
  readonly stream?: string;
}

/** The relay's stamp on an event: who did it, readable long after they left. */
export interface By {
  readonly kind: "guest" | "kernel" | "person";
  readonly id: string;
  readonly user: User;
}

export interface Bye {
  readonly type: "bye";
  readonly after_ms?: number;
  readonly code: number;
  readonly reason: string;
  readonly reconnect: boolean;
}

/** Ends a poll. */
export interface ChatClose {
  readonly type: "chat.close";
  readonly cid: string;
  readonly id: string;
}

export interface ChatDelete {
  readonly type: "chat.delete";
  readonly cid: string;
  readonly id: string;
}

export interface ChatEdit {
  readonly type: "chat.edit";
  readonly body: string;
  readonly cid: string;
  readonly id: string;
}

export interface ChatPin {
  readonly type: "chat.pin";
  readonly cid: string;
  readonly id: string;
  readonly on: boolean;
}

export interface ChatReact {
  readonly type: "chat.react";
  readonly cid: string;
  readonly emoji: string;
  readonly id: string;
  readonly on: boolean;
}

export interface ChatSend {
  readonly type: "chat.send";
  readonly body: string;
  readonly cid: string;
  readonly data?: Readonly<Record<string, unknown>>;
  readonly files?: readonly string[];
  readonly location?: Location;
  readonly mentions?: readonly Mention[];
  readonly poll?: Poll;
  readonly reply_to?: string;
  readonly to?: readonly string[];
}

export interface ChatTyping {
  readonly type: "chat.typing";
  readonly on: boolean;
}

export interface ChatVote {
  readonly type: "chat.vote";
  readonly cid: string;
  readonly id: string;
  readonly options: readonly number[];
}

/** A moderator cleared the chat: nothing before this offset is shown any more. */
export interface ClearEvent {
  readonly kind: "clear";
}

/** What program speaks; told for logs and limits, never for rights. */
export interface ClientInfo {
  readonly kind: "browser" | "kernel";
  readonly decodes?: readonly string[];
  readonly version: string;
}

/** A poll has ended; its result stays. */
export interface CloseEvent {
  readonly kind: "close";
  readonly id: string;
}

/** What a decoder must know besides the codec string. */
export interface CodecConfig {
  readonly channels?: number;
  readonly color_space?: ColorSpace;
  readonly description?: string;
  readonly layers?: number;
  readonly sample_rate?: number;
}

/** WebCodecs' `VideoColorSpaceInit`; VP8 carries none of its own. */
export interface ColorSpace {
  readonly full_range?: boolean | null;
  readonly matrix?: string | null;
  readonly primaries?: string | null;
  readonly transfer?: string | null;
}

/** A message is gone; its body leaves the log too. */
export interface DeleteEvent {
  readonly kind: "delete";
  readonly id: string;
}

export interface Demand {
  readonly type: "demand";
  readonly renditions: readonly RenditionDemand[];
  readonly stream: string;
}

/** A message's new body. */
export interface EditEvent {
  readonly kind: "edit";
  readonly body: string;
  readonly id: string;
}

export interface Error {
  readonly type: "error";
  readonly cid?: string;
  readonly code: string;
  readonly message: string;
  readonly retry_after?: number;
}

/** A file that the relay keeps, as the relay describes it. */
export interface FileRef {
  readonly type: string;
  readonly height?: number;
  readonly id: string;
  readonly name: string;
  readonly size: number;
  readonly width?: number;
}

export type FromClient =
  | Hello
  | ChatSend
  | ChatEdit
  | ChatDelete
  | ChatReact
  | ChatVote
  | ChatClose
  | ChatPin
  | ChatTyping
  | SetState
  | SendReaction
  | Publish
  | Unpublish
  | Watch
  | SendSignal
  | SetRoom
  | Moderate
  | Ping
  | Goodbye;

export type FromRelay =
  | Welcome
  | Waiting
  | Lobby
  | RightsChanged
  | ParticipantJoined
  | ParticipantUpdated
  | ParticipantLeft
  | LoggedEvent
  | Ack
  | StreamAdded
  | StreamUpdated
  | StreamRemoved
  | Demand
  | StreamFlow
  | Typing
  | Reaction
  | Signal
  | Moderated
  | RoomUpdated
  | Error
  | Bye
  | Pong;

/** The person pressed Leave: no grace period, everyone sees it at once. */
export interface Goodbye {
  readonly type: "goodbye";
}

/** The first frame of a control socket. */
export interface Hello {
  readonly type: "hello";
  readonly client: ClientInfo;
  readonly protocol: number;
  readonly resume?: Resume;
  readonly ticket: string;
}

/** What this relay accepts, so that clients can say so before they try. */
export interface Limits {
  readonly body_bytes: number;
  readonly data_bytes: number;
  readonly file_bytes?: number;
  readonly frame_bytes: number;
  readonly messages_per_second: number;
  readonly participants: number;
  readonly room_file_bytes?: number;
  readonly streams: number;
}

/** To moderators, whenever it changes: everybody who waits to be let in, in order of arrival. `moderate` with `admit` or `deny` names them by their `id`. */
export interface Lobby {
  readonly type: "lobby";
  readonly waiting: readonly Participant[];
}

/** Where in the notebooks a participant is. */
export interface Location {
  readonly cell?: string;
  readonly path: string;
}

/** One durable entry of the room's log, as history and the live socket send it. */
export interface LoggedEvent {
  readonly type: "event";
  readonly at: number;
  readonly by: By;
  readonly cid?: string;
  readonly event: MessageEvent | EditEvent | DeleteEvent | ReactionEvent | VoteEvent | CloseEvent | PinEvent | ClearEvent;
  readonly offset: number;
}

/** How to open media sockets: the token is bound to this session. */
export interface MediaInfo {
  readonly token: string;
  readonly url: string;
}

/** Somebody whom a message names, so that they are told of it. */
export interface Mention {
  readonly name: string;
  readonly text: string;
}

/** A chat message. */
export interface MessageEvent {
  readonly kind: "message";
  readonly body: string;
  readonly data?: Readonly<Record<string, unknown>>;
  readonly files?: readonly FileRef[];
  readonly id: string;
  readonly location?: Location;
  readonly mentions?: readonly Mention[];
  readonly poll?: Poll;
  readonly readers?: readonly User[];
  readonly reply_to?: string;
  readonly to?: readonly string[];
}

export interface Moderate {
  readonly type: "moderate";
  readonly action: "admit" | "clear" | "deny" | "lock" | "mute" | "remove" | "role" | "unlock";
  readonly cid: string;
  readonly role?: "member" | "moderator" | "observer" | "owner";
  readonly target?: string;
}

/** Somebody moderated this participant or the room: what happened, by whom. */
export interface Moderated {
  readonly type: "moderated";
  readonly action: "admit" | "clear" | "deny" | "lock" | "mute" | "remove" | "role" | "unlock";
  readonly by: string;
  readonly target?: string | null;
}

/** One connection in a room; `id` is the session's, a user may have several. */
export interface Participant {
  readonly kind: "guest" | "kernel" | "person";
  readonly decodes?: readonly string[];
  readonly id: string;
  readonly joined_at: number;
  readonly role: "member" | "moderator" | "observer" | "owner";
  readonly state: ParticipantState;
  readonly user: User;
}

export interface ParticipantJoined {
  readonly type: "participant.joined";
  readonly participant: Participant;
}

export interface ParticipantLeft {
  readonly type: "participant.left";
  readonly id: string;
  readonly reason: string;
}

/** What a participant says about themself; absent means off. */
export interface ParticipantState {
  readonly away?: boolean;
  readonly camera?: boolean;
  readonly hand?: boolean;
  readonly hand_at?: number;
  readonly location?: Location;
  readonly microphone?: boolean;
  readonly screen?: boolean;
  readonly status?: string;
}

export interface ParticipantUpdated {
  readonly type: "participant.updated";
  readonly participant: Participant;
}

/** A message is kept in everybody's sight, or no longer. */
export interface PinEvent {
  readonly kind: "pin";
  readonly id: string;
  readonly on: boolean;
}

export interface Ping {
  readonly type: "ping";
  readonly t: number;
}

/** What is asked; the question is the message's body. */
export interface Poll {
  readonly multiple?: boolean;
  readonly options: readonly string[];
}

export interface Pong {
  readonly type: "pong";
  readonly now: number;
  readonly t: number;
}

export interface Publish {
  readonly type: "publish";
  readonly cid: string;
  readonly renditions: readonly RenditionOffer[];
  readonly source: string;
}

export interface Reaction {
  readonly type: "reaction";
  readonly by: string;
  readonly emoji: string;
}

/** Somebody put an emoji on a message, or took it off. */
export interface ReactionEvent {
  readonly kind: "reaction";
  readonly emoji: string;
  readonly id: string;
  readonly on: boolean;
}

/** One encoding of a stream with the room-wide handle the relay gave it. */
export interface Rendition {
  readonly bitrate?: number;
  readonly codec: string;
  readonly config?: CodecConfig;
  readonly fps?: number;
  readonly handle: number;
  readonly height?: number;
  readonly width?: number;
}

/** Whether a rendition is to be encoded, and whether a key frame is due now. */
export interface RenditionDemand {
  readonly handle: number;
  readonly key?: boolean;
  readonly on: boolean;
}

/** One encoding of a stream, as its sender announces it. */
export interface RenditionOffer {
  readonly bitrate?: number;
  readonly codec: string;
  readonly config?: CodecConfig;
  readonly fps?: number;
  readonly height?: number;
  readonly width?: number;
}

/** Where a client was when it lost its connection. */
export interface Resume {
  readonly epoch: string;
  readonly offset: number;
  readonly session: string;
}

/** What the receiver may do here, so that nothing is offered that the relay would refuse. */
export interface Rights {
  readonly chat: boolean;
  readonly guest_links: boolean;
  readonly moderate: boolean;
  readonly publish: boolean;
}

/** The receiver may do more or less than before. */
export interface RightsChanged {
  readonly type: "rights";
  readonly rights: Rights;
}

export interface RoomInfo {
  readonly access?: "invited" | "lobby" | "open" | "private";
  readonly epoch: string;
  readonly invited?: readonly string[];
  readonly locked: boolean;
  readonly name: string;
  readonly offset: number;
  readonly title: string;
}

export interface RoomUpdated {
  readonly type: "room.updated";
  readonly room: RoomInfo;
}

export interface SendReaction {
  readonly type: "reaction";
  readonly emoji: string;
}

export interface SendSignal {
  readonly type: "signal";
  readonly data: unknown;
  readonly to: string;
}

/** A moderator changes the room; what is not named stays as it is. */
export interface SetRoom {
  readonly type: "room.set";
  readonly access?: "invited" | "lobby" | "open" | "private";
  readonly cid: string;
  readonly invite?: readonly string[];
  readonly title?: string;
  readonly uninvite?: readonly string[];
}

export interface SetState {
  readonly type: "state";
  readonly camera?: boolean;
  readonly hand?: boolean;
  readonly location?: Location | null;
  readonly microphone?: boolean;
  readonly screen?: boolean;
  readonly status?: string;
}

export interface Signal {
  readonly type: "signal";
  readonly by: string;
  readonly data: unknown;
}

/** A published source. */
export interface Stream {
  readonly id: string;
  readonly owner: string;
  readonly renditions: readonly Rendition[];
  readonly source: string;
}

export interface StreamAdded {
  readonly type: "stream.added";
  readonly stream: Stream;
}

/** How a watched stream comes through to the receiver, told when it changes; unsaid: full. */
export interface StreamFlow {
  readonly type: "stream.flow";
  readonly side?: "receiver" | "relay" | "sender" | null;
  readonly state: "full" | "paused" | "reduced";
  readonly stream: string;
}

export interface StreamRemoved {
  readonly type: "stream.removed";
  readonly id: string;
}

export interface StreamUpdated {
  readonly type: "stream.updated";
  readonly stream: Stream;
}

export interface Typing {
  readonly type: "chat.typing";
  readonly by: string;
  readonly on: boolean;
}

export interface Unpublish {
  readonly type: "unpublish";
  readonly cid: string;
  readonly stream: string;
}

/** Who somebody is, as the relay's identity provider says. */
export interface User {
  readonly avatar_url?: string;
  readonly color: string;
  readonly display_name: string;
  readonly initials: string;
  readonly name: string;
}

/** Somebody's choice in a poll; it takes the place of an earlier one, none at all withdraws it. Does not count when its offset is greater than that of the poll's `close`. */
export interface VoteEvent {
  readonly kind: "vote";
  readonly id: string;
  readonly options: readonly number[];
}

/** Instead of `welcome`, which follows when a moderator lets the newcomer in. */
export interface Waiting {
  readonly type: "waiting";
  readonly room: RoomInfo;
}

/** How large a watcher shows a stream, in CSS pixels; 0 × 0 for sound and data. */
export interface Want {
  readonly height?: number;
  readonly priority?: number;
  readonly width?: number;
}

export interface Watch {
  readonly type: "watch";
  readonly streams: Readonly<Record<string, Want | null>>;
}

export interface Welcome {
  readonly type: "welcome";
  readonly events: readonly LoggedEvent[];
  readonly ice_servers: readonly Readonly<Record<string, unknown>>[];
  readonly limits: Limits;
  readonly media: MediaInfo;
  readonly participants: readonly Participant[];
  readonly pinned?: readonly LoggedEvent[];
  readonly protocol: number;
  readonly recovered: boolean;
  readonly rights?: Rights;
  readonly room: RoomInfo;
  readonly session: string;
  readonly streams: readonly Stream[];
  readonly you: Participant;
}
