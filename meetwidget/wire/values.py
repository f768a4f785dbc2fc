"""The nouns of the protocol: who and what its messages speak of.

Everything here is told to clients as it is; unknown fields are ignored by every decoder.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

MAX_BODY_BYTES = 16 * 1024
"""Largest chat body, in bytes of UTF-8."""
MAX_DATA_BYTES = 1024 * 1024
"""Largest MIME bundle of one chat message, in bytes of JSON."""
MAX_FILES = 10
"""Files of one message."""
MAX_MENTIONS = 50
MAX_OPTIONS = 20
"""Options of one poll."""

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


class Wire(Struct, omit_defaults=True):
    """Base of every nested object: absent means default, unknown fields are ignored."""


class User(Wire, omit_defaults=False):
    """Who somebody is, as the relay's identity provider says."""

    name: str
    display_name: str
    initials: str
    color: str
    avatar_url: str | UnsetType = UNSET


class Location(Wire):
    """Where in the notebooks a participant is."""

    path: Annotated[str, Meta(max_length=1024)]
    cell: Annotated[str, Meta(max_length=128)] | UnsetType = UNSET


class ParticipantState(Wire):
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


class Participant(Wire, omit_defaults=False):
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


class By(Wire, omit_defaults=False):
    """The relay's stamp on an event: who did it, readable long after they left."""

    id: Id
    user: User
    kind: Kind


class Mention(Wire, omit_defaults=False):
    """Somebody whom a message names, so that they are told of it."""

    name: Annotated[str, Meta(min_length=1, max_length=255)]
    """Their user name."""
    text: Annotated[str, Meta(min_length=1, max_length=255)]
    """How the body writes them, without the ``@``: ``Ada Lovelace``."""


class FileRef(Wire):
    """A file that the relay keeps, as the relay describes it."""

    id: Id
    name: str
    """For people; no path, 1 to 255 characters."""
    type: str
    """MIME type, found by looking at the content; ``application/octet-stream`` if that tells none."""
    size: int
    """Bytes."""
    width: int | UnsetType = UNSET
    """Of an image that may be shown inline, pixels; absent: offer it for download."""
    height: int | UnsetType = UNSET


class Poll(Wire):
    """What is asked; the question is the message's body."""

    options: Annotated[
        list[Annotated[str, Meta(min_length=1, max_length=200)]],
        Meta(min_length=2, max_length=MAX_OPTIONS),
    ]
    multiple: bool = False
    """Whether one may choose several."""


class ColorSpace(Wire):
    """WebCodecs' ``VideoColorSpaceInit``; VP8 carries none of its own."""

    primaries: str | None = None
    transfer: str | None = None
    matrix: str | None = None
    full_range: bool | None = None


class CodecConfig(Wire):
    """What a decoder must know besides the codec string."""

    color_space: ColorSpace | UnsetType = UNSET
    description: str | UnsetType = UNSET
    """Base64 of the codec's out-of-band description."""
    layers: Annotated[int, Meta(ge=1, le=4)] | UnsetType = UNSET
    """Temporal layers."""
    sample_rate: Annotated[int, Meta(ge=8000, le=192000)] | UnsetType = UNSET
    channels: Annotated[int, Meta(ge=1, le=8)] | UnsetType = UNSET


class RenditionOffer(Wire):
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


class Stream(Wire, omit_defaults=False):
    """A published source."""

    id: Id
    owner: Id
    source: Source
    renditions: list[Rendition]


class Want(Wire):
    """How large a watcher shows a stream, in CSS pixels; 0 × 0 for sound and data."""

    width: TileSize = 0
    height: TileSize = 0
    priority: Annotated[int, Meta(ge=0, le=9)] = 0


class RenditionDemand(Wire, omit_defaults=False):
    """Whether a rendition is to be encoded, and whether a key frame is due now."""

    handle: int
    on: bool
    key: bool = False
