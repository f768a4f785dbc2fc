"""A bot in one room: its functions hung up there, and its timers and tiles kept going."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from meetwidget.background import BackgroundThread
from meetwidget.backoff import Backoff
from meetwidget.bots.bot import Bot, Command, Function, Tile, Timer
from meetwidget.errors import MeetError, NoFrame, NotConnected
from meetwidget.messages import Message
from meetwidget.room import Room

if TYPE_CHECKING:
    from meetwidget.media.video_out import VideoOut

PAUSE_SECONDS = 1.0
"""Before pictures that ended, or were refused, are tried again."""
ERROR_SECONDS = 10.0
"""Before pictures are tried again that fail before there is one."""

_log = logging.getLogger("meetwidget.bot")


class Seat:
    """One bot in one room, until the room ends or :meth:`leave`."""

    def __init__(self, bot: Bot, room: Room) -> None:
        self.bot = bot
        self.room = room
        self._over = threading.Event()
        self._done = threading.Event()
        self._closing = threading.Lock()
        self._hung: list[tuple[str, Function]] = []
        self._videos: set[VideoOut] = set()
        self._told: set[str] = set()
        if not room.you.display_name.startswith(bot.name):
            room.status(bot.name[:128])
        for function in bot.starts:
            self._guard(bot.name, function)
        for happening, function in bot.callbacks:
            self._hang(happening, self._with_room(function))
        if bot.commands:
            self._hang("message", self._on_message)
        self._workers = [self._worker("timer", self._repeat, timer) for timer in bot.timers]
        self._workers += [self._worker(tile.source, self._show, tile) for tile in bot.tiles]
        for worker in self._workers:
            worker.start()
        self._worker(room.name, self._follow).start()

    def wait(self, timeout: float | None = None) -> str:
        """Waits until the bot has ended, with the room or without; returns the code of why.

        Args:
            timeout: seconds to wait at most; the code is empty when it has not ended then.
        """
        return (self.room.phase.code or "left") if self._done.wait(timeout) else ""

    def leave(self) -> None:
        """Takes the bot out of the room, which goes on; does nothing the second time."""
        if not self._closing.acquire(blocking=False):
            return
        self._over.set()
        for happening, callback in self._hung:
            self.room.off(happening, callback)
        for video in list(self._videos):
            video.close()
        for worker in self._workers:
            if worker is not threading.current_thread():
                worker.join()
        for function in self.bot.ends:
            self._guard("the end", function)
        self._done.set()

    def __repr__(self) -> str:
        return f"<{self.bot.name!r} in {self.room!r}>"

    def _follow(self) -> None:
        self.room.wait()
        self.leave()

    def _hang(self, happening: str, callback: Function) -> None:
        self._hung.append((happening, callback))
        self.room.on(happening)(callback)

    def _with_room(self, function: Function) -> Function:
        return lambda *given: function(self.room, *given)

    def _worker(self, what: str, act: Callable[..., None], *given: object) -> BackgroundThread:
        return BackgroundThread(lambda: act(*given), f"meetwidget bot {what}")

    def _guard(self, what: str, function: Function, *given: object) -> MeetError | None:
        """Calls a function; what it raises is reported, and returned if it is one of our own."""
        try:
            function(self.room, *given)
        except NotConnected:
            return None  # the room has ended, and with it what was asked for
        except MeetError as error:
            self._report(what, error)
            return error
        except Exception:
            # With no logging set up this prints the traceback to stderr: the author needs it.
            _log.exception("%s of the bot raised an exception; the bot goes on.", what)
        return None

    def _report(self, what: str, error: MeetError) -> None:
        """Says what went wrong, once for each: some of it is tried every second."""
        words = f"{what}: {error}"
        if words not in self._told:
            self._told.add(words)
            _log.warning("%s", words)

    # ----------------------------------------------------------------- commands

    def _on_message(self, message: Message) -> None:
        if message.by.kind == "kernel" or not message.body.startswith("!"):
            return
        word, _, rest = message.body[1:].partition(" ")
        if word == "help":
            self._answer(message, self._help())
        command = self.bot.commands.get(word.strip().lower())
        if command is not None:
            self._worker(f"!{word}", self._obey, command, message, rest.strip()).start()

    def _obey(self, command: Command, message: Message, rest: str) -> None:
        error = self._guard(f"!{command.word}", command.function, message, rest)
        if error is not None:
            self._answer(message, str(error))

    def _answer(self, message: Message, words: str) -> None:
        try:
            self.room.chat.send(words, to=message.by)
        except MeetError as error:
            self._report("an answer", error)

    def _help(self) -> str:
        lines = [f"- `!{c.word}` {c.help}".rstrip() for c in self.bot.commands.values()]
        about = f": {self.bot.about}" if self.bot.about else "."
        return "\n".join([f"I am the **{self.bot.name}**{about}", "", *lines])

    # --------------------------------------------------------- timers and tiles

    def _repeat(self, timer: Timer) -> None:
        while not self._over.wait(timer.seconds):
            self._guard("a timer", timer.function)

    def _show(self, tile: Tile) -> None:
        backoff = Backoff()
        while not self._over.is_set():
            video = self._open(tile)
            pause = PAUSE_SECONDS
            if video is not None:
                try:
                    self._await_end(video)
                    backoff.reset()
                except Exception:
                    pause += backoff.next()  # reported where the pictures come from
            self._over.wait(pause)

    def _await_end(self, video: VideoOut) -> None:
        self._videos.add(video)
        try:
            if self._over.is_set():
                video.close()
            video.wait()
        finally:
            self._videos.discard(video)

    def _open(self, tile: Tile) -> VideoOut | None:
        """Publishes a tile; None when there is nothing to show now."""
        try:
            return self.room.publish_video(
                *tile.size, tile.fps, tile.source, frames=tile.function(self.room)
            )
        except (NoFrame, NotConnected):
            return None
        except MeetError as error:
            if error.code != "no-pictures":
                self._report(tile.source, error)
        except Exception:
            _log.exception("The pictures of %r raised an exception.", tile.source)
            self._over.wait(ERROR_SECONDS)
        return None
