"""Where the frames of one handle go: gathered during a loop turn, fanned out at its end.

The common receiver is in ``fast``: it has had every frame so far and is not lagging. For
those a whole turn's frames are encoded once, and each costs one addition, one comparison and
one list append, however many frames there were. Everything else (waiting for a key frame, in
the middle of a skipped unit) is a :class:`Lane` in ``slow`` and is looked at frame by frame.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from .bitrate import Bitrate
from .sequence import VideoSequence

if TYPE_CHECKING:
    from .lane import Lane
    from .loudest import Voice
    from .queue import ReceiverQueue
    from .tally import KindTally

Encode = Callable[[Sequence[bytes]], bytes]


class Route:
    """One handle: one rendition of one stream, from its owner to who watches it."""

    __slots__ = (
        "_encode",
        "_owed",
        "_ready",
        "arrived_at",
        "asked_at",
        "batch_capture",
        "batch_in_unit",
        "bitrate",
        "code",
        "fast",
        "frames",
        "gated",
        "handle",
        "insisted",
        "key_wanted",
        "muted",
        "on",
        "open",
        "passed",
        "sequence",
        "size",
        "slow",
        "stream",
        "tally",
        "voice",
    )

    def __init__(
        self,
        handle: int,
        code: int,
        stream: str,
        sequence: VideoSequence | None,
        encode: Encode,
        owed: list[Route],
        ready: list[Any],
        tally: KindTally,
        now: float = 0.0,
    ) -> None:
        self.handle = handle
        self.code = code
        """The kind byte of its frames."""
        self.stream = stream
        self.sequence = sequence
        """``None`` for sound and data, whose frames stand alone."""
        self.bitrate = Bitrate(now)
        """What it costs; measured for video only."""
        self.fast: tuple[ReceiverQueue, ...] = ()
        self.slow: tuple[Lane, ...] = ()
        self.open = False
        """Whether gathering frames is of use."""
        self.muted = False
        self.gated = False
        """Passes nothing for now, as others are louder."""
        self.voice: Voice | None = None
        """How loud it is, where that decides whether it is passed on."""
        self.passed = 0
        """How often something came to be passed on so far."""
        self.on = False
        """What its sender was last told to encode."""
        self.key_wanted = False
        self.insisted = False
        """Somebody's decoder failed: a key frame is due though every lane is in step."""
        self.asked_at = float("-inf")
        """When its sender was last asked for a key frame."""
        self.arrived_at = now
        """When its newest frame came; kept for video."""
        self.frames: list[bytes] = []
        self.size = 0
        self.batch_in_unit = False
        """Whether ``frames`` begins in the middle of a unit, and of which."""
        self.batch_capture = b""
        self.tally = tally
        self._encode = encode
        self._owed = owed
        self._ready = ready

    # ---------------------------------------------------------- who gets it

    def attach_fast(self, queue: ReceiverQueue) -> None:
        """This receiver gets every frame from here on."""
        self.fast = (*self.fast, queue)
        self._reckon()

    def attach_slow(self, lane: Lane) -> None:
        """This lane decides frame by frame."""
        self.slow = (*self.slow, lane)
        self._reckon()

    def promote(self, lane: Lane) -> None:
        """The lane is in step: the receiver gets every frame."""
        self.slow = tuple(other for other in self.slow if other is not lane)
        self.fast = (*self.fast, lane.queue)

    def demote(self, lane: Lane) -> None:
        """The lane fell out of step."""
        self.fast = tuple(queue for queue in self.fast if queue is not lane.queue)
        self.slow = (*self.slow, lane)

    def detach(self, lane: Lane) -> None:
        """The receiver gets nothing more of this handle."""
        self.slow = tuple(other for other in self.slow if other is not lane)
        self.fast = tuple(queue for queue in self.fast if queue is not lane.queue)
        self._reckon()

    def mute(self, muted: bool) -> None:
        """Passes nothing while muted."""
        self.muted = muted
        self._reckon()

    def gate(self, gated: bool) -> None:
        """Passes nothing while others are louder."""
        self.gated = gated
        self._reckon()

    def _reckon(self) -> None:
        self.open = not (self.muted or self.gated) and bool(self.fast or self.slow)

    def needs_key(self, now: float) -> bool:
        """Whether somebody waits for a key frame who may ask for one."""
        return self.sequence is not None and any(
            lane.awaiting_key and lane.key_from <= now for lane in self.slow
        )

    @property
    def shared(self) -> bool:
        """Whether more than one receiver gets this."""
        return len(self.fast) + len(self.slow) > 1

    def want_key(self) -> None:
        """Notes that a key frame is due; the request itself is made, and coalesced, by demand."""
        if not self.key_wanted and self.sequence is not None:
            self.key_wanted = True
            self._owed.append(self)

    # -------------------------------------------------------------- fan-out

    def settle(self, now: float) -> None:
        """Hands the gathered frames to every receiver's queue.

        A queue that had nothing to write before announces itself in ``ready``.
        """
        frames = self.frames
        if not frames:
            return
        self.frames = []
        size = self.size
        self.size = 0
        count = len(frames)
        tally = self.tally
        tally.frames_in += count
        tally.bytes_in += size
        self.passed += 1
        fast, slow = self.fast, self.slow
        if fast:
            ready = self._ready
            data = self._encode(frames)
            tally.frames_out += count * len(fast)
            tally.bytes_out += size * len(fast)
            for queue in fast:
                sent = queue.sent + size
                if sent > queue.limit:
                    tally.frames_out -= count
                    tally.bytes_out -= size
                    queue.divert(self, frames, now)
                    continue
                queue.sent = sent
                out = queue.out
                if not out:
                    ready.append(queue)
                out.append(data)
        for lane in slow:
            lane.queue.push(lane, frames, now)
