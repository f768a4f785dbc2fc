"""Participants as browsers are: a control socket, a media socket for sound, one for pictures.

Everybody watches six videos and hears three speakers. In a room of seven all have a camera
and four speak; in a big room seven are on the stage, and all others only watch.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from meetwidget.wire.media import FrameKind
from tests.benchmarks.load import Seat
from tests.benchmarks.relay import Door, Member, join, open_media
from tests.benchmarks.senders import FPS, PACKETS, VIDEO_BITS, Sender
from tests.benchmarks.wire import TEXT

WATCHED = 6
HEARD = 3
STAGE = WATCHED + 1
SPEAKERS = HEARD + 1
FRAMES_PER_SECOND = WATCHED * FPS + HEARD * PACKETS
"""What each participant receives."""
_CAMERA = {
    "source": "camera",
    "renditions": [
        {
            "codec": "vp8",
            "width": 320,
            "height": 180,
            "fps": FPS,
            "bitrate": VIDEO_BITS,
            "config": {"layers": 2},
        }
    ],
}
_MICROPHONE = {"source": "microphone", "renditions": [{"codec": "opus", "bitrate": 32000}]}
_TILE = {"width": 320, "height": 180}


@dataclass
class Participant:
    """Somebody in a room."""

    member: Member
    sound: Seat
    pictures: Seat
    watched: list[str] = field(default_factory=list)

    @property
    def seats(self) -> tuple[Seat, Seat]:
        """Both media sockets."""
        return (self.sound, self.pictures)

    def watch(self, streams: Sequence[str]) -> None:
        """Watches these streams and no others; returns when the relay has heard it."""
        wanted: dict[str, Any] = dict.fromkeys(self.watched)
        wanted |= dict.fromkeys(streams, _TILE)
        self.watched = list(streams)
        message = {"type": "watch", "streams": wanted}
        self.member.control.send(TEXT, json.dumps(message).encode())
        self.member.ask({"type": "ping", "t": 1.0}, "pong")

    def publish(self, kind: FrameKind, phase: int) -> Sender:
        """Turns camera or microphone on."""
        source = _CAMERA if kind is FrameKind.VIDEO else _MICROPHONE
        ack = self.member.ask({"type": "publish", "cid": f"p{kind}", **source}, "ack")
        seat = self.pictures if kind is FrameKind.VIDEO else self.sound
        return Sender(seat, ack["stream"], ack["handles"][0], kind, phase)

    def leave(self) -> None:
        """Hangs up."""
        for socket in (self.sound.socket, self.pictures.socket, self.member.control.socket):
            socket.close()


def enter(server: Door, room: str) -> Participant:
    """Joins a room with all three sockets."""
    member = join(server, room)
    sound = Seat(open_media(server, member, "audio"), (0, 0), acknowledges=True)
    pictures = Seat(open_media(server, member, "video", "data"), (0, 0), acknowledges=True)
    return Participant(member, sound, pictures)


def seen_by(number: int, cameras: Sequence[str], microphones: Sequence[str]) -> list[str]:
    """Returns what the participant with this number watches: never their own streams."""
    missed = number % STAGE
    unheard = number if number < SPEAKERS else number % SPEAKERS
    return [
        *(stream for place, stream in enumerate(cameras) if place != missed),
        *(stream for place, stream in enumerate(microphones) if place != unheard),
    ]


def stage(
    server: Door, room: str, phase: int
) -> tuple[list[Participant], list[Sender], list[Sender]]:
    """Fills a room with the seven who can be seen; nobody watches yet.

    Returns the participants, their cameras, and the four microphones.
    """
    people = [enter(server, room) for _ in range(STAGE)]
    cameras = [
        person.publish(FrameKind.VIDEO, phase + place) for place, person in enumerate(people)
    ]
    microphones = [
        person.publish(FrameKind.AUDIO, phase + place)
        for place, person in enumerate(people[:SPEAKERS])
    ]
    return people, cameras, microphones
