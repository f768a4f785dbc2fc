"""What watchers are told of how a picture comes through, and whose side is short."""

from __future__ import annotations

from collections.abc import Callable

from meetwidget.wire.control import Ack, CodecConfig, Publish, RenditionOffer, StreamFlow
from tests.unit.room.stage import Camera, Lane, Stage, video

FPS = 10


class Watched:
    """Ada's camera (10 pictures a second) or screen, and eve, who watches on a good line."""

    def __init__(self, source: str = "camera") -> None:
        self.stage = Stage()
        self.ada, self.eve = self.stage.join("ada"), self.stage.join("eve")
        offer = RenditionOffer("vp8", 320, 180, FPS, 80_000, CodecConfig(layers=2))
        self.ada.say(Publish("p1", source, [offer]))
        (self.handle,) = self.ada.handles()
        self.stream = str(self.ada.last(Ack).stream)
        self.sender, self.lane = self.ada.lane(), self.eve.lane()
        self.eve.watch(self.stream, 180)
        self.camera = Camera(self.handle, size=1000)
        self.delay = 0.0
        self.started = False

    def told(self) -> list[tuple[str, str | None]]:
        """Returns what eve was told since the last call."""
        news = [(m.state, m.side) for m in self.eve.of(StreamFlow)]
        self.eve.forget()
        return news

    def run(self, seconds: float, frames: Callable[[int], bool] = lambda _: True) -> None:
        """Sends a picture each tenth of a second (``frames``: whether), which eve acknowledges."""
        for number in range(round(seconds * FPS)):
            if frames(number):
                capture = int((self.stage.now - self.delay) * 1e6)
                for frame in self.camera.unit(key=not self.started):
                    self.started = True
                    self.sender.send(frame[:8] + capture.to_bytes(8, "big") + frame[16:])
            self.stage.flush()
            self.lane.ack()
            self.stage.later(0.1)


def test_nothing_is_told_of_what_comes_through() -> None:
    """Full is what a watcher takes for granted."""
    watched = Watched()
    watched.run(20)
    assert watched.told() == []


def test_silent_camera_is_the_senders_side() -> None:
    """A camera that was asked for and sends nothing for 3 s is paused; its return is told, too."""
    watched = Watched()
    watched.run(5)
    watched.run(2.5, lambda _: False)
    assert watched.told() == []
    watched.run(3, lambda _: False)
    assert watched.told() == [("paused", "sender")]
    watched.run(3)
    assert watched.told() == [("full", None)]


def test_screen_that_stands_still_is_no_fault() -> None:
    """Nothing new on a shared screen means that nothing changes on it."""
    watched = Watched("screen")
    watched.run(5)
    watched.run(10, lambda _: False)
    assert watched.told() == []


def test_late_pictures_are_the_senders_side() -> None:
    """Pictures that come half a second later than they did: told once, and when it is over."""
    watched = Watched()
    watched.run(5)
    watched.delay = 0.8
    watched.run(5)
    assert watched.told() == [("reduced", "sender")]
    watched.delay = 0.1
    watched.run(5)
    assert watched.told() == [("full", None)]


def test_few_pictures_are_the_senders_side() -> None:
    """Less than four tenths of the announced rate is too few; half of it, without a layer, is not."""
    watched = Watched()
    watched.run(6, lambda number: number % 2 == 0)
    assert watched.told() == []
    watched.run(6, lambda number: number % 4 == 0)
    assert watched.told() == [("reduced", "sender")]


def test_pictures_missing_before_the_relay_are_the_senders_side() -> None:
    """Gaps in the count of base pictures tell of a sender who had to drop them."""
    watched = Watched()
    watched.run(3)
    for _ in range(3):
        watched.camera.unit()
        watched.camera.unit()
        watched.camera.unit()
        watched.started = False  # a key frame follows each gap
        watched.sender.send(video(watched.handle, 9000, 60_000))
        watched.run(0.8)
    assert watched.told() == [("reduced", "sender")]


def test_starved_line_is_the_receivers_side() -> None:
    """Who does not acknowledge gets fewer pictures and hears why; the others hear nothing."""
    watched = Watched()
    joe = watched.stage.join("joe")
    other: Lane = joe.lane()
    joe.watch(watched.stream, 180)
    watched.camera.size = 6000
    received = 0
    for _ in range(120):
        for frame in watched.camera.unit(key=not watched.started):
            watched.started = True
            capture = int(watched.stage.now * 1e6)
            watched.sender.send(frame[:8] + capture.to_bytes(8, "big") + frame[16:])
        watched.stage.later(0.1)
        other.ack()
        received = min(watched.lane.bytes, received + 400)  # 4 kB/s
        watched.lane.ack(received)
    told = watched.told()
    assert told[-1][1] == "receiver"
    assert ("paused", "receiver") in told
    assert joe.of(StreamFlow) == []


def test_relay_that_lags_says_so() -> None:
    """Ticks that come late again and again are the relay's own side, and no verdict on any line."""
    watched = Watched()
    watched.run(3)
    for _ in range(8):
        watched.run(0.2)
        watched.stage.now += 0.5
    watched.run(0.5)
    assert watched.told() == [("reduced", "relay")]
    watched.run(8)
    assert watched.told() == [("full", None)]


def test_changes_are_told_at_most_once_a_second() -> None:
    """A camera that comes and goes does not blink in everybody's window."""
    watched = Watched()
    watched.run(4)
    for number in range(40):
        watched.delay = 0.9 * (number % 2)
        watched.run(0.3)
    assert len(watched.told()) <= 12
