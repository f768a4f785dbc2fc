"""A media socket: opened when first needed, acknowledged both ways, reopened after a loss."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from meetwidget.backoff import Backoff
from meetwidget.clock import now_us
from meetwidget.sockets import Loss, Socket
from meetwidget.wire.close import CloseCode, remedy
from meetwidget.wire.media import BadMediaFrame, FrameKind, MediaKind, pack_ack, parse_ack

ACK_SECONDS = 0.05
"""An acknowledgement goes out this long after the first unacknowledged frame (at most 0.1 s)."""

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
        self._sent = 0
        self._acknowledged = 0
        self._received = 0
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

    @property
    def in_flight(self) -> int:
        """Bytes sent on this socket that the relay has not acknowledged."""
        return self._sent - self._acknowledged

    def send(self, frames: Sequence[bytes]) -> bool:
        """Sends frames; False (and nothing sent) while the lane is not ready."""
        if not self._ready or self._socket is None:
            return False
        for frame in frames:
            if not self._socket.send(frame, binary=True):
                return False
            self._sent += len(frame)
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
        backoff = Backoff()
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
        self._sent = self._acknowledged = self._received = 0
        was_ready = False
        self._socket = socket = Socket(self._on_message)
        try:
            refused = await socket.open(door.url)
            if refused is not None:
                return refused, False
            hello = {"type": "hello", "token": door.token, "kinds": self.kinds}
            socket.send(json.dumps(hello).encode())
            loss = await socket.lost()
            was_ready = self._ready
            return loss, was_ready
        finally:
            self._ready = False
            self._socket = None
            if self._ack_due is not None:
                self._ack_due.cancel()
                self._ack_due = None
            socket.drop()

    def _on_message(self, message: str | bytes) -> None:
        if isinstance(message, str):
            self._ready = True
            self._on_ready()
            return
        if message[:1] == bytes([FrameKind.ACK]):
            try:
                self._acknowledged = max(self._acknowledged, parse_ack(message).received)
            except BadMediaFrame:
                _log.debug("An unreadable acknowledgement was ignored.")
            return
        self._received += len(message)
        if self._ack_due is None:
            self._ack_due = asyncio.get_running_loop().call_later(ACK_SECONDS, self._acknowledge)
        self._on_frame(message)

    def _acknowledge(self) -> None:
        self._ack_due = None
        if self._socket is not None:
            self._socket.send(pack_ack(self._received, now_us()), binary=True)
