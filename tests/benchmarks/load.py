"""The two loads: one speaks to many, and rooms where everybody speaks to everybody.

Clients are *seats*: something with a socket that counts what it receives. A seat knows
how to acknowledge if its server wants that (the relay does, plain Tornado does not).
"""

from __future__ import annotations

import select
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from meetwidget.wire.media import HEADER, FrameKind, flags, pack_ack
from tests.benchmarks.wire import BINARY, Client, client_frame

FRAME_ACK = int(FrameKind.ACK)
FRAME_AUDIO = int(FrameKind.AUDIO)
FRAME_VIDEO = int(FrameKind.VIDEO)
_DELTA, _KEY = flags(), flags(key=True)
KEY_EVERY = 40
"""Pictures from one key frame to the next: two seconds here."""
_FILLING = bytes(65536)


class _Heads(dict[int, bytes]):
    """WebSocket headers by payload size."""

    def __missing__(self, size: int) -> bytes:
        head = self[size] = client_frame(BINARY, bytes(size))[:-size]
        return head


_HEADS = _Heads()
ACK_SECONDS = 0.1
LOST_SECONDS = 0.5
"""Without a delivery for so long, what is under way is taken for dropped."""
TICK_SECONDS = 0.002
"""How often the rooms' clients send and read: fewer system calls for the one core they share."""
RECEIVE_BYTES = 256 * 1024


class Seat:
    """A client in a load, from the moment on that only frames matter."""

    def __init__(self, client: Client, handles: tuple[int, int], *, acknowledges: bool) -> None:
        self.socket = client.socket
        self.socket.setblocking(False)
        self.rest = client.unread
        self.handles = handles
        """Of the small (voice) and the large (picture) frames it sends."""
        self.acknowledges = acknowledges
        self.sequences = [0, 0]
        self.messages = 0
        """Media messages received."""
        self.payload_bytes = 0
        self.acked_bytes = 0
        self.member: object = None
        """Keeps the seat's other connections open."""
        self.refused = 0
        """Frames that could not be sent because the server did not read."""

    def build(self, lane: int, size: int) -> bytes:
        """Returns the next media frame of ``size`` bytes, stamped with now."""
        sequence = self.sequences[lane]
        self.sequences[lane] = sequence + 1
        return b"".join(
            (
                _HEADS[size],
                HEADER.pack(
                    FRAME_VIDEO if lane else FRAME_AUDIO,
                    _KEY if lane and sequence % KEY_EVERY == 0 else _DELTA,
                    self.handles[lane],
                    sequence,
                    time.monotonic_ns() // 1000,
                    (sequence + 1) & 0xFFFF,
                    0,
                    0,
                ),
                _FILLING[: size - HEADER.size],
            )
        )

    def send(self, data: bytes) -> bool:
        """Sends at once; what does not fit is not sent at all."""
        try:
            sent = self.socket.send(data)
        except BlockingIOError:
            self.refused += 1
            return False
        while sent < len(data):
            select.select([], [self.socket], [])
            sent += self.socket.send(data[sent:])
        return True

    def receive(self, delays: list[int] | None) -> int:
        """Reads what is there; returns how many media messages came.

        Appends each one's delay in µs to ``delays``, if given. Knows only the two
        shorter forms of a frame's length; nothing here is longer than 64 kB.
        """
        data = self.socket.recv(RECEIVE_BYTES)
        if not data:
            raise ConnectionError("The server hung up on a seat.")
        if self.rest:
            data = self.rest + data
        position = came = got = 0
        end = len(data)
        now = time.monotonic_ns() // 1000 if delays is not None else 0
        while position + 4 <= end:
            size = data[position + 1]
            start = position + 2
            if size == 126:
                size = data[position + 2] << 8 | data[position + 3]
                start = position + 4
            stop = start + size
            if stop > end:
                break
            if data[position] == 0x82 and data[start] != FRAME_ACK:
                came += 1
                got += size
                if delays is not None:
                    delays.append(now - int.from_bytes(data[start + 8 : start + 16], "big"))
            position = stop
        self.rest = data[position:]
        self.payload_bytes += got
        self.messages += came
        return came

    def acknowledge(self) -> None:
        """Tells the relay what has arrived, if it wants to know."""
        if self.acknowledges and self.payload_bytes != self.acked_bytes:
            self.acked_bytes = self.payload_bytes
            self.send(
                client_frame(BINARY, pack_ack(self.payload_bytes, time.monotonic_ns() // 1000))
            )


@dataclass
class Outcome:
    """What a load brought about."""

    seconds: float
    cpu_seconds: float
    delivered: int
    offered: int
    """What would have been delivered had nothing been dropped or refused."""
    delays_us: list[int] = field(default_factory=list)

    @property
    def per_cpu_second(self) -> float:
        """Messages delivered per second of the server's CPU."""
        return self.delivered / self.cpu_seconds

    @property
    def lost(self) -> float:
        """Share of the offered messages that did not arrive."""
        return 1 - self.delivered / max(1, self.offered)

    def delay_ms(self, quantile: float) -> float:
        """Returns a quantile of the delays seen, in ms."""
        ordered = sorted(self.delays_us)
        if not ordered:
            return float("nan")
        return ordered[min(len(ordered) - 1, int(len(ordered) * quantile))] / 1000


class Loop:
    """An epoll loop over seats."""

    def __init__(self, seats: list[Seat], probes: set[int]) -> None:
        self.seats = seats
        self.by_number = {seat.socket.fileno(): seat for seat in seats}
        self.probes = {seats[index].socket.fileno() for index in probes}
        self.delays: list[int] = []
        self.epoll = select.epoll()
        for number in self.by_number:
            self.epoll.register(number, select.EPOLLIN)
        self.next_ack = 0.0

    def turn(self, timeout: float) -> int:
        """Waits, reads, acknowledges; returns how many media messages came."""
        came = 0
        for number, _ in self.epoll.poll(timeout, len(self.seats)):
            delays = self.delays if number in self.probes else None
            came += self.by_number[number].receive(delays)
        now = time.monotonic()
        if now >= self.next_ack:
            self.next_ack = now + ACK_SECONDS
            for seat in self.seats:
                seat.acknowledge()
        return came


def fan_out(
    seats: list[Seat], size: int, window: int, seconds: float, cpu: Callable[[], float]
) -> Outcome:
    """The first seat speaks, the others listen; ``window`` messages are under way."""
    sender, receivers = seats[0], len(seats) - 1
    loop = Loop(seats, {1})
    sent = delivered = lost = 0
    progress = time.monotonic()

    def run(until: float) -> None:
        nonlocal sent, delivered, lost, progress
        while time.monotonic() < until:
            room = window - (sent - lost - delivered // receivers)
            for _ in range(room):
                sender.send(sender.build(0, size))
                sent += 1
            came = loop.turn(ACK_SECONDS / 2)
            delivered += came
            now = time.monotonic()
            if came:
                progress = now
            elif now - progress > LOST_SECONDS:
                lost = sent - delivered // receivers
                progress = now

    run(time.monotonic() + 0.5)
    loop.delays.clear()
    before, start, at = delivered, cpu(), time.monotonic()
    sent_before = sent
    run(at + seconds)
    return Outcome(
        time.monotonic() - at,
        cpu() - start,
        delivered - before,
        (sent - sent_before) * receivers,
        loop.delays,
    )


def everybody(
    rooms: list[list[Seat]], lanes: list[tuple[int, int]], seconds: float, cpu: Callable[[], float]
) -> Outcome:
    """In every room each seat sends and all others receive.

    ``lanes``: per lane the size in bytes and the messages a second of each seat.
    """
    seats = [seat for room in rooms for seat in room]
    starts = [sum(map(len, rooms[:index])) for index in range(len(rooms))]
    loop = Loop(seats, set(starts))
    cycle_ms = 1000
    slots: list[list[tuple[Seat, int, int]]] = [[] for _ in range(cycle_ms)]
    for index, seat in enumerate(seats):
        for lane, (size, rate) in enumerate(lanes):
            period = cycle_ms // rate
            phase = (index * 7 + lane * 3) % period
            for slot in range(phase, cycle_ms, period):
                slots[slot].append((seat, lane, size))
    begun = time.monotonic()
    tick = delivered = offered = 0

    def run(until: float) -> None:
        nonlocal tick, delivered, offered
        while (now := time.monotonic()) < until:
            due = int((now - begun) * 1000)
            while tick <= due:
                for seat, lane, size in slots[tick % cycle_ms]:
                    offered += 5 * seat.send(seat.build(lane, size))
                tick += 1
            time.sleep(max(0.0, begun + due / 1000 + TICK_SECONDS - time.monotonic()))
            delivered += loop.turn(0.0)

    run(begun + 1.0)
    loop.delays.clear()
    before, offered_before, start, at = delivered, offered, cpu(), time.monotonic()
    run(at + seconds)
    return Outcome(
        time.monotonic() - at,
        cpu() - start,
        delivered - before,
        offered - offered_before,
        loop.delays,
    )
