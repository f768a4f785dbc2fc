"""``%meet``: the meeting in one line. Every answer is text; no error is a traceback.

``%meet join`` shows the room to people. The kernel takes part only once it is needed
(``say``, ``who``), as a participant of its own that is labelled as one.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable
from typing import Any, Final

from IPython.core.interactiveshell import InteractiveShell
from IPython.core.magic import Magics, line_magic, magics_class
from IPython.display import display
from msgspec import Struct

from meetwidget import rest
from meetwidget.discovery import discover
from meetwidget.errors import MeetError
from meetwidget.joining import join, living
from meetwidget.people import Person
from meetwidget.room import Room
from meetwidget.wire.rooms import InvalidRoom, check_room

HELP = """\
%meet join ROOM   show a room here, for example: %meet join physics-101
%meet leave       leave it
%meet say TEXT    say something in the chat, as this kernel
%meet who         who is in the room
%meet rooms       the rooms you may see
%meet status      what is connected, and to what
%meet help        this text
In Python: room = meetwidget.join("physics-101"); room.chat.send("hi")"""


class RoomSummary(Struct):
    """A room as the relay lists it."""

    name: str
    participants: int = 0
    locked: bool = False
    access: str = "open"


@magics_class
class MeetMagics(Magics):
    """The line magic and what it remembers: the room shown, and the kernel's own part in it."""

    def __init__(self, shell: InteractiveShell | None) -> None:
        super().__init__(shell)
        self._name: str | None = None
        self._widget: Any = None
        self._room: Room | None = None
        self._commands: Final[dict[str, Callable[[str], str | None]]] = {
            "join": self._join,
            "leave": self._leave,
            "say": self._say,
            "who": self._who,
            "rooms": self._rooms,
            "status": self._status,
            "help": lambda _: HELP,
        }

    @line_magic
    def meet(self, line: str) -> None:
        """Meets: ``%meet help`` says how."""
        word, _, text = line.strip().partition(" ")
        try:
            answer = self._do(word or "help", text.strip())
        except (MeetError, InvalidRoom) as error:
            answer = str(error)
        if answer:
            print(answer)  # noqa: T201 - the magic's answer

    def close(self) -> None:
        """Takes the kernel out of its room, when the extension is unloaded."""
        if self._room is not None:
            self._room.leave()
            self._room = None

    def _do(self, word: str, text: str) -> str | None:
        command = self._commands.get(word)
        if command is not None:
            return command(text)
        near = difflib.get_close_matches(word.lower(), self._commands, 1, 0.4)
        if near:
            return f"There is no `%meet {word}`; did you mean `%meet {near[0]}`?"
        return f"There is no `%meet {word}`; there are {', '.join(self._commands)}."

    def _join(self, name: str) -> str | None:
        name = _unquote(name)
        if not name:
            return "Which room? For example: %meet join physics-101"
        check_room(name)
        from meetwidget.widget import MeetWidget

        widget = MeetWidget(room=name)
        if name != self._name:
            self.close()
        self._name, self._widget = name, widget
        display(widget)  # type: ignore[no-untyped-call]
        return None

    def _leave(self, _text: str) -> str:
        if self._name is None:
            return "You are in no room."
        self.close()
        if self._widget is not None:
            self._widget.leave()
        name, self._name, self._widget = self._name, None, None
        return f"Left {name}."

    def _say(self, text: str) -> str:
        if not text:
            return "Say what? For example: %meet say hello everybody"
        if self._name is None:
            return _FIRST_JOIN
        room = self._kernel_in(self._name)
        room.chat.send(text)
        return f"{room.you}: {text}"

    def _who(self, _text: str) -> str:
        if self._name is None:
            return _FIRST_JOIN
        people = self._kernel_in(self._name).people
        return "\n".join(_describe(person) for person in people)

    def _rooms(self, _text: str) -> str:
        endpoint = discover()
        rooms = rest.get(endpoint, f"{endpoint.api}rooms", list[RoomSummary])
        if not rooms:
            return "No rooms yet. Make one: %meet join physics-101"
        return "\n".join(_describe_room(room) for room in rooms)

    def _status(self, _text: str) -> str:
        lines = [f"Room: {self._name}" if self._name else "Room: none (%meet join ROOM)"]
        rooms = living(self._name) if self._name else []
        for room in rooms:
            reason = f" ({room.phase.reason})" if room.phase.reason else ""
            lines.append(f"This kernel: {room.phase.kind}{reason}, at {room.url}")
        if not rooms:
            lines.append("This kernel: not in a room (say and who join by themselves)")
            try:
                endpoint = discover()
                lines.append(f"Relay: {endpoint.url}, found by {endpoint.found_by}")
            except MeetError as error:
                lines.append(f"Relay: {error}")
        return "\n".join(lines)

    def _kernel_in(self, name: str) -> Room:
        """The kernel's part in the room: the user's own, or one joined when first needed."""
        if self._room is not None and self._room.phase.kind != "ended":
            return self._room
        own = living(name)
        if own:
            return own[0]
        self._room = join(name)
        return self._room


_FIRST_JOIN = "You are in no room yet: %meet join ROOM comes first."


def _unquote(text: str) -> str:
    if len(text) >= 2 and text[0] == text[-1] and text[0] in "'\"":
        return text[1:-1]
    return text


def _describe(person: Person) -> str:
    marks = repr(person)[1:-1].partition(": ")[2].replace("you", "this kernel", 1 * person.you)
    return f"{person.display_name} ({marks})" if marks else person.display_name


def _describe_room(room: RoomSummary) -> str:
    people = f"{room.participants} {'participant' if room.participants == 1 else 'participants'}"
    marks = [_ACCESS.get(room.access, ""), "locked" if room.locked else ""]
    return ", ".join([f"{room.name}: {people}", *filter(None, marks)])


_ACCESS = {"lobby": "with a lobby", "invited": "by invitation", "private": "private"}


_loaded: dict[int, MeetMagics] = {}


def load_ipython_extension(shell: InteractiveShell) -> None:
    """Adds ``%meet``: called by ``%load_ext meetwidget``."""
    if id(shell) in _loaded:
        return
    magics = MeetMagics(shell)
    _loaded[id(shell)] = magics
    shell.register_magics(magics)


def unload_ipython_extension(shell: InteractiveShell) -> None:
    """Takes ``%meet`` away, and the kernel out of its room."""
    magics = _loaded.pop(id(shell), None)
    if magics is not None:
        magics.close()
        shell.magics_manager.magics["line"].pop("meet", None)
