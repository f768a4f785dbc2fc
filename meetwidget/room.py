"""A room as a program sees it: what :func:`join` returns."""

from __future__ import annotations

import sys
import weakref
from collections.abc import Callable
from functools import cached_property
from types import TracebackType
from typing import TYPE_CHECKING, Self, TypeVar

from meetwidget.callbacks import Callback, Callbacks
from meetwidget.chat import Chat
from meetwidget.discovery import Endpoint, discover
from meetwidget.errors import MeetError
from meetwidget.media_desk import MediaDesk
from meetwidget.people import People, Person, Someone
from meetwidget.phase import Phase
from meetwidget.relay_client import RelayClient
from meetwidget.room_state import RoomState
from meetwidget.wire.control import SendReaction, SetState
from meetwidget.wire.rooms import check_room

if TYPE_CHECKING:
    from meetwidget.media.audio_in import Voices
    from meetwidget.media.audio_out import AudioOut
    from meetwidget.media.video_in import Pictures
    from meetwidget.media.video_out import VideoOut

JOIN_SECONDS = 15.0
"""Default wait for a room."""

AnyCallback = TypeVar("AnyCallback", bound=Callback)


def join(
    room: str,
    *,
    url: str | None = None,
    token: str | None = None,
    timeout: float = JOIN_SECONDS,
    replace: bool | None = None,
) -> Room:
    """Joins a room as this kernel, and returns it when live.

    Works in a notebook, a script or a terminal, from any thread, whatever else runs. The relay is
    found by ``url`` and ``token``, by the environment of a Jupyter kernel, or because exactly
    one Jupyter server of this user runs.

    Args:
        room: its name, for example ``physics-101``; it is made if it does not exist.
        url: a Jupyter server with meetwidget; an address copied from the browser will do.
        token: that server's token.
        timeout: seconds to wait.
        replace: whether an earlier join of this room by this process is left first, so that a cell
            that runs again does not bring the kernel in twice. The default: in IPython only.

    Raises:
        InvalidRoom: the name.
        NoRelay: no server was found, or several; the message says what to do.
        JoinFailed: the server does not let us in; the message says why.
        JoinTimeout: it did not within ``timeout``.
    """
    check_room(room)
    endpoint = discover(url, token)
    if _interactive() if replace is None else replace:
        for earlier in living(room, endpoint.url):
            earlier.leave()
    return Room(endpoint, room, timeout)


_rooms: weakref.WeakSet[Room] = weakref.WeakSet()


def living(name: str, url: str | None = None) -> list[Room]:
    """Returns this process's rooms of that name (and server) that have not ended."""
    return [
        room
        for room in list(_rooms)
        if room.name == name and url in (None, room.url) and room.phase.kind != "ended"
    ]


def _interactive() -> bool:
    ipython = sys.modules.get("IPython")
    return ipython is not None and ipython.get_ipython() is not None


class Room:
    """A room this process takes part in. Every method may be called from any thread.

    Leaves at the end of a ``with`` block, on :meth:`leave`, and when the process ends. A lost
    connection comes back by itself.
    """

    def __init__(self, endpoint: Endpoint, name: str, timeout: float = JOIN_SECONDS) -> None:
        self.name = name
        self._callbacks = Callbacks(name)
        self._state = RoomState(self._callbacks)
        self._client = RelayClient(endpoint, name, self._state)
        self._desk = MediaDesk(self._client, self._state)
        self._state.media = self._desk
        self.chat = Chat(self._client, self._state)
        self._client.start()
        try:
            self._client.wait_live(timeout)
        except BaseException:
            self._client.close()
            raise
        _rooms.add(self)

    # ------------------------------------------------------------------ people

    @property
    def you(self) -> Person:
        """This kernel as the others see it."""
        return self._state.you

    @property
    def people(self) -> People:
        """Everybody in the room, this kernel included, in order of joining."""
        return self._state.people

    @property
    def phase(self) -> Phase:
        """Where the connection stands: ``kind`` is joining, live, reconnecting or ended."""
        return self._client.phase

    @property
    def url(self) -> str:
        """Base URL of the Jupyter server that relays the room."""
        return self._client.endpoint.url

    def person(self, who: str) -> Person:
        """Returns somebody by id, user name or display name.

        Raises:
            MeetError: nobody, or more than one, is called so.
        """
        found = [p for p in self.people if p.id == who]
        found = found or [p for p in self.people if who in (p.name, p.display_name)]
        if len(found) == 1:
            return found[0]
        if not found:
            raise MeetError(f"Nobody here is called {who!r}.", "no-such-person")
        raise MeetError(
            f"{len(found)} participants are called {who!r}; use an id: "
            f"{', '.join(p.id for p in found)}.",
            "several",
        )

    def hand(self, up: bool = True) -> None:
        """Raises this kernel's hand, or takes it down."""
        self._desk.set_state(SetState(hand=up))

    def status(self, text: str) -> None:
        """Shows a few words beside this kernel's name (at most 128 characters)."""
        if len(text) > 128:
            raise MeetError("A status has at most 128 characters.", "too-large")
        self._desk.set_state(SetState(status=text))

    def reaction(self, emoji: str) -> None:
        """Shows an emoji to everybody for a moment."""
        self._client.tell(SendReaction(emoji=emoji))

    # --------------------------------------------------------------- callbacks

    def on(self, happening: str) -> Callable[[AnyCallback], AnyCallback]:
        """Registers a callback: ``@room.on("message")``.

        Callbacks run one after the other on a thread of their own; they may block, and may call
        every method of the room. One that raises is reported and stops nothing. In a notebook a
        function defined again under its name takes the place of the earlier one.

        Args:
            happening: ``message``, ``edit``, ``delete``, ``clear``, ``reaction``, ``join``,
                ``leave``, ``hand``, ``state``, ``typing``, ``stream``, ``unstream``, ``flow``,
                ``moderated``, ``refused`` or ``phase``. ``message`` is about others' messages only.
        """

        def register(callback: AnyCallback) -> AnyCallback:
            self._callbacks.add(happening, callback)
            return callback

        return register

    def off(self, happening: str, callback: Callback) -> None:
        """Forgets a callback."""
        self._callbacks.remove(happening, callback)

    # ------------------------------------------------------------------- media

    def publish_video(
        self, width: int = 640, height: int = 360, fps: float = 20, source: str = "camera"
    ) -> VideoOut:
        """Shows pictures to the room; needs the extra ``[media]``.

        Args:
            width: of every picture, pixels.
            height: of every picture, pixels.
            fps: at most this many pictures a second are sent.
            source: ``camera``, ``screen`` (takes the stage), or ``data:<name>`` for a tile of its
                own.

        Raises:
            MediaMissing: PyAV or NumPy is not installed.
            BadPicture: a size or rate out of range.
            Refused: the relay does not let us.
        """
        from meetwidget.media.video_out import VideoOut

        return VideoOut(self._desk, self._client.clock, width, height, fps, source)

    def publish_audio(self, source: str = "microphone") -> AudioOut:
        """Plays sound to the room; needs the extra ``[media]``; raises as :meth:`publish_video`.

        Args:
            source: ``microphone``, or ``screen-audio`` for the sound of what is shown.
        """
        from meetwidget.media.audio_out import AudioOut

        return AudioOut(self._desk, self._client.clock, source)

    @cached_property
    def video(self) -> Pictures:
        """Others' pictures: ``room.video[person].frame()``, ``room.video[person, "screen"].frame()``.

        Needs the extra ``[media]``.
        """
        from meetwidget.media.video_in import Pictures

        return Pictures(self._desk, self._client.clock, self._find)

    @cached_property
    def audio(self) -> Voices:
        """Others' sound: ``room.audio[person].samples(4800)``; ``room.audio[person, "screen-audio"]``.

        Needs the extra ``[media]``.
        """
        from meetwidget.media.audio_in import Voices

        return Voices(self._desk, self._find)

    def _find(self, who: Someone | str) -> Someone:
        return self.person(who) if isinstance(who, str) else who

    # ----------------------------------------------------------------- leaving

    def leave(self) -> None:
        """Leaves the room; everybody sees it at once. Does nothing the second time."""
        self._client.close()

    def wait(self, timeout: float | None = None) -> None:
        """Waits until the room has ended (by :meth:`leave`, a moderator …), or for ``timeout`` s."""
        self._client.wait_ended(timeout)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.leave()

    def __repr__(self) -> str:
        phase = self.phase
        if phase.kind == "ended":
            return f"<Room {self.name!r}: {phase.reason}>"
        names = ", ".join(str(person) for person in self.people)
        trouble = " (reconnecting)" if phase.kind == "reconnecting" else ""
        return f"<Room {self.name!r} at {self.url}{trouble}: {names}>"
