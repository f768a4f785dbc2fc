"""``meetwidget.Bot``: what a bot does, declared by decorators; it takes part through a seat."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from meetwidget.callbacks import check_happening
from meetwidget.errors import MeetError

if TYPE_CHECKING:
    from meetwidget.bots.seat import Seat
    from meetwidget.messages import Message
    from meetwidget.room import Room

Function = Callable[..., object]
AnyFunction = TypeVar("AnyFunction", bound=Function)
CommandFunction = TypeVar("CommandFunction", bound="Callable[[Room, Message, str], object]")
RoomFunction = TypeVar("RoomFunction", bound="Callable[[Room], object]")
VideoFunction = TypeVar("VideoFunction", bound="Callable[[Room], Iterable[Any]]")

END_SECONDS = 10.0
"""How long what a bot does at the end may take when it is stopped."""

_WORD = re.compile(r"[a-z][a-z0-9-]{0,30}")


@dataclass(frozen=True)
class Command:
    """A word that people say to the bot, as ``!word``."""

    word: str
    help: str
    function: Function


@dataclass(frozen=True)
class Timer:
    """Something done again and again."""

    seconds: float
    function: Function


@dataclass(frozen=True)
class Tile:
    """Pictures that the bot shows."""

    size: tuple[int | None, int | None]
    fps: float
    source: str
    function: Callable[[Room], Iterable[Any]]


class Bot:
    """A bot: functions, and when to call them. Every function is given the :class:`Room` first.

    A function that is defined again, as by a cell that runs again, takes the place of the earlier.

    ::

        bot = meetwidget.Bot("parrot")

        @bot.on("message")
        def repeat(room, message):
            room.chat.send(message.body)

    ``meetwidget bot parrot.py --room demo`` runs it from a terminal, :meth:`run` from a program;
    in a notebook :meth:`enter` has it take part in a room while other cells run.
    """

    def __init__(self, name: str, about: str = "") -> None:
        """Makes a bot that does nothing yet.

        Args:
            name: what it is, in a few words; what it is called in the room, where the server lets
                kernels choose, and else shown beside the kernel's name.
            about: a sentence for ``--help`` and ``!help``.
        """
        self.name = name
        self.about = about
        self.callbacks: list[tuple[str, Function]] = []
        self.commands: dict[str, Command] = {}
        self.timers: list[Timer] = []
        self.tiles: list[Tile] = []
        self.starts: list[Function] = []
        self.ends: list[Function] = []
        self.parser = argparse.ArgumentParser(add_help=False)
        self._options: argparse.Namespace | None = None
        self._seats: dict[Room, Seat] = {}

    # ---------------------------------------------------------------- decorators

    def on(self, happening: str) -> Callable[[AnyFunction], AnyFunction]:
        """Calls a function when something happens: ``function(room, …)``.

        Args:
            happening: as for :meth:`Room.on`; what that gives its callbacks follows the room.

        Raises:
            MeetError: there is no such happening.
        """
        check_happening(happening)

        def register(function: AnyFunction) -> AnyFunction:
            self.callbacks = [
                (name, other)
                for name, other in self.callbacks
                if name != happening or not _same(other, function)
            ]
            self.callbacks.append((happening, function))
            return function

        return register

    def command(self, word: str, about: str = "") -> Callable[[CommandFunction], CommandFunction]:
        """Calls ``function(room, message, rest)`` when somebody writes ``!word rest``.

        On a thread of its own, so it may take its time. Other kernels are not obeyed: two bots
        would talk for ever. A :class:`MeetError` is told to who asked. ``!help`` lists all commands.

        Args:
            word: lower-case letters, digits, dashes.
            about: for ``!help``, a few words.

        Raises:
            MeetError: the word is none, or ``help``.
        """
        if not _WORD.fullmatch(word) or word == "help":
            raise MeetError(
                f"{word!r} cannot be a command: choose another word, of a-z, 0-9 and -.",
                "bad-command",
            )

        def register(function: CommandFunction) -> CommandFunction:
            self.commands[word] = Command(word, about, function)
            return function

        return register

    def every(self, seconds: float) -> Callable[[RoomFunction], RoomFunction]:
        """Calls ``function(room)`` every so many seconds while in a room, on a thread of its own."""
        if not seconds > 0:
            raise MeetError("Choose more than 0 seconds.", "bad-time")

        def register(function: RoomFunction) -> RoomFunction:
            self.timers = [timer for timer in self.timers if not _same(timer.function, function)]
            self.timers.append(Timer(seconds, function))
            return function

        return register

    def video(
        self,
        width: int | None = None,
        height: int | None = None,
        fps: float = 20,
        source: str = "camera",
    ) -> Callable[[VideoFunction], VideoFunction]:
        """Shows what the generator ``function(room)`` yields; arguments as of ``publish_video``.

        The tile is there as long as pictures come. When they end, or there are none, the function
        is called again a second later, until the room ends.
        """

        def register(function: VideoFunction) -> VideoFunction:
            self.tiles = [tile for tile in self.tiles if tile.source != source]
            self.tiles.append(Tile((width, height), fps, source, function))
            return function

        return register

    def start(self, function: RoomFunction) -> RoomFunction:
        """Calls ``function(room)`` after joining, before anything else."""
        self.starts = [other for other in self.starts if not _same(other, function)]
        self.starts.append(function)
        return function

    def end(self, function: RoomFunction) -> RoomFunction:
        """Calls ``function(room)`` when the room has ended, however it did."""
        self.ends = [other for other in self.ends if not _same(other, function)]
        self.ends.append(function)
        return function

    # ------------------------------------------------------------------ options

    def option(self, *flags: str, **how: Any) -> None:
        """Adds an option for the command line: arguments as of ``ArgumentParser.add_argument``."""
        self.parser.add_argument(*flags, **how)
        self._options = None

    @property
    def options(self) -> Any:
        """The options' values; the defaults where no command line was given."""
        if self._options is None:
            self._options = self.parser.parse_args([])
        return self._options

    @options.setter
    def options(self, given: argparse.Namespace) -> None:
        self._options = given

    # ------------------------------------------------------------------ running

    def enter(self, room: Room) -> Seat:
        """Takes part in a room from now on, on threads of its own; returns at once.

        A bot that is there already starts anew, with the functions that it has now.
        """
        from meetwidget.bots.seat import Seat

        for other, earlier in list(self._seats.items()):
            if other is room or other.phase.kind == "ended":
                earlier.leave()
                del self._seats[other]
        seat = self._seats[room] = Seat(self, room)
        return seat

    def run(self, room: str, *, url: str | None = None, token: str | None = None) -> None:
        """Joins a room and takes part until Ctrl-C or a moderator ends it; comes back by itself.

        Args:
            room: its name.
            url: as for :func:`meetwidget.join`.
            token: as for :func:`meetwidget.join`.
        """
        from meetwidget.bots.running import take_part

        take_part(room, url, token, self._serve, self.name)

    def _serve(self, room: Room) -> str:
        seat = self.enter(room)
        try:
            return seat.wait()
        finally:
            room.leave()
            seat.wait(END_SECONDS)  # Ctrl-C: the end is the bot's own

    def __repr__(self) -> str:
        commands = ", ".join(f"!{word}" for word in self.commands) or "no commands"
        return f"<Bot {self.name!r}: {commands}>"


def _same(one: Function, other: Function) -> bool:
    """Whether the second is the first, defined again: of the same name at the same place."""
    names = {(f.__module__, getattr(f, "__qualname__", "<")) for f in (one, other)}
    return len(names) == 1 and "<lambda>" not in names.pop()[1]
