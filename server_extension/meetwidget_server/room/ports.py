"""A participant's place on the media plane: their sockets, their streams, what they watch."""

from __future__ import annotations

from dataclasses import dataclass, field

from meetwidget.wire.media import MediaKind

from .adaptation import Adaptation
from .queue import ReceiverQueue
from .records import Connection
from .route import Route
from .streams import PublishedStream
from .watching import Watch


class MediaPort:
    """One media socket of a member; made by :meth:`Room.open_media`."""

    __slots__ = (
        "closed",
        "extended",
        "kinds",
        "participant",
        "queue",
        "received",
        "reported",
        "routes",
        "socket",
    )

    def __init__(
        self,
        socket: Connection,
        participant: str,
        kinds: frozenset[MediaKind],
        queue: ReceiverQueue,
    ) -> None:
        self.socket = socket
        self.participant = participant
        self.kinds = kinds
        """The kinds whose frames go out on this socket."""
        self.queue = queue
        self.received = 0
        """Bytes of media frames received here."""
        self.reported = 0
        """What of ``received`` was acknowledged."""
        self.closed = False
        self.routes: dict[bytes, Route] = {}
        """First four bytes of a frame → where it goes, once a frame like it was examined."""
        self.extended: dict[bytes, Route] = {}
        """The same for frames with an extension block, whose size is checked each time."""

    def forget_routes(self) -> None:
        """Has every frame's destination examined anew."""
        self.routes.clear()
        self.extended.clear()

    def shut(self) -> None:
        """Takes no more frames, and hands out none."""
        self.closed = True
        self.forget_routes()
        self.queue.out.clear()


@dataclass(slots=True, eq=False)
class Seat:
    """A participant's media: sockets, what they publish, what they watch."""

    participant: str
    connected: bool = True
    ports: dict[MediaKind, MediaPort] = field(default_factory=dict)
    streams: dict[str, PublishedStream] = field(default_factory=dict)
    watches: dict[str, Watch] = field(default_factory=dict)
    adaptation: Adaptation = field(default_factory=Adaptation)
    """What their line carries, as the pictures show it."""

    def distinct_ports(self) -> list[MediaPort]:
        """Returns each socket once."""
        return list(dict.fromkeys(self.ports.values()))
