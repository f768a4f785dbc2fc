"""A room as a program sees it: what :func:`meetwidget.join` returns."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Self, TypeVar

from meetwidget.callbacks import Callback, Callbacks
from meetwidget.chat import Chat
from meetwidget.discovery import Endpoint
from meetwidget.errors import MeetError
from meetwidget.events import Events
from meetwidget.files import Files
from meetwidget.media_desk import MediaDesk
from meetwidget.messages import Message
from meetwidget.people import People, Person, Someone
from meetwidget.phase import Phase
from meetwidget.places import here
from meetwidget.polls import Polls
from meetwidget.relay_client import RelayClient
from meetwidget.room_media import RoomMedia
from meetwidget.room_state import RoomState
from meetwidget.wire.control import Limits, SendReaction, SetState

AnyCallback = TypeVar("AnyCallback", bound=Callback)


class Room(RoomMedia):
    """A room this process takes part in. Every method may be called from any thread.

    Leaves at the end of a ``with`` block, on :meth:`leave`, and when the process ends. A lost
    connection comes back by itself.
    """

    def __init__(
        self, endpoint: Endpoint, name: str, timeout: float, alias: str | None = None
    ) -> None:
        self.name = name
        self._callbacks = Callbacks(name)
        self._state = RoomState(self._callbacks)
        self._client = RelayClient(endpoint, name, self._state, alias)
        self._desk = MediaDesk(self._client, self._state)
        self._state.media = self._desk
        self.files = Files(self._client, self._state)
        self.chat = Chat(self._client, self._state, self.files)
        self.polls = Polls(self.chat)
        self._client.start()
        try:
            self._client.wait_live(timeout)
        except BaseException:
            self._client.close()
            raise

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
    def hands(self) -> list[Person]:
        """Whose hand is up, in the order in which they went up."""
        return sorted((who for who in self.people if who.hand), key=lambda who: who.state.hand_at)

    @property
    def phase(self) -> Phase:
        """Where the connection stands: ``kind`` is joining, live, reconnecting or ended."""
        return self._client.phase

    @property
    def limits(self) -> Limits | None:
        """What the relay accepts; None before it has let us in."""
        return self._state.limits

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

    def here(self, on: bool = True) -> None:
        """Shows others which notebook and cell this kernel runs just now, or no longer.

        Raises:
            MeetError: this is no notebook's kernel.
        """
        location = here() if on else None
        if on and location is None:
            raise MeetError("This kernel belongs to no notebook that its server knows.", "no-place")
        self._desk.set_state(SetState(location=location))

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
            happening: ``message``, ``poll``, ``share``, ``file``, ``mention``, ``edit``,
                ``delete``, ``clear``, ``reaction``, ``vote``, ``close``, ``pin``, ``join``,
                ``leave``, ``hand``, ``state``, ``typing``, ``stream``, ``unstream``, ``flow``,
                ``moderated``, ``refused`` or ``phase``. The first five are about others only.
        """

        def register(callback: AnyCallback) -> AnyCallback:
            self._callbacks.add(happening, callback)
            return callback

        return register

    def off(self, happening: str, callback: Callback) -> None:
        """Forgets a callback."""
        self._callbacks.remove(happening, callback)

    def events(self, *happenings: str, timeout: float | None = None) -> Events:
        """Returns what happens from now on, for a ``for`` or an ``async for`` loop.

        Args:
            happenings: as for :meth:`on`; all of them if none is named.
            timeout: the loop ends when nothing has happened for so many seconds.
        """
        return Events(self._callbacks, happenings, timeout)

    # ----------------------------------------------------------------- sharing

    def share(
        self,
        thing: object,
        caption: str = "",
        *,
        to: Someone | str | Iterable[Someone | str] | None = None,
        as_file: bool | None = None,
    ) -> Message:
        """Shows any object to the room as a notebook would show it: as data, not as pixels.

        Its MIME bundle is what IPython makes of it: tables, figures, images, HTML, LaTeX, plots
        of matplotlib without a backend, too. The message names the notebook and the cell.

        Args:
            thing: the object.
            caption: Markdown to go with it.
            to: participants, or their ids; nobody else will see it.
            as_file: stored as a file; by default only what is too large for a message is.

        Raises:
            TooLarge: for a message, and for a file; the message names the limit.
            MeetError: as :meth:`Chat.send` does.
        """
        from meetwidget.sharing import share

        return share(self, thing, caption, to=to, as_file=as_file)

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
