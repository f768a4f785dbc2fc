"""Pictures and sound through a real room to receivers on modelled lines, in virtual time.

A line is what TCP makes of a bottleneck: bytes wait in order, a lost packet holds up everything
behind it on its socket for a round trip, and nothing moves while the line is away (after which
TCP waits up to a second for its next attempt). Both sockets of a receiver share the bottleneck.
"""

from __future__ import annotations

import heapq
import itertools
import random
from collections.abc import Callable
from dataclasses import dataclass, field

from meetwidget_server.room import RoomOptions

from meetwidget.wire import control, media
from tests.unit.room.stage import Lane, Peer, Stage

ACK_INTERVAL = 0.1
PACKET = 1448
ENCODING_DELAY = 0.03
"""Between a key frame's being asked for and its leaving the sender."""
KEY_SIZE = 5.0
"""Average pictures that a key frame is as large as."""
TCP_RETRY = 1.0
"""Longest wait for TCP's next attempt after an outage (the relay bounds its back-off)."""


@dataclass
class Level:
    """One rendition of a camera: bits a second and pictures a second."""

    height: int
    bitrate: int
    fps: float


LEVELS = (Level(180, 150_000, 15), Level(360, 400_000, 24), Level(720, 1_200_000, 30))


class World:
    """Clock, events and the room."""

    def __init__(self, seed: int = 1, options: RoomOptions | None = None) -> None:
        self.random = random.Random(seed)
        self.stage = Stage(options)
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self.start = self.stage.now
        self.after(0.1, self._tick)

    @property
    def now(self) -> float:
        return self.stage.now

    def after(self, seconds: float, call: Callable[[], None]) -> None:
        heapq.heappush(self._events, (self.now + seconds, next(self._order), call))

    def run(self, seconds: float) -> None:
        end = self.now + seconds
        while self._events and self._events[0][0] <= end:
            self.stage.now, _, call = heapq.heappop(self._events)
            call()
            self.stage.flush()
        self.stage.now = end

    def _tick(self) -> None:
        self.stage.perform(self.stage.room.tick(self.now))
        self.after(0.1, self._tick)


class Line:
    """The way from the relay to one receiver. ``rate`` in bytes a second, ``delay`` there and back."""

    def __init__(self, world: World, rate: float, delay: float, loss: float = 0.0) -> None:
        self.world = world
        self.rate = rate
        self.delay = delay
        self.loss = loss
        self.away_until = 0.0
        self._free_at = 0.0

    def arrival(self, size: int, socket_free_at: float) -> float:
        """Returns when bytes written now are there; ``socket_free_at``: when those before them are."""
        world = self.world
        begin = max(self._free_at, world.now)
        if begin < self.away_until:
            begin = self.away_until + world.random.uniform(0.0, TCP_RETRY)
        self._free_at = begin + size / self.rate
        there = self._free_at + self.delay / 2
        packets = -(-size // PACKET)
        if any(world.random.random() < self.loss for _ in range(packets)):
            there += self.delay + 0.01
        return max(there, socket_free_at)

    def drop(self, seconds: float) -> None:
        """Takes the line away for so long; what is under way waits too."""
        self.away_until = self.world.now + seconds
        if self._free_at > self.world.now:
            self._free_at += seconds


class Socket(Lane):
    """A receiver's media socket at the end of a line."""

    def __init__(self, receiver: Receiver, *kinds: media.MediaKind) -> None:
        self.receiver = receiver
        self._free_at = 0.0
        self._ack_due = False
        self._acked_at = float("-inf")
        super().__init__(receiver.peer, kinds, receiver.world.stage.fresh("socket"))

    def deliver(self, frame: bytes) -> None:
        if frame[0] == media.FrameKind.ACK:
            return
        line, world = self.receiver.line, self.receiver.world
        self._free_at = line.arrival(len(frame) + 8, self._free_at)
        world.after(self._free_at - world.now, lambda: self._arrived(frame))

    def _arrived(self, frame: bytes) -> None:
        line, world = self.receiver.line, self.receiver.world
        if world.now < line.away_until:
            world.after(line.away_until - world.now + 0.2, lambda: self._arrived(frame))
            return
        if world.now < self.receiver.busy_until:
            world.after(self.receiver.busy_until - world.now, lambda: self._arrived(frame))
            return
        self.bytes += len(frame)
        self.receiver.got(frame)
        if not self._ack_due:
            self._ack_due = True
            world.after(max(0.0, self._acked_at + ACK_INTERVAL - world.now), self._ack)

    def _ack(self) -> None:
        world = self.receiver.world
        self._ack_due = False
        self._acked_at = world.now
        frame = media.pack_ack(self.bytes, int(world.now * 1e6))
        world.after(self.receiver.line.delay / 2, lambda: self.send(frame))


@dataclass
class Shown:
    """What became of one stream at a receiver."""

    at: list[float] = field(default_factory=list)
    latency: list[float] = field(default_factory=list)
    size: list[int] = field(default_factory=list)
    handle: list[int] = field(default_factory=list)
    base: dict[int, int | None] = field(default_factory=dict)

    def since(self, start: float, end: float = float("inf")) -> Shown:
        chosen = [i for i, at in enumerate(self.at) if start <= at < end]
        return Shown(
            [self.at[i] for i in chosen],
            [self.latency[i] for i in chosen],
            [self.size[i] for i in chosen],
            [self.handle[i] for i in chosen],
        )

    def percentile(self, share: float) -> float:
        ordered = sorted(self.latency)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 99.0

    def longest_gap(self, start: float, end: float) -> float:
        times = [start, *(at for at in self.at if start <= at < end), end]
        return max(later - at for at, later in itertools.pairwise(times))


class Receiver:
    """Somebody who watches, with one socket for sound and one for pictures."""

    def __init__(self, world: World, name: str, line: Line, *, one_socket: bool = False) -> None:
        self.world = world
        self.line = line
        self.peer: Peer = world.stage.join(name)
        if one_socket:
            Socket(self, "audio", "video", "data")
        else:
            Socket(self, "audio")
            Socket(self, "video", "data")
        self.busy_until = 0.0
        """Until when the machine has no time to look at what came."""
        self.shown: dict[int, Shown] = {}
        self.streams: dict[int, Shown] = {}

    def watch(self, stream: str, height: int, handles: list[int], priority: int = 3) -> Shown:
        want = control.Want(height * 16 // 9, height, priority)
        self.peer.say(control.Watch({stream: want}))
        shown = self.streams.setdefault(handles[0], Shown())
        self.shown.update(dict.fromkeys(handles, shown))
        return shown

    def got(self, frame: bytes) -> None:
        header = media.parse(frame)
        shown = self.shown.get(header.handle)
        if shown is None:
            return
        if header.kind == media.FrameKind.VIDEO and not self._decodes(shown, header):
            return
        shown.at.append(self.world.now)
        shown.latency.append(self.world.now - self.world.start - header.capture_us / 1e6)
        shown.size.append(len(frame))
        shown.handle.append(header.handle)

    @staticmethod
    def _decodes(shown: Shown, header: media.Header) -> bool:
        base = shown.base.get(header.handle)
        if header.key:
            shown.base[header.handle] = header.base_count
        elif header.layer:
            return base == header.base_count and header.last
        elif base is None or header.base_count not in (base, (base + 1) & 0xFFFF):
            return False
        else:
            shown.base[header.handle] = header.base_count
        return header.last


class Sender:
    """Somebody with a camera (L1T2, encoded as demanded) and, if asked for, a microphone."""

    def __init__(
        self,
        world: World,
        name: str,
        levels: tuple[Level, ...] = LEVELS,
        key_size: float = KEY_SIZE,
    ) -> None:
        self.world = world
        self.key_size = key_size
        self.levels = levels
        self.peer = world.stage.join(name)
        self.lane = self.peer.lane()
        offers = [
            control.RenditionOffer(
                "vp8",
                width=level.height * 16 // 9,
                height=level.height,
                fps=level.fps,
                bitrate=level.bitrate,
                config=control.CodecConfig(layers=2),
            )
            for level in levels
        ]
        self.peer.say(control.Publish(world.stage.fresh("cid"), "camera", offers))
        self.camera = str(self.peer.last(control.Ack).stream)
        self.handles = self.peer.handles()
        self._on = dict.fromkeys(self.handles, False)
        self._key = dict.fromkeys(self.handles, False)
        self.keys_sent = 0
        self._sequence = {handle: itertools.count() for handle in self.handles}
        self._base = dict.fromkeys(self.handles, 0)
        self._upper = dict.fromkeys(self.handles, False)
        for handle, level in zip(self.handles, levels, strict=True):
            self._picture(handle, level)
        self.microphone = ""
        self.voice = -1

    def speak(self) -> str:
        """Publishes a microphone that always speaks."""
        self.microphone = self.peer.publish("microphone", [])
        (self.voice,) = self.peer.handles()
        self._packets = itertools.count()
        self._packet()
        return self.microphone

    def _packet(self) -> None:
        header = media.Header(1, media.flags(), self.voice, next(self._packets), self._capture())
        self.lane.send(header.pack() + bytes(80))
        self.world.after(0.02, self._packet)

    def _capture(self) -> int:
        return int((self.world.now - self.world.start) * 1e6)

    def _heed(self) -> None:
        for demand in self.peer.of(control.Demand):
            if demand.stream == self.camera:
                for rendition in demand.renditions:
                    self._on[rendition.handle] = rendition.on
                    if rendition.key:
                        self._key[rendition.handle] = True
        self.peer.inbox = [m for m in self.peer.inbox if not isinstance(m, control.Demand)]

    def _picture(self, handle: int, level: Level) -> None:
        self.world.after(1 / level.fps, lambda: self._picture(handle, level))
        self._heed()
        if not self._on[handle]:
            self._upper[handle] = False
            return
        key, self._key[handle] = self._key[handle], False
        self.keys_sent += key
        upper = self._upper[handle] and not key
        self._upper[handle] = not upper
        self._base[handle] += not upper
        # Base units are 60 % of the bytes.
        mean = level.bitrate / 8 / level.fps
        size = (
            mean
            * (self.key_size if key else 0.8 if upper else 1.2)
            * self.world.random.uniform(0.7, 1.3)
        )
        capture = self._capture()
        header = media.Header(
            2,
            media.flags(key=key, layer=int(upper)),
            handle,
            0,
            capture,
            self._base[handle] & 0xFFFF,
        )
        sequence = self._sequence[handle]

        def leave() -> None:
            for index, frame in enumerate(media.fragment(header, bytes(int(size)))):
                number = next(sequence)
                del index
                self.lane.send(frame[:4] + number.to_bytes(4, "big") + frame[8:])

        self.world.after(ENCODING_DELAY if key else 0.01, leave)
