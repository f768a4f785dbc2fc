"""What became of media frames: plain numbers that the hot path adds to and a scrape reads.

One :class:`MediaTally` serves all rooms of a relay, so nothing has to be gathered when a
room, a route or a socket ends. Numbers only grow.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import Literal

from meetwidget.wire.media import FrameKind

DropReason = Literal[
    "unusable", "until-key", "layer", "superseded", "deadline", "for-sound", "overflow", "unwatched"
]
DROP_REASONS: tuple[DropReason, ...] = (
    "unusable",
    "until-key",
    "layer",
    "superseded",
    "deadline",
    "for-sound",
    "overflow",
    "unwatched",
)
"""As sent, no receiver could decode it (once per frame, all others once per receiver); its lane
waits for a key frame; of an upper layer, given up first; overtaken by a key frame; waited too
long; made way for sound; too much waited; the watch ended while it waited."""
WAIT_BOUNDS_S = (0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.5)
"""Upper bounds of the classes of waiting, seconds; the deadlines of :mod:`.queue` are among them."""


class KindTally:
    """The frames of one kind: audio, video or data."""

    __slots__ = (
        "bytes_in",
        "bytes_out",
        "drops",
        "frames_in",
        "frames_out",
        "idle_bytes",
        "idle_frames",
        "waited_s",
        "waits",
    )

    def __init__(self) -> None:
        self.frames_in = 0
        """Frames that came and were for somebody."""
        self.bytes_in = 0
        self.idle_frames = 0
        """Frames that came while nobody watched, or from somebody who is muted or not among
        the loudest."""
        self.idle_bytes = 0
        self.frames_out = 0
        """Frames handed to receivers' sockets, each receiver counted."""
        self.bytes_out = 0
        self.drops: dict[DropReason, int] = dict.fromkeys(DROP_REASONS, 0)
        self.waits = [0] * (len(WAIT_BOUNDS_S) + 1)
        """How many frames went through a receiver's queue, by how long they waited in it."""
        self.waited_s = 0.0
        """Seconds that those waited, in all."""

    def waited(self, size: int, seconds: float) -> None:
        """A frame leaves a receiver's queue for the socket."""
        self.frames_out += 1
        self.bytes_out += size
        self.waits[bisect_left(WAIT_BOUNDS_S, seconds)] += 1
        if seconds > 0:  # what passes at once may come out a rounding below
            self.waited_s += seconds


class MediaTally:
    """All media of a relay."""

    def __init__(self) -> None:
        self.audio = KindTally()
        self.video = KindTally()
        self.data = KindTally()
        self.steps_down = 0
        """Times that a receiver's line made do with a smaller rendition, or none, of a tile."""
        self.steps_up = 0

    def of(self, code: int) -> KindTally:
        """Returns the tally of frames whose first byte is ``code``."""
        return {
            FrameKind.AUDIO: self.audio,
            FrameKind.VIDEO: self.video,
            FrameKind.DATA: self.data,
        }[FrameKind(code)]
