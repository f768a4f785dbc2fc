"""The control plane as types: every JSON message of the protocol, once.

With :mod:`.values` and :mod:`.log`, whose names are here too, this is the single source of the
control protocol. JSON Schema is generated from it (:mod:`meetwidget.wire.schema`), TypeScript types
from the schema, and the relay and the kernel client both decode with the unions below.
Unknown *fields* are ignored by every decoder; unknown *types* raise
:class:`UnknownType`, which a relay answers without closing the socket.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from meetwidget.wire.log import (
    ClearEvent as ClearEvent,
    CloseEvent as CloseEvent,
    DeleteEvent as DeleteEvent,
    EditEvent as EditEvent,
    LogEvent as LogEvent,
    LoggedEvent as LoggedEvent,
    MessageEvent as MessageEvent,
    PinEvent as PinEvent,
    ReactionEvent as ReactionEvent,
    VoteEvent as VoteEvent,
)
from meetwidget.wire.values import (
    MAX_BODY_BYTES as MAX_BODY_BYTES,
    MAX_DATA_BYTES as MAX_DATA_BYTES,
    MAX_FILES as MAX_FILES,
    MAX_MENTIONS as MAX_MENTIONS,
    MAX_OPTIONS as MAX_OPTIONS,
    Access as Access,
    Body as Body,
    By as By,
    Cid as Cid,
    CodecConfig as CodecConfig,
    Codecs as Codecs,
    ColorSpace as ColorSpace,
    Emoji as Emoji,
    FileRef as FileRef,
    FlowSide as FlowSide,
    FlowState as FlowState,
    Id as Id,
    Kind as Kind,
    Location as Location,
    Mention as Mention,
    MimeBundle as MimeBundle,
    ModerateAction as ModerateAction,
    Participant as Participant,
    ParticipantState as ParticipantState,
    Pixels as Pixels,
    Poll as Poll,
    Rendition as Rendition,
    RenditionDemand as RenditionDemand,
    RenditionOffer as RenditionOffer,
    Role as Role,
    Source as Source,
    Stream as Stream,
    TileSize as TileSize,
    User as User,
    UserNames as UserNames,
    Want as Want,
    Wire as Wire,
)

PROTOCOL_VERSION = 1

# ----------------------------------------------------------- client to relay


class ClientMessage(Struct, omit_defaults=True, tag_field="type"):
    """Base of everything a client may say on the control socket."""


class ClientInfo(Wire):
    """What program speaks; told for logs and limits, never for rights."""

    kind: Literal["browser", "kernel"]
    version: Annotated[str, Meta(max_length=64)]
    decodes: Codecs | UnsetType = UNSET
    """What it can decode in time; senders choose a codec that everybody present decodes."""


class Resume(Wire):
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
    poll: Poll | UnsetType = UNSET
    """Makes the message a poll; its body is the question."""
    files: Annotated[list[Id], Meta(min_length=1, max_length=MAX_FILES)] | UnsetType = UNSET
    """Files that the sender has uploaded to this room and sent with no other message."""
    mentions: Annotated[list[Mention], Meta(max_length=MAX_MENTIONS)] | UnsetType = UNSET
    location: Location | UnsetType = UNSET


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


class ChatVote(ClientMessage, tag="chat.vote"):
    cid: Cid
    id: Id
    options: Annotated[
        list[Annotated[int, Meta(ge=0, lt=MAX_OPTIONS)]], Meta(max_length=MAX_OPTIONS)
    ]


class ChatClose(ClientMessage, tag="chat.close"):
    """Ends a poll."""

    cid: Cid
    id: Id


class ChatPin(ClientMessage, tag="chat.pin"):
    cid: Cid
    id: Id
    on: bool


class ChatTyping(ClientMessage, tag="chat.typing"):
    on: bool


class SetState(ClientMessage, tag="state"):
    microphone: bool | UnsetType = UNSET
    camera: bool | UnsetType = UNSET
    screen: bool | UnsetType = UNSET
    hand: bool | UnsetType = UNSET
    status: Annotated[str, Meta(max_length=128)] | UnsetType = UNSET
    location: Location | UnsetType | None = UNSET
    """``null``: tells nobody any more."""


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
    | Goodbye
)


# ----------------------------------------------------------- relay to client


class RelayMessage(Struct, tag_field="type"):
    """Base of everything the relay may say on the control socket."""


class RoomInfo(Wire, omit_defaults=False):
    name: str
    title: str
    locked: bool
    epoch: str
    offset: int
    """Offset of the newest event; 0 for an empty log. The first event has offset 1."""
    access: Access = "open"
    invited: list[str] | UnsetType = UNSET
    """User names, sorted; told to moderators only."""


class Rights(Wire, omit_defaults=False):
    """What the receiver may do here, so that nothing is offered that the relay would refuse."""

    chat: bool
    publish: bool
    moderate: bool
    guest_links: bool
    """Whether they may make links by which people without an account come in."""


class MediaInfo(Wire, omit_defaults=False):
    """How to open media sockets: the token is bound to this session."""

    token: str
    url: str


class Limits(Wire, omit_defaults=False):
    """What this relay accepts, so that clients can say so before they try."""

    body_bytes: int
    data_bytes: int
    frame_bytes: int
    """Largest media frame, header included."""
    messages_per_second: float
    participants: int
    streams: int
    """Streams one participant may publish."""
    file_bytes: int = 0
    """Largest file; 0: this relay keeps no files."""
    room_file_bytes: int = 0
    """All files of a room together."""


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
    pinned: list[LoggedEvent] | UnsetType = UNSET
    """With a snapshot (``recovered`` false): every event about a pinned message that is older than
    ``events``, in order of offset."""


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
