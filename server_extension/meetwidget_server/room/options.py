"""Every limit of a room in one place, so that a deployment can set it and tests can shrink it."""

from __future__ import annotations

from dataclasses import dataclass

from meetwidget.wire.control import MAX_BODY_BYTES, MAX_DATA_BYTES, Limits


@dataclass(frozen=True, slots=True)
class RoomOptions:
    """What one room accepts; seconds and bytes unless a name says otherwise."""

    participants: int = 100
    """Members at once, those in their grace period included."""
    connections_per_user: int = 10
    """Connections of one user and kind, those who wait or are in their grace period included."""
    waiting: int = 50
    """Connections that may wait at once to be let in."""
    invited: int = 2000
    """User names a room keeps as invited."""
    streams: int = 8
    """Streams one participant may publish."""
    body_bytes: int = MAX_BODY_BYTES
    data_bytes: int = MAX_DATA_BYTES
    signal_bytes: int = 64 * 1024
    file_bytes: int = 0
    """Largest file that may go with a message; 0: none is kept."""
    room_file_bytes: int = 0
    """All files of the room together."""
    loudest: int = 5
    """Microphones heard at once besides those who just began to speak; 0: all."""
    frame_bytes: int = 64 * 1024
    """Largest media frame, header included; video fragments are 16 KiB, so this is generous."""
    messages_per_second: float = 20.0
    messages_burst: int = 100
    """Size of the token bucket of one participant's control messages."""
    grace: float = 15.0
    """How long a participant whose connection broke may resume."""
    grace_going_away: float = 5.0
    """The same after close 1001: the page was left, perhaps only reloaded."""
    cache_bytes: int = 512 * 1024
    """Frames since the last key frame kept per video handle."""
    cache_frames: int = 600
    queue_bytes: int = 1024 * 1024
    """What may wait for one receiver's media socket; beyond it frames are dropped."""
    window_floor: int = 10_000
    """Least bytes in flight to one receiver (200 ms of 400 kbit/s)."""
    window_ceiling: int = 8 * 1024 * 1024
    stall: float = 10.0
    """A media socket that acknowledged nothing for so long while it owed is closed as too slow."""

    def limits(self) -> Limits:
        """Returns what clients are told in ``welcome``."""
        return Limits(
            body_bytes=self.body_bytes,
            data_bytes=self.data_bytes,
            frame_bytes=self.frame_bytes,
            messages_per_second=self.messages_per_second,
            participants=self.participants,
            streams=self.streams,
            file_bytes=self.file_bytes,
            room_file_bytes=self.room_file_bytes,
        )
