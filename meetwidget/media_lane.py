"""A media socket: opened when first needed, acknowledged both ways, reopened after a loss.

TCP takes an outage for congestion: it waits twice as long after each attempt, so that a line that
is back after 5 s may stand still for 5 more. A new socket does not, so a lane that hears nothing is
given up for a new one.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from meetwidget.backoff import Backoff
from meetwidget.clock import now_us
from meetwidget.flight import Flight, Line
from meetwidget.sockets import ABNORMAL, CONNECT_SECONDS, Loss, Socket
from meetwidget.wire.close import CloseCode, remedy
from meetwidget.wire.media import BadMediaFrame, FrameKind, MediaKind, pack_ack, parse_ack

ACK_SECONDS = 0.05
"""An acknowledgement goes out this long after the first unacknowledged frame (at most 0.1 s)."""
FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 0.25, 5.0
"""Ceilings of the first and of every later wait between attempts."""
FIRST_ATTEMPT_SECONDS = 1.0
"""How long the first attempt after a stall may take; each further one twice as long: attempts soon
follow the line's return, and a relay that is merely slow is reached, too."""
WATCH_SECONDS = 0.25
"""How often a lane in use is looked at."""
IN_USE_SECONDS = 10.0
"""A lane without media for this long is not looked at."""
PROBE_SECONDS = 1.0
"""Having heard nothing for this long, we ask for a sign of life;"""
STALL_SECONDS = 2.0
"""having heard none this long after asking, we give the socket up,"""
GREETING_SECONDS = 5.0
"""or this long, before the relay has greeted us: it may have many newcomers at once."""

_log = logging.getLogger("meetwidget")


@dataclass(frozen=True)
class MediaDoor:
    """Where a session's media sockets open."""

    url: str
    token: str


class MediaLane:
    """One socket for some kinds of media. Every method belongs on the connection's thread."""

    def __init__(
        self,
        kinds: Sequence[MediaKind],
        on_frame: Callable[[bytes], None],
        on_ready: Callable[[], None],
        on_stale_token: Callable[[], None],
    ) -> None:
        self.kinds = tuple(kinds)
        self._on_frame = on_frame
        self._on_ready = on_ready
        self._on_stale_token = on_stale_token
        self._door: MediaDoor | None = None
        self._renewed = asyncio.Event()
        self._socket: Socket | None = None
        self._ready = False
        self._flight = Flight()
        self._received = 0
        self._heard_at = self._used_at = 0.0
        self._stalls = 0
        self._ack_due: asyncio.TimerHandle | None = None
        self._task: asyncio.Task[None] | None = None

    def renew(self, door: MediaDoor, *, fresh: bool) -> None:
        """Tells where to connect; ``fresh`` when the relay gave us a new session."""
        changed = fresh and door != self._door
        self._door = door
        self._renewed.set()
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._run())
        elif changed and self._socket is not None:
            self._socket.close()

    @property
    def ready(self) -> bool:
        """Whether frames reach the relay now."""
        return self._ready

    def line(self) -> Line | None:
        """What the way to the relay looks like; None while the lane is down. From any thread."""
        return self._flight.line(time.monotonic()) if self._ready else None

    def send(self, frames: Sequence[bytes]) -> bool:
        """Sends frames; False (and nothing sent) while the lane is not ready."""
        if not self._ready or self._socket is None:
            return False
        self._used_at = time.monotonic()
        for frame in frames:
            if not self._socket.send(frame, binary=True):
                return False
            self._flight.send(len(frame), self._used_at)
        return True

    async def stop(self) -> None:
        """Closes the lane for good."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        self._task = None

    def detach(self) -> int | None:
        """Takes the file descriptor away, in a forked child."""
        return self._socket.detach() if self._socket is not None else None

    async def _run(self) -> None:
        backoff = Backoff(FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS)
        while True:
            self._renewed.clear()
            loss, was_ready = await self._session()
            if was_ready:
                backoff.reset()
            wait: float | None = loss.after + backoff.next()
            if loss.code == CloseCode.BAD_TICKET:
                self._on_stale_token()
                wait = None
            elif remedy(loss.code) == "stop":
                _log.warning("The relay closed the media socket: %s", loss.reason)
                wait = None
            # A welcome ends every wait: the relay is there, and the door is the right one.
            try:
                await asyncio.wait_for(self._renewed.wait(), wait)
                backoff.reset()
            except TimeoutError:
                continue

    async def _session(self) -> tuple[Loss, bool]:
        door = self._door
        assert door is not None
        self._flight, self._received = Flight(), 0
        self._socket = socket = Socket(self._on_message, self._on_pong)
        watchdog: asyncio.Task[None] | None = None
        try:
            refused = await socket.open(door.url, self._patience())
            if refused is not None:
                return refused, False
            watchdog = asyncio.create_task(self._watch(socket))
            hello = {"type": "hello", "token": door.token, "kinds": self.kinds}
            socket.send(json.dumps(hello).encode())
            loss = await socket.lost()
            was_ready = self._ready
            return loss, was_ready
        finally:
            if watchdog is not None:
                watchdog.cancel()
            self._ready = False
            self._socket = None
            if self._ack_due is not None:
                self._ack_due.cancel()
                self._ack_due = None
            socket.drop()

    def _on_message(self, message: str | bytes) -> None:
        self._heard_at = time.monotonic()
        if isinstance(message, str):
            self._ready = True
            self._stalls = 0
            self._on_ready()
            return
        if message[:1] == bytes([FrameKind.ACK]):
            try:
                received, clock_us = parse_ack(message)
                self._flight.acknowledge(received, self._heard_at, clock_us / 1e6)
            except BadMediaFrame:
                _log.debug("An unreadable acknowledgement was ignored.")
            return
        self._used_at = self._heard_at
        self._received += len(message)
        if self._ack_due is None:
            self._ack_due = asyncio.get_running_loop().call_later(ACK_SECONDS, self._acknowledge)
        self._on_frame(message)

    def _acknowledge(self) -> None:
        self._ack_due = None
        if self._socket is not None:
            self._socket.send(pack_ack(self._received, now_us()), binary=True)

    def _on_pong(self, data: bytes) -> None:
        self._heard_at = time.monotonic()

    def _patience(self) -> float:
        """How long an attempt may take, seconds."""
        if not self._stalls:
            return CONNECT_SECONDS
        patience = FIRST_ATTEMPT_SECONDS * 2.0 ** min(self._stalls - 1, 8)
        self._stalls += 1
        return min(CONNECT_SECONDS, patience)

    async def _watch(self, socket: Socket) -> None:
        """Gives a socket up that is in use and silent."""
        self._heard_at = asked_at = looked_at = time.monotonic()
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            now = time.monotonic()
            if now - looked_at > 3 * WATCH_SECONDS:
                self._heard_at = now  # this process slept; what has arrived is not read yet
            looked_at = now
            idle = self._ready and now - self._used_at > IN_USE_SECONDS
            if idle or now - self._heard_at < PROBE_SECONDS:
                continue
            if asked_at <= self._heard_at:
                asked_at = now
                socket.ping()
            elif now - asked_at > (STALL_SECONDS if self._ready else GREETING_SECONDS):
                _log.debug("A media line to the relay stands still; it is opened anew.")
                self._stalls = 1
                socket.abort(Loss(ABNORMAL, "the media line stood still"))
                return
