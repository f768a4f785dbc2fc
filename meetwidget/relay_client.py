"""One participant's connection to a relay, kept alive across losses, in a thread of its own.

Callers live on any thread. Everything that touches a socket happens on the connection's loop; what
it hears goes to a :class:`Listener`, on that same thread.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import Future

from meetwidget import lifetime
from meetwidget.backoff import Backoff
from meetwidget.clock import RelayClock, now_us
from meetwidget.control_link import ControlLink
from meetwidget.discovery import Endpoint
from meetwidget.errors import JoinFailed, JoinTimeout, MeetError, NotConnected, Unconfirmed
from meetwidget.flight import Line
from meetwidget.loop_thread import LoopThread
from meetwidget.media_lane import MediaDoor, MediaLane
from meetwidget.phase import FORKED, Lane, Listener, Phase
from meetwidget.unacknowledged import Request, Unacknowledged
from meetwidget.wire.close import CloseCode
from meetwidget.wire.control import (
    Ack,
    ClientMessage,
    Error,
    FromRelay,
    Goodbye,
    LoggedEvent,
    Pong,
    Resume,
    Waiting,
    Welcome,
)

GOODBYE_SECONDS = 2.0
"""How long leaving waits for the relay to take note."""
LOBBY = "somebody who moderates the room has to let this kernel in"

_log = logging.getLogger("meetwidget")


class RelayClient:
    """Joins a room and stays in it until :meth:`close`, or until the relay says stop."""

    def __init__(
        self, endpoint: Endpoint, room: str, listener: Listener, alias: str | None = None
    ) -> None:
        self.endpoint = endpoint
        self.room = room
        self._alias = alias
        self.clock = RelayClock()
        self._listener = listener
        self._phase = Phase("joining")
        self._phase_changed = threading.Condition()
        self._trouble = ""
        self._resume: Resume | None = None
        self._participant = ""
        self._unacknowledged = Unacknowledged()
        self._link: ControlLink | None = None
        self._door: MediaDoor | None = None
        self._lanes: dict[Lane, MediaLane] = {}
        self._leaving = False
        self._task: asyncio.Task[None] | None = None
        self._thread = LoopThread(f"meetwidget {room}", self._run)

    # ------------------------------------------------------------ any thread

    def start(self) -> None:
        """Starts to join."""
        lifetime.keep(self)
        self._thread.start()

    @property
    def phase(self) -> Phase:
        """Where the connection stands now."""
        return self._phase

    def session_token(self) -> str:
        """Returns what tells the relay's REST API which participant asks; empty before we are in."""
        return self._door.token if self._door is not None else ""

    def wait_live(self, timeout: float) -> None:
        """Waits until the room is joined.

        Raises:
            JoinFailed: it cannot be.
            JoinTimeout: not within ``timeout`` seconds.
        """
        with self._phase_changed:
            self._phase_changed.wait_for(lambda: self._phase.kind in ("live", "ended"), timeout)
            phase = self._phase
        if phase.kind == "ended":
            raise JoinFailed(phase.reason, phase.code)
        if phase.kind != "live":
            trouble = f": {self._trouble}" if self._trouble else ""
            raise JoinTimeout(
                f"Could not join {self.room!r} at {self.endpoint.url} within {timeout:g} s{trouble}."
            )

    def check_live(self) -> None:
        """Raises NotConnected when the room has ended."""
        if self._phase.kind == "ended":
            raise self._ended_error()

    def wait_ended(self, timeout: float | None) -> bool:
        """Waits until the room has ended; False if ``timeout`` seconds passed before."""
        with self._phase_changed:
            return self._phase_changed.wait_for(lambda: self._phase.kind == "ended", timeout)

    def ask(self, request: Request, timeout: float) -> Ack:
        """Sends a request, again after a reconnect if need be, and waits for its answer.

        Raises:
            Unconfirmed: no answer within ``timeout`` seconds; it is not sent again.
            NotConnected: the room has ended.
            Refused: the relay said no.
        """
        answer: Future[Ack] = Future()
        self.check_live()
        if not self._thread.call(self._submit, request, answer):
            raise self._ended_error()
        try:
            return answer.result(timeout)
        except TimeoutError as error:
            if isinstance(error, MeetError):
                raise
            raise Unconfirmed(
                f"The relay did not confirm within {timeout:g} s; "
                "the message may or may not have reached the room."
            ) from None
        finally:
            self._thread.call(self._unacknowledged.withdraw, request.cid)

    def ask_later(self, request: Request) -> Future[Ack]:
        """As :meth:`ask`, without waiting."""
        answer: Future[Ack] = Future()
        if self._phase.kind == "ended" or not self._thread.call(self._submit, request, answer):
            answer.set_exception(self._ended_error())
        return answer

    def tell(self, message: ClientMessage) -> bool:
        """Sends what needs no answer; lost while not live. False when the room has ended."""
        return self._thread.call(self._send, message)

    def call(self, function: Callable[..., object], *arguments: object) -> bool:
        """Has the connection's thread call ``function`` soon; False when it has ended."""
        return self._thread.call(function, *arguments)

    def open_lane(self, lane: Lane) -> None:
        """Opens the media socket of ``lane`` if it is not open, and keeps it open."""
        self._thread.call(self._open_lane, lane)

    def send_media(self, lane: Lane, frames: Sequence[bytes]) -> None:
        """Sends media frames, or drops them while the lane is down."""
        self._thread.call(self._send_media, lane, frames)

    def line(self, lane: Lane) -> Line | None:
        """What the way to the relay looks like; None while the lane is down. From any thread."""
        open_lane = self._lanes.get(lane)
        return open_lane.line() if open_lane is not None else None

    def close(self, timeout: float = GOODBYE_SECONDS) -> None:
        """Leaves the room and ends the thread; waits for that at most ``timeout`` seconds."""
        self._thread.call(self._leave)
        self._thread.join(timeout)
        lifetime.release(self)

    def inside(self) -> bool:
        """Whether the caller runs on the connection's thread."""
        return self._thread.inside()

    def abandon(self) -> None:
        """Lets go of everything in a forked child: the connection stays the parent's."""
        lanes = [lane.detach() for lane in self._lanes.values()]
        lifetime.close_descriptors([self._link.detach() if self._link else None, *lanes])
        self._thread.abandon()
        self._phase_changed = threading.Condition()
        self._phase = FORKED
        self._listener.on_fork()

    def _ended_error(self) -> NotConnected:
        phase = self._phase
        reason = phase.reason or f"You have left {self.room!r}."
        return NotConnected(reason, phase.code or NotConnected.code)

    # ------------------------------------------------- the connection's thread

    async def _run(self) -> None:
        self._task = asyncio.current_task()
        try:
            await self._stay()
        except JoinFailed as error:
            self._end(str(error), error.code)
        except asyncio.CancelledError:
            if not self._leaving:
                raise
        except Exception:
            _log.exception("meetwidget's connection to %r failed.", self.room)
            self._end("An internal error ended the connection; see the log.", "internal")
        finally:
            for lane in self._lanes.values():
                await lane.stop()
            self._end(f"You have left {self.room!r}.", "left")
            lifetime.release(self)

    async def _stay(self) -> None:
        """Connects again and again, until we leave or the relay says stop."""
        backoff = Backoff()
        while not self._leaving:
            link = ControlLink(
                self.endpoint, self.room, self._on_welcome, self._on_message, self._alias
            )
            self._link = link
            try:
                loss = await link.run(self._resume)
            finally:
                self._link = None
            if self._leaving:
                return
            end = link.end(loss)
            if end is not None:
                self._end(*end)
                return
            if link.lasted:
                backoff.reset()  # not at the welcome: a relay may welcome and fail at once
            self._trouble = loss.reason
            if self._resume is not None:  # before the first welcome we are still joining
                self._set_phase(Phase("reconnecting", f"The relay is out of reach: {loss.reason}."))
            await asyncio.sleep(link.stay_away(loss) + backoff.next())

    def _on_welcome(self, welcome: Welcome, media_url: str) -> None:
        fresh = welcome.you.id != self._participant
        self._participant = welcome.you.id
        self._resume = Resume(welcome.session, welcome.room.epoch, welcome.room.offset)
        self._door = MediaDoor(media_url, welcome.media.token)
        self._listener.on_welcome(welcome, fresh)
        for lane in self._lanes.values():
            lane.renew(self._door, fresh=fresh)
        for cid in self._unacknowledged.cids():
            self._send_request(cid)
        self._set_phase(Phase("live"))

    def _on_message(self, message: FromRelay) -> None:
        if isinstance(message, Ack):
            self._unacknowledged.answer(message)
            return
        if isinstance(message, Pong):
            self.clock.pong(int(message.t), message.now, now_us())
            return
        if isinstance(message, Waiting):
            self._trouble = LOBBY
            if self._resume is not None:  # a relay that has forgotten us, and whose door is shut
                self._set_phase(Phase("reconnecting", f"The relay lets us wait: {LOBBY}."))
        elif isinstance(message, Error):
            again = self._unacknowledged.refuse(message)
            if again is not None and isinstance(message.cid, str):
                asyncio.get_running_loop().call_later(again, self._send_request, message.cid)
        elif isinstance(message, LoggedEvent) and self._resume is not None:
            offset = max(self._resume.offset, message.offset)
            self._resume = Resume(self._resume.session, self._resume.epoch, offset)
        self._listener.on_message(message)

    def _submit(self, request: Request, answer: Future[Ack]) -> None:
        if self._phase.kind == "ended" or self._leaving:
            answer.set_exception(self._ended_error())
            return
        self._unacknowledged.add(request, answer)
        if self._phase.kind == "live":
            self._send_request(request.cid)

    def _send_request(self, cid: str) -> None:
        if self._link is not None and (request := self._unacknowledged.take(cid)) is not None:
            self._link.send(request)

    def _send(self, message: ClientMessage) -> None:
        if self._link is not None:
            self._link.send(message)

    def _open_lane(self, name: Lane) -> None:
        if name in self._lanes or self._leaving:
            return
        lane = MediaLane(
            ["audio"] if name == "audio" else ["video", "data"],
            self._on_media,
            lambda: self._listener.on_lane_ready(name),
            self._renew_session,
        )
        self._lanes[name] = lane
        if self._door is not None:
            lane.renew(self._door, fresh=True)

    def _on_media(self, frame: bytes) -> None:
        try:
            self._listener.on_media(frame)
        except Exception:
            _log.exception("meetwidget could not handle a media frame.")

    def _send_media(self, name: Lane, frames: Sequence[bytes]) -> None:
        lane = self._lanes.get(name)
        if lane is not None:
            lane.send(frames)

    def _renew_session(self) -> None:
        """Reconnects, because the media token is no longer accepted and a welcome brings a new one."""
        if self._link is not None:
            self._link.close(CloseCode.RESTARTING, "the media token has expired", GOODBYE_SECONDS)

    def _leave(self) -> None:
        self._leaving = True
        self._send(Goodbye())
        # The relay has the goodbye in its buffers; its answer to the close is not waited for long.
        waiting = self._link is not None and self._link.close(1000, "left", GOODBYE_SECONDS / 2)
        if not waiting and self._task is not None:
            self._task.cancel()

    def _end(self, reason: str, code: str) -> None:
        if self._phase.kind != "ended":
            self._set_phase(Phase("ended", reason, code))
            self._unacknowledged.fail_all(self._ended_error())

    def _set_phase(self, phase: Phase) -> None:
        with self._phase_changed:
            if phase == self._phase:
                return
            self._phase = phase
            self._phase_changed.notify_all()
        self._listener.on_phase(phase)


def new_cid() -> str:
    """Returns an identifier that no other message of this user has."""
    return uuid.uuid4().hex
