"""What cameras and microphones send, in sizes and times as real encoders do."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass

from meetwidget.wire.media import HEADER, FrameKind, flags
from tests.benchmarks.load import Seat
from tests.benchmarks.wire import BINARY, client_frame

FPS = 15
VIDEO_BITS = 150_000
"""A second, 320 x 180."""
KEY_SECONDS = 10
"""A key frame for safety this often; see the notes on codecs in docs/architecture.md."""
KEY_BYTES = 8_000
BASE_SHARE = 0.6
"""Of the bytes of deltas, with two temporal layers."""
SPREAD = 0.3
"""How far a frame's size strays from the mean, as a share of it."""
PACKETS = 50
"""Of Opus, a second (20 ms each)."""
OPUS_BYTES = 80
"""32 kbit/s."""
CYCLE_MS = 200
"""The shortest time after which cameras (3 frames) and microphones (10 packets) repeat."""
_FILLING = bytes(65536)


def _sizes() -> list[int]:
    chance = random.Random(1)  # the same sizes in every run
    frames = FPS * KEY_SECONDS
    deltas = VIDEO_BITS / 8 * KEY_SECONDS - KEY_BYTES
    mean = {0: deltas * BASE_SHARE / (frames / 2 - 1), 1: deltas * (1 - BASE_SHARE) / (frames / 2)}
    return [KEY_BYTES] + [
        int(mean[number % 2] * chance.uniform(1 - SPREAD, 1 + SPREAD))
        for number in range(1, frames)
    ]


PICTURES = _sizes()
"""Payload bytes of the frames from one key frame to the next; every second is an upper layer."""


class _Heads(dict[int, bytes]):
    """WebSocket headers by payload size."""

    def __missing__(self, size: int) -> bytes:
        head = self[size] = client_frame(BINARY, bytes(size))[:-size]
        return head


_heads = _Heads()


@dataclass
class Sender:
    """One published stream."""

    seat: Seat
    """The socket it sends on."""
    stream: str
    handle: int
    kind: FrameKind
    phase: int
    """Spreads frames and key frames of different senders over time."""
    sequence: int = 0
    begun: int = 0
    """Sequence number with which this run began."""
    bases: int = 0
    watchers: int = 0
    """How many of the load's own participants watch it."""

    def slots(self) -> list[int]:
        """Returns the ms of the cycle at which it sends."""
        rate = FPS if self.kind is FrameKind.VIDEO else PACKETS
        count = rate * CYCLE_MS // 1000
        first = self.phase * 7 % (1000 // rate)
        return [first + number * CYCLE_MS // count for number in range(count)]

    def start(self) -> None:
        """Begins anew with a key frame, as an encoder does that is asked for one."""
        self.begun = self.sequence

    def send(self) -> bool:
        """Sends the next frame, stamped with now; false if the server does not read."""
        sequence = self.sequence
        self.sequence = sequence + 1
        if self.kind is FrameKind.AUDIO:
            size, bits = OPUS_BYTES, flags()
            self.bases += 1
        else:
            # The first is a key frame; the next one comes earlier for some than for others.
            number = sequence - self.begun
            place = (number + self.phase * 2) % len(PICTURES) if number else 0
            size, layer = PICTURES[place], place % 2
            bits = flags(key=place == 0, layer=layer)
            self.bases += not layer
        header = HEADER.pack(
            self.kind,
            bits,
            self.handle,
            sequence,
            time.monotonic_ns() // 1000,
            self.bases & 0xFFFF,
            0,
            0,
        )
        return self.seat.send(_heads[HEADER.size + size] + header + _FILLING[:size])
