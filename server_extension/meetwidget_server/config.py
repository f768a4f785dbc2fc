"""Everything an operator can set about the relay, as traits: ``c.MeetRelay.<name> = …``."""

from __future__ import annotations

import getpass
import hashlib
from pathlib import Path

from jupyter_core.paths import jupyter_data_dir
from traitlets import Bool, Float, Int, TraitError, Unicode, default, validate
from traitlets.config import LoggingConfigurable

from meetwidget.wire.control import MAX_BODY_BYTES, MAX_DATA_BYTES
from meetwidget_server.room import RoomOptions
from meetwidget_server.socket import SocketOptions
from meetwidget_server.store import FileLimits

_ROOM = RoomOptions()
_SOCKET = SocketOptions()
_MB = 1024 * 1024
_ENVELOPE_BYTES = 64 * 1024
"""Room in a control message for everything besides body and data."""


class MeetRelay(LoggingConfigurable):
    """Limits and times of the relay in this server."""

    # ------------------------------------------------------------------- log

    database = Unicode(
        help="""File of the room logs (SQLite). By default one in Jupyter's data directory for
        each directory that is served, so that a restart finds its rooms again."""
    ).tag(config=True)
    history_kept = Int(
        100_000, min=1, help="Events (messages, edits, reactions) kept per room, the newest."
    ).tag(config=True)
    history_days = Float(
        0.0, min=0, help="Days after which events are erased; 0 for never (but see history_kept)."
    ).tag(config=True)

    # ------------------------------------------------------------------ files

    max_file_bytes = Int(
        25 * _MB,
        min=0,
        help="""Largest file that may go with a message, bytes; 0: no files. They are kept beside
        the database. On a hub they pass through users' servers, up to 256 MB.""",
    ).tag(config=True)
    max_room_file_bytes = Int(
        500 * _MB, min=0, help="Bytes of all files of one room together."
    ).tag(config=True)
    max_total_file_bytes = Int(
        5 * 1024 * _MB, min=0, help="Bytes of all files of all rooms together."
    ).tag(config=True)

    # ------------------------------------------------------------------ rooms

    max_participants = Int(_ROOM.participants, min=1, help="Participants of one room at once.").tag(
        config=True
    )
    max_connections_per_user = Int(
        _ROOM.connections_per_user,
        min=1,
        help="Connections (tabs, devices, kernels of one kind) of one user in one room at once.",
    ).tag(config=True)
    max_waiting = Int(
        _ROOM.waiting, min=0, help="People who may wait at once to be let into a room."
    ).tag(config=True)
    max_streams = Int(
        _ROOM.streams, min=0, help="Streams one participant may publish at once."
    ).tag(config=True)
    loudest = Int(
        _ROOM.loudest,
        min=0,
        help="""Microphones heard at once in a room, the loudest, besides those who just began to
        speak; 0: all, which costs a large meeting's members bandwidth and concentration.""",
    ).tag(config=True)
    max_body_bytes = Int(
        _ROOM.body_bytes, min=1, max=MAX_BODY_BYTES, help="Largest chat message, bytes of UTF-8."
    ).tag(config=True)
    max_data_bytes = Int(
        _ROOM.data_bytes,
        min=0,
        max=MAX_DATA_BYTES,
        help="Largest MIME bundle of a chat message, bytes of JSON.",
    ).tag(config=True)
    max_frame_bytes = Int(
        _ROOM.frame_bytes, min=1024, help="Largest media frame, bytes with its header."
    ).tag(config=True)
    messages_per_second = Float(
        _ROOM.messages_per_second,
        min=0.1,
        help="Control messages one participant may send in the long run.",
    ).tag(config=True)
    messages_burst = Int(
        _ROOM.messages_burst, min=1, help="Control messages one participant may send at once."
    ).tag(config=True)
    grace = Float(
        _ROOM.grace,
        min=0,
        help="Seconds a participant whose connection broke keeps their place.",
    ).tag(config=True)
    grace_going_away = Float(
        _ROOM.grace_going_away,
        min=0,
        help="The same after the page was left, which may have been a reload.",
    ).tag(config=True)
    queue_bytes = Int(
        _ROOM.queue_bytes,
        min=64 * 1024,
        help="Bytes of media that may wait for one receiver; beyond, frames are dropped.",
    ).tag(config=True)
    cache_bytes = Int(
        _ROOM.cache_bytes,
        min=0,
        help="Bytes kept per video rendition so that a newcomer sees a picture at once.",
    ).tag(config=True)

    # ---------------------------------------------------------------- sockets

    ticket_life = Float(30.0, min=1, help="Seconds within which a ticket must be used, once.").tag(
        config=True
    )
    hello_timeout = Float(
        10.0, min=0.1, help="Seconds within which a new socket must say hello."
    ).tag(config=True)
    ping_interval = Float(
        _SOCKET.ping_interval,
        min=0,
        help="Seconds between pings; proxies cut silent connections after 30 to 60. 0: none.",
    ).tag(config=True)
    ping_timeout = Float(
        _SOCKET.ping_timeout,
        min=0,
        help="Seconds within which a client must show a sign of life after a ping.",
    ).tag(config=True)
    max_pending_bytes = Int(
        _SOCKET.max_pending_bytes,
        min=64 * 1024,
        help="Bytes that may wait for one client that does not read; beyond, it is cut off.",
    ).tag(config=True)
    fast_path = Bool(
        True,
        help="""Whether the relay reads and writes its sockets itself after Tornado's handshake.
        Where it cannot (TLS in this server), Tornado's way is used whatever this says.""",
    ).tag(config=True)

    # ----------------------------------------------------------------- server

    kernel_owner = Unicode(
        help="User name that this server's kernels carry; by default the account it runs as."
    ).tag(config=True)
    kernel_names = Bool(
        True,
        help="""Whether kernels may choose what they are called: one of ada's that wants to be
        "Quiz master" is shown as "Quiz master · ada (kernel)".""",
    ).tag(config=True)
    count_meetings_as_activity = Bool(
        True,
        help="Whether a meeting keeps an otherwise idle server from shutting itself down.",
    ).tag(config=True)
    restart_delay = Float(
        0.5,
        min=0,
        help="Seconds clients are asked to wait before they reconnect to a stopping server.",
    ).tag(config=True)
    freeze_garbage = Bool(
        True,
        help="""Whether everything loaded at start-up is exempted from garbage collection, which
        otherwise halts media for tens of milliseconds at a time in a full Jupyter server.""",
    ).tag(config=True)

    @default("kernel_owner")
    def _default_kernel_owner(self) -> str:
        try:
            return getpass.getuser()
        except (KeyError, OSError, ImportError):  # no such account, as in some containers
            return "jovyan"

    @validate("ping_timeout")
    def _check_ping_timeout(self, proposal: dict[str, float]) -> float:
        if 0 < self.ping_interval < proposal["value"]:
            raise TraitError("ping_timeout must not be longer than ping_interval.")
        return proposal["value"]

    def database_path(self, root_dir: str) -> Path:
        """Returns the log's file for a server of ``root_dir``."""
        if self.database:
            return Path(self.database).expanduser()
        digest = hashlib.sha256(str(Path(root_dir).resolve()).encode()).hexdigest()[:16]
        return Path(jupyter_data_dir()) / "meetwidget" / f"{digest}.sqlite"

    def room_options(self) -> RoomOptions:
        """Returns the limits of every room."""
        return RoomOptions(
            participants=self.max_participants,
            connections_per_user=self.max_connections_per_user,
            waiting=self.max_waiting,
            streams=self.max_streams,
            loudest=self.loudest,
            body_bytes=self.max_body_bytes,
            data_bytes=self.max_data_bytes,
            file_bytes=self.max_file_bytes,
            room_file_bytes=self.max_room_file_bytes,
            frame_bytes=self.max_frame_bytes,
            messages_per_second=self.messages_per_second,
            messages_burst=self.messages_burst,
            grace=self.grace,
            grace_going_away=self.grace_going_away,
            queue_bytes=self.queue_bytes,
            cache_bytes=self.cache_bytes,
        )

    def file_limits(self) -> FileLimits:
        """Returns how much of files is kept."""
        return FileLimits(self.max_file_bytes, self.max_room_file_bytes, self.max_total_file_bytes)

    def control_options(self) -> SocketOptions:
        """Returns the limits of control sockets."""
        return self._options(self.max_body_bytes + self.max_data_bytes + _ENVELOPE_BYTES)

    def media_options(self) -> SocketOptions:
        """Returns the limits of media sockets."""
        return self._options(self.max_frame_bytes)

    def _options(self, max_message_bytes: int) -> SocketOptions:
        return SocketOptions(
            max_message_bytes=max_message_bytes,
            max_pending_bytes=self.max_pending_bytes,
            ping_interval=self.ping_interval,
            ping_timeout=self.ping_timeout,
            fast_path=self.fast_path,
        )
