"""The control plane as types: every JSON message of the protocol, once.

This module is the single source of the control protocol. JSON Schema is
generated from it (:mod:`meetwidget.wire.schema`), TypeScript types from the
schema, and the relay and the kernel client both decode with the unions below.
Unknown *fields* are ignored by every decoder; unknown *types* raise
:class:`UnknownType`, which a relay answers without closing the socket.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

PROTOCOL_VERSION = 1

MAX_BODY_BYTES = 16 * 1024
"""Largest chat body, in bytes of UTF-8."""
MAX_DATA_BYTES = 1024 * 1024
"""Largest MIME bundle of one chat message, in bytes of JSON."""

Kind = Literal["person", "kernel", "guest"]
Role = Literal["owner", "moderator", "member", "observer"]
ModerateAction = Literal["mute", "remove", "lock", "unlock", "admit", "deny", "role", "clear"]
Access = Literal["open", "lobby", "invited", "private"]
"""Who comes in, of those whom the host's rules let in at all: everybody; whom a moderator admits;
whom a moderator has invited; the same, and nobody else finds the room in a list."""

Cid = Annotated[str, Meta(min_length=1, max_length=64)]
Id = Annotated[str, Meta(min_length=1, max_length=64)]
Emoji = Annotated[str, Meta(min_length=1, max_length=32)]
Body = Annotated[str, Meta(max_length=MAX_BODY_BYTES)]
Pixels = Annotated[int, Meta(ge=1, le=16384)]
TileSize = Annotated[int, Meta(ge=0, le=16384)]
Source = Annotated[
    str,
    Meta(
        # Python's `$` also matches before a final line break; the look-ahead forbids it.
        pattern=r"^(microphone|camera|screen|screen-audio|data:[A-Za-z0-9_.-]{1,64})$(?!\n)",
        max_length=69,
    ),
]
MimeBundle = dict[str, Any]
Codecs = Annotated[list[Annotated[str, Meta(min_length=1, max_length=64)]], Meta(max_length=16)]
"""Codec families: ``vp8``, ``vp9``, ``av1``, ``h264``, ``opus``."""
FlowState = Literal["full", "reduced", "paused"]
FlowSide = Literal["receiver", "sender", "relay"]
UserNames = Annotated[
    list[Annotated[str, Meta(min_length=1, max_length=255)]], Meta(max_length=500)
]


class _Wire(Struct, omit_defaults=True):
    """Base of every nested object: absent means default, unknown fields are ignored."""


# --------------------------------------------------------------------- values


class User(_Wire, omit_defaults=False):
    """Who somebody is, as the relay's identity provider says."""

    name: str
    display_name: str
    initials: str
    color: str
    avatar_url: str | UnsetType = UNSET


class Location(_Wire):
    """Where in the notebooks a participant is."""

    path: Annotated[str, Meta(max_length=1024)]
    cell: Annotated[str, Meta(max_length=128)] | UnsetType = UNSET


class ParticipantState(_Wire):
    """What a participant says about themself; absent means off."""

    microphone: bool = False
    camera: bool = False
    screen: bool = False
    hand: bool = False
    status: Annotated[str, Meta(max_length=128)] = ""
    location: Location | UnsetType = UNSET
    away: bool = False
    """Set by the relay while a participant's connection is lost but may resume."""
    hand_at: int = 0
    """Set by the relay: when the hand went up, ms since 1970; orders the queue."""


class Participant(_Wire, omit_defaults=False):
    """One connection in a room; ``id`` is the session's, a user may have several."""

    id: Id
    user: User
    kind: Kind
    role: Role
    state: ParticipantState
    joined_at: int
    """ms since 1970."""
    decodes: Codecs | UnsetType = UNSET
    """What their client can decode in time, as it said in its hello; absent: VP8 and Opus."""


class By(_Wire, omit_defaults=False):
    """The relay's stamp on an event: who did it, readable long after they left."""

    id: Id
    user: User
    kind: Kind


class ColorSpace(_Wire):
    """WebCodecs' ``VideoColorSpaceInit``; VP8 carries none of its own."""

    primaries: str | None = None
    transfer: str | None = None
    matrix: str | None = None
    full_range: bool | None = None


class CodecConfig(_Wire):
    """What a decoder must know besides the codec string."""

    color_space: ColorSpace | UnsetType = UNSET
    description: str | UnsetType = UNSET
    """Base64 of the codec's out-of-band description."""
    layers: Annotated[int, Meta(ge=1, le=4)] | UnsetType = UNSET
    """Temporal layers."""
    sample_rate: Annotated[int, Meta(ge=8000, le=192000)] | UnsetType = UNSET
    channels: Annotated[int, Meta(ge=1, le=8)] | UnsetType = UNSET


class RenditionOffer(_Wire):
    """One encoding of a stream, as its sender announces it."""

    codec: Annotated[str, Meta(min_length=1, max_length=64)]
    width: Pixels | UnsetType = UNSET
    height: Pixels | UnsetType = UNSET
    fps: Annotated[float, Meta(gt=0, le=240)] | UnsetType = UNSET
    bitrate: Annotated[int, Meta(ge=1, le=1_000_000_000)] | UnsetType = UNSET
    """Bits a second."""
    config: CodecConfig | UnsetType = UNSET


class Rendition(RenditionOffer, kw_only=True):
    """One encoding of a stream with the room-wide handle the relay gave it."""

    handle: Annotated[int, Meta(ge=0, le=65535)]


class Stream(_Wire, omit_defaults=False):
    """A published source."""

    id: Id
    owner: Id
    source: Source
    renditions: list[Rendition]


class Want(_Wire):
    """How large a watcher shows a stream, in CSS pixels; 0 × 0 for sound and data."""

    width: TileSize = 0
    height: TileSize = 0
    priority: Annotated[int, Meta(ge=0, le=9)] = 0


class RenditionDemand(_Wire, omit_defaults=False):
    """Whether a rendition is to be encoded, and whether a key frame is due now."""

    handle: int
    on: bool
    key: bool = False


# --------------------------------------------------------- what the log keeps


class MessageEvent(_Wire, tag_field="kind", tag="message"):
    """A chat message."""

    id: Id
    body: str
    reply_to: Id | UnsetType = UNSET
    to: list[Id] | UnsetType = UNSET
    data: MimeBundle | UnsetType = UNSET


class EditEvent(_Wire, tag_field="kind", tag="edit"):
    """A message's new body."""

    id: Id
    body: str


class DeleteEvent(_Wire, tag_field="kind", tag="delete"):
    """A message is gone; its body leaves the log too."""

    id: Id


class ReactionEvent(_Wire, tag_field="kind", tag="reaction"):
    """Somebody put an emoji on a message, or took it off."""

    id: Id
    emoji: str
    on: bool


class ClearEvent(_Wire, tag_field="kind", tag="clear"):
    """A moderator cleared the chat: nothing before this offset is shown any more."""


LogEvent = MessageEvent | EditEvent | DeleteEvent | ReactionEvent | ClearEvent


class LoggedEvent(_Wire, omit_defaults=False, tag_field="type", tag="event"):
    """One durable entry of the room's log, as history and the live socket send it."""

    offset: int
    at: int
    """ms since 1970."""
    by: By
    event: LogEvent
    cid: Cid | UnsetType = UNSET
    """To the sender only."""


# ----------------------------------------------------------- client to relay


class ClientMessage(Struct, omit_defaults=True, tag_field="type"):
    """Base of everything a client may say on the control socket."""


class ClientInfo(_Wire):
    """What program speaks; told for logs and limits, never for rights."""

    kind: Literal["browser", "kernel"]
    version: Annotated[str, Meta(max_length=64)]
    decodes: Codecs | UnsetType = UNSET
    """What it can decode in time; senders choose a codec that everybody present decodes."""


class Resume(_Wire):
    """Where a client was when it lost its connection."""

    session: Id
    epoch: Annotated[str, Meta(max_length=64)]
    offset: Annotated[int, Meta(ge=0)]


class Hello(ClientMessage, tag="hello", omit_defaults=False):
    """The first frame of a control socket."""

    protocol: int
    ticket: Annotated[str, Meta(min_length=1, max_length=256)]
    client: ClientInfo
    resume: Resume | UnsetType = UNSET


class ChatSend(ClientMessage, tag="chat.send"):
    cid: Cid
    body: Body
    reply_to: Id | UnsetType = UNSET
    to: Annotated[list[Id], Meta(min_length=1, max_length=100)] | UnsetType = UNSET
    data: MimeBundle | UnsetType = UNSET


class ChatEdit(ClientMessage, tag="chat.edit"):
    cid: Cid
    id: Id
    body: Body


class ChatDelete(ClientMessage, tag="chat.delete"):
    cid: Cid
    id: Id


class ChatReact(ClientMessage, tag="chat.react"):
    cid: Cid
    id: Id
    emoji: Emoji
    on: bool


class ChatTyping(ClientMessage, tag="chat.typing"):
    on: bool


class SetState(ClientMessage, tag="state"):
    microphone: bool | UnsetType = UNSET
    camera: bool | UnsetType = UNSET
    screen: bool | UnsetType = UNSET
    hand: bool | UnsetType = UNSET
    status: Annotated[str, Meta(max_length=128)] | UnsetType = UNSET
    location: Location | UnsetType = UNSET


class SendReaction(ClientMessage, tag="reaction"):
    emoji: Emoji


class Publish(ClientMessage, tag="publish"):
    cid: Cid
    source: Source
    renditions: Annotated[list[RenditionOffer], Meta(min_length=1, max_length=8)]


class Unpublish(ClientMessage, tag="unpublish"):
    cid: Cid
    stream: Id


class Watch(ClientMessage, tag="watch"):
    streams: dict[str, Want | None]


class SendSignal(ClientMessage, tag="signal"):
    to: Id
    data: Any


class SetRoom(ClientMessage, tag="room.set"):
    """A moderator changes the room; what is not named stays as it is."""

    cid: Cid
    title: Annotated[str, Meta(max_length=128)] | UnsetType = UNSET
    access: Access | UnsetType = UNSET
    invite: UserNames | UnsetType = UNSET
    """User names that may come in from now on, whatever ``access`` says."""
    uninvite: UserNames | UnsetType = UNSET


class Moderate(ClientMessage, tag="moderate"):
    cid: Cid
    action: ModerateAction
    target: Id | UnsetType = UNSET
    role: Role | UnsetType = UNSET


class Ping(ClientMessage, tag="ping"):
    t: float


class Goodbye(ClientMessage, tag="goodbye"):
    """The person pressed Leave: no grace period, everyone sees it at once."""


FromClient = (
    Hello
    | ChatSend
    | ChatEdit
    | ChatDelete
    | ChatReact
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
    | Goodbye
)


# ----------------------------------------------------------- relay to client


class RelayMessage(Struct, tag_field="type"):
    """Base of everything the relay may say on the control socket."""


class RoomInfo(_Wire, omit_defaults=False):
    name: str
    title: str
    locked: bool
    epoch: str
    offset: int
    """Offset of the newest event; 0 for an empty log. The first event has offset 1."""
    access: Access = "open"
    invited: list[str] | UnsetType = UNSET
    """User names, sorted; told to moderators only."""


class Rights(_Wire, omit_defaults=False):
    """What the receiver may do here, so that nothing is offered that the relay would refuse."""

    chat: bool
    publish: bool
    moderate: bool
    guest_links: bool
    """Whether they may make links by which people without an account come in."""


class MediaInfo(_Wire, omit_defaults=False):
    """How to open media sockets: the token is bound to this session."""

    token: str
    url: str


class Limits(_Wire, omit_defaults=False):
    """What this relay accepts, so that clients can say so before they try."""

    body_bytes: int
    data_bytes: int
    frame_bytes: int
    """Largest media frame, header included."""
    messages_per_second: float
    participants: int
    streams: int
    """Streams one participant may publish."""


class Welcome(RelayMessage, tag="welcome"):
    protocol: int
    session: str
    you: Participant
    room: RoomInfo
    participants: list[Participant]
    streams: list[Stream]
    recovered: bool
    events: list[LoggedEvent]
    media: MediaInfo
    limits: Limits
    ice_servers: list[dict[str, Any]]
    rights: Rights | UnsetType = UNSET


class Waiting(RelayMessage, tag="waiting"):
    """Instead of ``welcome``, which follows when a moderator lets the newcomer in."""

    room: RoomInfo


class Lobby(RelayMessage, tag="lobby"):
    """To moderators, whenever it changes: everybody who waits to be let in, in order of arrival.

    ``moderate`` with ``admit`` or ``deny`` names them by their ``id``.
    """

    waiting: list[Participant]


class RightsChanged(RelayMessage, tag="rights"):
    """The receiver may do more or less than before."""

    rights: Rights


class ParticipantJoined(RelayMessage, tag="participant.joined"):
    participant: Participant


class ParticipantUpdated(RelayMessage, tag="participant.updated"):
    participant: Participant


class ParticipantLeft(RelayMessage, tag="participant.left"):
    id: Id
    reason: str
    """``left``, ``lost`` (connection), ``removed`` or ``replaced``."""


class Ack(RelayMessage, tag="ack", omit_defaults=True):
    cid: Cid
    id: Id | UnsetType = UNSET
    offset: int | UnsetType = UNSET
    at: int | UnsetType = UNSET
    stream: Id | UnsetType = UNSET
    handles: list[int] | UnsetType = UNSET


class StreamAdded(RelayMessage, tag="stream.added"):
    stream: Stream


class StreamUpdated(RelayMessage, tag="stream.updated"):
    stream: Stream


class StreamRemoved(RelayMessage, tag="stream.removed"):
    id: Id


class Demand(RelayMessage, tag="demand"):
    stream: Id
    renditions: list[RenditionDemand]


class StreamFlow(RelayMessage, tag="stream.flow"):
    """How a watched stream comes through to the receiver, told when it changes; unsaid: full."""

    stream: Id
    state: FlowState
    """``full``: what was asked for; ``reduced``: a smaller rendition or fewer pictures; ``paused``:
    no pictures for now."""
    side: FlowSide | None = None
    """Whose side is short: the receiver's own line, the sender's, or the relay itself."""


class Typing(RelayMessage, tag="chat.typing"):
    by: Id
    on: bool


class Reaction(RelayMessage, tag="reaction"):
    by: Id
    emoji: str


class Signal(RelayMessage, tag="signal"):
    by: Id
    data: Any


class Moderated(RelayMessage, tag="moderated"):
    """Somebody moderated this participant or the room: what happened, by whom."""

    action: ModerateAction
    by: Id
    target: Id | None = None


class RoomUpdated(RelayMessage, tag="room.updated"):
    room: RoomInfo


class Error(RelayMessage, tag="error", omit_defaults=True):
    code: str
    message: str
    cid: Cid | UnsetType = UNSET
    retry_after: float | UnsetType = UNSET
    """Seconds."""


class Bye(RelayMessage, tag="bye", omit_defaults=False):
    code: int
    reason: str
    reconnect: bool
    after_ms: int | UnsetType = UNSET


class Pong(RelayMessage, tag="pong"):
    t: float
    now: int
    """The relay's clock, µs."""


FromRelay = (
    Welcome
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
    | Pong
)


# ---------------------------------------------------------------- the parser


class BadFrame(ValueError):
    """A control frame that is not an object of the protocol."""


class UnknownType(ValueError):
    """A well-formed frame whose ``type`` this version does not know."""

    def __init__(self, type_: str) -> None:
        super().__init__(f"unknown message type {type_!r}")
        self.type = type_


class InvalidField(ValueError):
    """A frame of a known type with a missing or wrong field.

    ``cid`` is the frame's own, if it carried a usable one, so that the answer
    reaches the call that sent it.
    """

    def __init__(self, message: str, cid: str | None) -> None:
        super().__init__(message)
        self.cid = cid


class _Envelope(Struct):
    type: str
    cid: Any = None


_client_decoder: msgspec.json.Decoder[FromClient] = msgspec.json.Decoder(FromClient)
_relay_decoder: msgspec.json.Decoder[FromRelay] = msgspec.json.Decoder(FromRelay)
_envelope_decoder = msgspec.json.Decoder(_Envelope)
_encoder = msgspec.json.Encoder()


def _tags(*structs: type[Struct]) -> set[str | int | None]:
    return {struct.__struct_config__.tag for struct in structs}


_CLIENT_TYPES = _tags(*ClientMessage.__subclasses__())
_RELAY_TYPES = _tags(*RelayMessage.__subclasses__(), LoggedEvent)


def _explain(data: str | bytes, known: set[str | int | None], cause: Exception) -> ValueError:
    """Tells a broken frame, an unknown type and a wrong field apart (slow path only)."""
    try:
        envelope = _envelope_decoder.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return BadFrame(f"not a message: {error}")
    if envelope.type not in known:
        return UnknownType(envelope.type[:64])
    cid = envelope.cid if isinstance(envelope.cid, str) and 0 < len(envelope.cid) <= 64 else None
    return InvalidField(f"{envelope.type}: {cause}", cid)


def decode_client(data: str | bytes) -> FromClient:
    """Parses one frame from a client.

    Raises:
        BadFrame: not JSON, not an object, or without a textual ``type``.
        UnknownType: a type this version does not know.
        InvalidField: a known type with a missing, wrong or too large field.
    """
    try:
        return _client_decoder.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _explain(data, _CLIENT_TYPES, error) from None


def decode_relay(data: str | bytes) -> FromRelay:
    """Parses one frame from a relay; raises as :func:`decode_client` does."""
    try:
        return _relay_decoder.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _explain(data, _RELAY_TYPES, error) from None


def encode(message: ClientMessage | RelayMessage | LoggedEvent) -> bytes:
    """Returns the message as UTF-8 JSON, to be sent as a text frame."""
    return _encoder.encode(message)
