"""``%meet``: the meeting in one line. Every answer is text; no error is a traceback.

``%meet join`` shows the room to people. The kernel takes part only once it is needed
(``say``, ``who``, ``share`` …), as a participant of its own that is labelled as one.
"""

from __future__ import annotations

import difflib

from IPython.core.interactiveshell import InteractiveShell
from IPython.core.magic import Magics, line_cell_magic, magics_class, no_var_expand

from meetwidget.commands import Commands
from meetwidget.completion import matcher
from meetwidget.errors import MeetError
from meetwidget.shared_cell import CellFailed
from meetwidget.wire.rooms import InvalidRoom
from meetwidget.words import WORDS

CELL_WORD = "share"
"""The one word that takes a cell."""


@magics_class
class MeetMagics(Magics):
    """The magic of one line or of a whole cell."""

    def __init__(self, shell: InteractiveShell | None) -> None:
        super().__init__(shell)
        self.commands = Commands(shell)
        self.complete = matcher(self.commands, shell)

    @no_var_expand  # a shared expression may have braces of its own; `say` fills in by itself
    @line_cell_magic
    def meet(self, line: str, cell: str | None = None) -> None:
        """Meets: ``%meet help`` says how."""
        word, _, text = line.strip().partition(" ")
        try:
            answer = self._do(word or "help", text.strip(), cell)
        except CellFailed:
            raise  # so that the cells after it do not run; it shows as one line
        except (MeetError, InvalidRoom) as error:
            answer = str(error)
        if answer:
            print(answer)  # noqa: T201 - the magic's answer

    def close(self) -> None:
        """Takes the kernel out of its rooms, when the extension is unloaded."""
        self.commands.presence.close()

    def _do(self, word: str, text: str, cell: str | None) -> str | None:
        if word not in WORDS:
            near = difflib.get_close_matches(word.lower(), WORDS, 1, 0.5)
            if near:
                return f"There is no `%meet {word}`; did you mean `%meet {near[0]}`?"
            return f"There is no `%meet {word}`; there are {', '.join(WORDS)}."
        if cell is None:
            if text and WORDS[word].alone:
                raise WORDS[word].mistyped(f"Nothing comes after `%meet {word}`.")
            return self.commands.by_word[word](text, WORDS[word])
        if word != CELL_WORD:
            return f"`%%meet {word}` takes no cell, so it did not run; write `%meet {word}`."
        return self.commands.share_cell(text, cell)


_loaded: dict[int, MeetMagics] = {}


def load_ipython_extension(shell: InteractiveShell) -> None:
    """Adds ``%meet``: called by ``%load_ext meetwidget``."""
    if id(shell) in _loaded:
        return
    magics = MeetMagics(shell)
    _loaded[id(shell)] = magics
    shell.register_magics(magics)
    shell.Completer.custom_matchers.append(magics.complete)


def unload_ipython_extension(shell: InteractiveShell) -> None:
    """Takes ``%meet`` away, and the kernel out of its rooms."""
    magics = _loaded.pop(id(shell), None)
    if magics is not None:
        magics.close()
        for kind in ("line", "cell"):
            shell.magics_manager.magics[kind].pop("meet", None)
        shell.Completer.custom_matchers.remove(magics.complete)
