"""What each word of ``%meet`` does. Every answer is text; what goes wrong is a MeetError."""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Callable, Mapping
from typing import Any, Final

from IPython.display import display
from IPython.utils.text import DollarFormatter
from msgspec import Struct

from meetwidget import rest, shared_cell
from meetwidget.command_line import Mistyped, Word, parse
from meetwidget.discovery import discover
from meetwidget.errors import MeetError
from meetwidget.people import Person
from meetwidget.presence import Presence
from meetwidget.room import Room
from meetwidget.sharing import share_cell
from meetwidget.wire.rooms import check_room
from meetwidget.words import WORDS, help_text

HISTORY = 20
"""Messages of ``%meet history``, unless a number is given."""


class RoomSummary(Struct):
    """A room as the relay lists it."""

    name: str
    participants: int = 0
    locked: bool = False
    access: str = "open"


def visible_rooms() -> list[RoomSummary]:
    """Returns the rooms that the relay lets this kernel's owner see."""
    endpoint = discover()
    return rest.get(endpoint, f"{endpoint.api}rooms", list[RoomSummary])


class Commands:
    """The words that need a shell, and the rooms they are about."""

    def __init__(self, shell: Any) -> None:
        self.presence = Presence()
        self._shell = shell
        self._poll: Any = None
        self.by_word: Final[dict[str, Callable[[str, Word], str | None]]] = {
            "join": self._join,
            "leave": self._leave,
            "say": self._say,
            "share": self._share,
            "who": self._who,
            "rooms": self._rooms,
            "status": self._status,
            "history": self._history,
            "search": self._search,
            "files": lambda _, __: repr(self._kernel().files),
            "save": self._save,
            "poll": self._ask,
            "hand": self._hand,
            "help": self._help,
        }

    def share_cell(self, text: str, source: str) -> str:
        """``%%meet share CAPTION``: runs a cell and shares it with what it shows.

        Raises:
            CellFailed: the cell raised; it is shared with its error.
        """
        if not source.strip():
            raise WORDS["share"].mistyped("The cell is empty.")
        room = self._kernel()
        cell, well = shared_cell.run(self._shell, source)
        share_cell(room, cell, text.removeprefix("#").strip())
        if not well:
            raise shared_cell.CellFailed(f"The cell failed; shared in {room.name} with its error.")
        return f"Shared in {room.name}."

    def _kernel(self) -> Room:
        return self.presence.current().kernel()

    def _join(self, text: str, word: Word) -> str | None:
        line = parse(text, word)
        if not line.words:
            raise word.mistyped("Which room?")
        name = " ".join(line.words)
        check_room(name)
        headless = "--headless" in line.switches
        shows = line.switches & {"--mic", "--cam", "--sidebar"}
        if headless and shows:
            raise word.mistyped(f"--headless shows nothing; leave out {', '.join(sorted(shows))}.")
        widget = None if headless else _widget(name, line.switches)
        shown = self.presence.enter(name)
        shown.widget = widget or shown.widget
        if "--as" in line.values:
            shown.call(line.values["--as"])
        if widget is not None:
            display(widget)  # type: ignore[no-untyped-call]
        if headless or "--as" in line.values:
            room = shown.kernel()
            return f"This kernel is in {name} as {room.you}."
        return None

    def _leave(self, text: str, word: Word) -> str:
        line = parse(text, word)
        names = self.presence.names
        if not names:
            return "You are in no room."
        name = " ".join(line.words) or names[-1]
        if not self.presence.leave(name):
            raise MeetError(f"You are not in {name}; you are in {', '.join(names)}.", "no-room")
        left = self.presence.names
        return f"Left {name}; still in {', '.join(left)}." if left else f"Left {name}."

    def _say(self, text: str, word: Word) -> str:
        if not text:
            raise word.mistyped("Say what?")
        room = self._kernel()
        text = filled_in(text, self._shell.user_ns)
        room.chat.send(text)
        return f"{room.you}: {text}"

    def _share(self, text: str, word: Word) -> str:
        expression, caption = take_apart(text)
        if not expression:
            raise word.mistyped("Share what?")
        try:
            code = compile(ast.parse(expression, mode="eval"), "<%meet share>", "eval")
        except (SyntaxError, ValueError):
            raise word.mistyped(f"{expression!r} is no Python expression.") from None
        room = self._kernel()
        try:
            value = eval(code, self._shell.user_global_ns, self._shell.user_ns)  # noqa: S307 - the user's own line
        except Exception as error:
            raise MeetError(
                f"{type(error).__name__}: {error}; nothing was shared.", "bad"
            ) from None
        message = room.share(value, caption or f"`{expression}`")
        return f"Shared in {room.name}{' as a file' if message.files else ''}."

    def _who(self, _text: str, _word: Word) -> str:
        return "\n".join(_describe(person) for person in self._kernel().people)

    def _rooms(self, _text: str, _word: Word) -> str:
        rooms = visible_rooms()
        if not rooms:
            return "No rooms yet. Make one: %meet join physics-101"
        return "\n".join(_describe_room(room) for room in rooms)

    def _status(self, _text: str, _word: Word) -> str:
        shown = self.presence.all()
        lines = [f"Room: {one.name}" for one in reversed(shown)] or ["Room: none (%meet join ROOM)"]
        parts = [room for one in reversed(shown) for room in one.parts()]
        for room in parts:
            reason = f" ({room.phase.reason})" if room.phase.reason else ""
            where = f" in {room.name}" if len(shown) > 1 else ""
            lines.append(f"This kernel: {room.phase.kind}{reason}{where}, at {room.url}")
        if not parts:
            lines.append("This kernel: not in a room (say and who join by themselves)")
            try:
                endpoint = discover()
                lines.append(f"Relay: {endpoint.url}, found by {endpoint.found_by}")
            except MeetError as error:
                lines.append(f"Relay: {error}")
        return "\n".join(lines)

    def _history(self, text: str, word: Word) -> str:
        line = parse(text, word)
        number = line.values.get("-n", line.words[0] if line.words else str(HISTORY))
        if not number.isdecimal() or int(number) < 1:
            raise word.mistyped(f"{number!r} is no number of messages.")
        return repr(self._kernel().chat.history(int(number)))

    def _search(self, text: str, word: Word) -> str:
        if not text:
            raise word.mistyped("Search what?")
        found = self._kernel().chat.search(text)
        return "\n".join(map(str, found)) or f"No message has {text!r}."

    def _save(self, text: str, word: Word) -> str:
        line = parse(text, word)
        if not line.words:
            raise word.mistyped("Save where?")
        return f"Saved {self._kernel().chat.save(' '.join(line.words))}."

    def _ask(self, text: str, word: Word) -> str:
        line = parse(text, word)
        if "--close" in line.switches:
            if self._poll is None:
                raise word.mistyped("No poll was asked here.")
            self._poll.close()
            return repr(self._poll)
        if not line.words:
            return repr(self._kernel().polls)
        question, *options = line.words
        if len(options) < 2:
            raise word.mistyped("A poll needs a question and at least two options.")
        room = self._kernel()
        self._poll = room.polls.ask(question, *options, multiple="--multiple" in line.switches)
        return f"Asked in {room.name}. `%meet poll` shows the votes, `%meet poll --close` ends it."

    def _hand(self, text: str, word: Word) -> str:
        if text not in ("", "up", "down"):
            raise word.mistyped(f"{text!r} is neither up nor down.")
        room = self._kernel()
        room.hand(text != "down")
        return "Hand down." if text == "down" else f"{room.you} raised a hand."

    def _help(self, text: str, _word: Word) -> str:
        if text and text not in WORDS:
            raise Mistyped(f"There is no `%meet {text}`; there are {', '.join(WORDS)}.")
        return help_text(text)


def take_apart(line: str) -> tuple[str, str]:
    """Returns a line's expression, and the comment after it without its sign."""
    try:
        for token in tokenize.generate_tokens(io.StringIO(line).readline):
            if token.type == tokenize.COMMENT:
                return line[: token.start[1]].strip(), token.string.lstrip("#").strip()
    except (tokenize.TokenError, SyntaxError):
        pass  # no Python, which compiling it will say
    return line.strip(), ""


def filled_in(text: str, names: Mapping[str, Any]) -> str:
    """Returns a text with ``{round(loss, 3)}`` and ``$loss`` filled in, as IPython's magics do."""
    try:
        return str(DollarFormatter().vformat(text, (), names))
    except Exception:
        return text  # braces that are just braces


def _widget(name: str, switches: set[str]) -> Any:
    from meetwidget.widget import MeetWidget

    return MeetWidget(
        room=name,
        turn_on=[
            source
            for switch, source in (("--mic", "microphone"), ("--cam", "camera"))
            if switch in switches
        ],
        place="sidebar" if "--sidebar" in switches else "",
    )


def _describe(person: Person) -> str:
    marks = repr(person)[1:-1].partition(": ")[2].replace("you", "this kernel", 1 * person.you)
    return f"{person.display_name} ({marks})" if marks else person.display_name


def _describe_room(room: RoomSummary) -> str:
    people = f"{room.participants} {'participant' if room.participants == 1 else 'participants'}"
    marks = [_ACCESS.get(room.access, ""), "locked" if room.locked else ""]
    return ", ".join([f"{room.name}: {people}", *filter(None, marks)])


_ACCESS = {"lobby": "with a lobby", "invited": "by invitation", "private": "private"}
