"""The room's front: every event a driver can report, dispatched to the part that knows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from meetwidget.wire.control import FromClient, Participant, RoomInfo
from meetwidget.wire.media import MediaKind

from .effects import Append, Effect, Effects, Lookup
from .options import RoomOptions
from .records import Arrival, Connection, History, MessageFacts, RoomRecord, Stored

TICK_INTERVAL = 0.1
"""Seconds between calls of :meth:`Room.tick`; also the interval of acknowledgements."""


class MediaPort:
    """One media socket of a member; made by :meth:`Room.open_media`."""

    socket: Connection
    participant: str
    kinds: frozenset[MediaKind]


class Room:
    """One meeting. See the package's docstring for the order of calls."""

    unflushed: list[object]
    """Non-empty when :meth:`flush` would send something."""

    def __init__(
        self,
        record: RoomRecord,
        options: RoomOptions,
        new_id: Callable[[str], str],
        encode: Callable[[Sequence[bytes]], bytes],
    ) -> None:
        raise NotImplementedError

    @property
    def name(self) -> str:
        """The room's name."""
        raise NotImplementedError

    @property
    def empty(self) -> bool:
        """Nobody is in, joining or in a grace period, and no append is under way."""
        raise NotImplementedError

    @property
    def info(self) -> RoomInfo:
        """Name, title, lock, epoch and newest offset, as clients see them."""
        raise NotImplementedError

    @property
    def participants(self) -> list[Participant]:
        """Everyone who is in, in order of arrival, those in a grace period included."""
        raise NotImplementedError

    def has_user(self, name: str) -> bool:
        """Whether a member with this user name is in (may read history over REST)."""
        raise NotImplementedError

    # ------------------------------------------------------------ control

    def join(self, connection: Connection, arrival: Arrival, now: float) -> Effects:
        """Somebody comes, or comes back with ``arrival.resume``."""
        raise NotImplementedError

    def history_loaded(self, connection: Connection, history: History, now: float) -> Effects:
        """The log was read: ``Joined``, ``welcome``, and ``participant.joined`` to the others."""
        raise NotImplementedError

    def history_failed(self, connection: Connection, now: float) -> Effects:
        """The log cannot be read: the newcomer is welcomed without history, and told so."""
        raise NotImplementedError

    def message(self, connection: Connection, message: FromClient, now: float) -> Effects:
        """A control message; rate limit and permissions are checked here."""
        raise NotImplementedError

    def unreadable(self, connection: Connection, error: ValueError, now: float) -> Effects:
        """A frame that ``decode_client`` refused: answered, or closed with 4400."""
        raise NotImplementedError

    def gone(self, connection: Connection, code: int, now: float) -> Effects:
        """A control connection closed: 1000 leaves at once, everything else may resume."""
        raise NotImplementedError

    # -------------------------------------------------------- durable log

    def appended(self, effect: Append, stored: Stored, now: float) -> Effects:
        """The entry is durable: fan-out and acknowledgement."""
        raise NotImplementedError

    def append_failed(self, effect: Append, now: float) -> Effects:
        """The entry was not kept: the sender gets ``not-kept``, nobody else anything."""
        raise NotImplementedError

    def looked_up(self, effect: Lookup, facts: MessageFacts | None, now: float) -> Effects:
        """The store answered a :class:`Lookup`; ``None``: no such message."""
        raise NotImplementedError

    # -------------------------------------------------------------- media

    def open_media(
        self,
        session: str,
        socket: Connection,
        kinds: Iterable[MediaKind],
        now: float,
    ) -> tuple[MediaPort | None, Effects]:
        """A member opened a media socket for these kinds; it replaces an older one of theirs."""
        raise NotImplementedError

    def media_frame(self, port: MediaPort, frame: bytes, now: float) -> Sequence[Effect]:
        """A binary frame arrived on a member's media socket (acknowledgements too)."""
        raise NotImplementedError

    def close_media(self, port: MediaPort, now: float) -> Effects:
        """A media socket is closed."""
        raise NotImplementedError

    def flush(self, now: float) -> list[tuple[Connection, bytes]]:
        """Returns what is to be written to each media socket now, encoded."""
        raise NotImplementedError

    # --------------------------------------------------------------- time

    def tick(self, now: float) -> Effects:
        """Grace periods, deadlines, due key requests, acknowledgements, stalled sockets."""
        raise NotImplementedError

    def shutdown(self, now: float, after_ms: int = 0) -> Effects:
        """The relay stops: ``bye`` with ``reconnect`` to everyone, and closes 1012."""
        raise NotImplementedError
