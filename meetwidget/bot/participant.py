"""The bot in a room: greets, answers, shows its picture and plays its tune."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from datetime import datetime

from meetwidget.bot.picture import FPS, HEIGHT, WIDTH, Pond
from meetwidget.bot.talk import Answer, answer, greeting, spoken_to
from meetwidget.bot.tune import Tune
from meetwidget.errors import MeetError, Unconfirmed
from meetwidget.media.audio_out import AudioOut
from meetwidget.media.video_out import VideoOut
from meetwidget.messages import Message
from meetwidget.people import Person
from meetwidget.room import Room

UNWATCHED_SECONDS = 1.0
"""How often the picture is renewed while nobody watches: the first thing a newcomer sees."""
HAND_SECONDS = 20.0

_log = logging.getLogger("meetwidget.bot")


class Bot:
    """One bot in one room, until the room ends; slower and silent it takes less of the machine."""

    def __init__(self, room: Room, fps: float = FPS, *, silent: bool = False) -> None:
        self.room = room
        self._fps = fps
        self._silent = silent
        self._greeted: set[str] = set()
        self._quiet = threading.Event()
        self._over = threading.Event()

    def serve(self) -> str:
        """Takes part until the room ends; returns the code of why it did."""
        room = self.room
        room.on("join")(self._on_join)
        room.on("message")(self._on_message)
        room.on("phase")(lambda phase: _log.info("%s %s", phase.kind, phase.reason))
        room.status("demo bot")
        for person in room.people:
            self._on_join(person)
        threads = [
            self._thread("picture", self._show),
        ]
        if not self._silent:
            threads.append(self._thread("tune", self._play))
        for thread in threads:
            thread.start()
        room.wait()
        self._over.set()
        for thread in threads:
            thread.join()
        return room.phase.code

    def _thread(self, what: str, act: Callable[[], None]) -> threading.Thread:
        return threading.Thread(
            target=self._keep, args=(what, act), name=f"bot {what}", daemon=True
        )

    def _on_join(self, person: Person) -> None:
        if person.kind == "kernel" or person.you or person.name in self._greeted:
            return
        self._greeted.add(person.name)
        self._say(greeting(person.display_name))

    def _on_message(self, message: Message) -> None:
        if message.by.kind == "kernel":
            return  # two bots would talk for ever
        people = self.room.people
        alone = sum(person.kind != "kernel" for person in people) <= 1
        if message.to is None and not spoken_to(message.body, alone):
            return
        reply = answer(
            message.body,
            message.by.display_name,
            datetime.now(),
            [person.display_name for person in people],
        )
        self._say(reply.text, message)
        self._act(reply)

    def _say(self, text: str, to: Message | None = None) -> None:
        private = to is not None and to.to is not None
        try:
            self.room.chat.send(text, to=to.by if private and to is not None else None)
        except MeetError as error:
            _log.warning("could not say %r: %s", text, error)

    def _act(self, reply: Answer) -> None:
        if reply.deed == "cheer":
            self.room.reaction("🎉")
        elif reply.deed == "quiet":
            self._quiet.set()
        elif reply.deed == "play":
            self._quiet.clear()
        elif reply.deed == "hand":
            self.room.hand(True)
            down = threading.Timer(HAND_SECONDS, self._hand_down)
            down.daemon = True
            down.start()

    def _hand_down(self) -> None:
        try:
            self.room.hand(False)
        except MeetError:
            return  # the room has ended

    def _show(self) -> None:
        pond, started = Pond(), time.monotonic()
        with self.room.publish_video(WIDTH, HEIGHT, self._fps) as video:
            due = started
            while not self._over.is_set():
                video.write(pond.draw(time.monotonic() - started, datetime.now()))
                due = max(due + 1 / self._fps, time.monotonic())
                self._pause(video, due)

    def _pause(self, video: VideoOut, due: float) -> None:
        if video.watched:
            self._over.wait(max(0.0, due - time.monotonic()))
        else:
            video.wait_watched(UNWATCHED_SECONDS)

    def _play(self) -> None:
        tune = Tune()
        with self.room.publish_audio() as audio:
            while not self._over.is_set():
                self._beat(tune, audio)

    def _beat(self, tune: Tune, audio: AudioOut) -> None:
        if self._quiet.is_set() or not audio.wait_watched(UNWATCHED_SECONDS):
            self._over.wait(0.2)
        else:
            audio.write(tune.beat())

    def _keep(self, what: str, act: Callable[[], None]) -> None:
        """Does something until the room ends, again when the relay went away at its beginning."""
        while not self._over.is_set():
            try:
                act()
            except Unconfirmed:
                continue
            except MeetError as error:
                self._explain(what, error)
                return

    def _explain(self, what: str, error: MeetError) -> None:
        if not self._over.is_set() and self.room.phase.kind != "ended":
            _log.warning("no %s: %s", what, error)
