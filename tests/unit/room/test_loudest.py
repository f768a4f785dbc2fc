"""Whose voice is passed on where more people speak than can be listened to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from meetwidget_server.room import RoomOptions

from meetwidget.wire import media
from tests.unit.room.stage import Lane, Peer, Stage, audio

QUIET, SPEECH, SILENCE = -45, -25, -127


def packet(handle: int, sequence: int, dbov: float | None) -> bytes:
    """A packet of sound that says how loud it is, or (``None``) does not."""
    if dbov is None:
        return audio(handle, sequence)
    header = media.Header(
        1, media.flags(extension=True), handle, sequence & 0xFFFFFFFF, sequence * 20_000
    )
    return header.pack() + media.level_extension(dbov, dbov > -50) + bytes(80)


class Panel:
    """People with open microphones, and one who listens to all of them."""

    def __init__(self, people: int, most: int = 2) -> None:
        self.stage = Stage(RoomOptions(loudest=most))
        self.listener = self.stage.join("listener")
        self.sound = self.listener.lane()
        self.handles: list[int] = []
        self.streams: list[str] = []
        self.lanes: list[Lane] = []
        self.people: list[Peer] = []
        for number in range(people):
            peer = self.stage.join(f"speaker-{number}")
            self.people.append(peer)
            self.streams.append(peer.publish("microphone", []))
            self.handles += peer.handles()
            self.lanes.append(peer.lane())
            self.listener.watch(self.streams[-1], 0)
        self.sequence = 0
        self.heard_frames: list[bytes] = []

    def talk(self, seconds: float, levels: Sequence[float | None]) -> list[dict[int, int]]:
        """Everybody sends at these levels; returns packets heard of each, per tenth of a second.

        ``SILENCE`` sends nothing at all.
        """
        heard = []
        for _ in range(round(seconds * 10)):
            count: dict[int, int] = defaultdict(int)
            for _ in range(5):
                self.sequence += 1
                self.stage.now += 0.02
                for lane, handle, level in zip(self.lanes, self.handles, levels, strict=True):
                    if level != SILENCE:
                        lane.send(packet(handle, self.sequence, level))
                for frame in self.sound.take():
                    self.heard_frames.append(frame)
                    count[self.handles.index(frame[3])] += 1
            self.sound.ack()
            self.stage.perform(self.stage.room.tick(self.stage.now))
            heard.append(dict(count))
        return heard


def whom(heard: list[dict[int, int]]) -> set[int]:
    """Returns who was heard at all."""
    return {person for tenth in heard for person in tenth}


def test_small_room_hears_everybody() -> None:
    """As many microphones as the number, or no number: nothing is left out, loud or not."""
    panel = Panel(2, most=2)
    assert panel.talk(3, [QUIET, SPEECH])[-1] == {0: 5, 1: 5}
    everybody = Panel(4, most=0)
    assert everybody.talk(3, [QUIET, QUIET, SPEECH, SPEECH])[-1] == dict.fromkeys(range(4), 5)


def test_the_loudest_few_are_heard() -> None:
    """Noise from open microphones is not passed on while others speak."""
    panel = Panel(5, most=2)
    panel.talk(4, [-60, SPEECH, -60, SPEECH, -60])
    assert whom(panel.talk(3, [-60, SPEECH, -60, SPEECH, -60])) == {1, 3}


def test_who_begins_to_speak_is_heard_within_a_fifth_of_a_second() -> None:
    """Even while as many others are louder: they are heard beside them for a while."""
    panel = Panel(5, most=2)
    panel.talk(5, [-15, -60, -60, -15, -60])
    heard = panel.talk(1.5, [-15, -60, SPEECH, -15, -60])
    assert 2 in heard[2]
    assert all(heard[tenth].get(2) == 5 for tenth in range(3, 15))
    assert all({0, 3} <= set(tenth) for tenth in heard)


def test_pauses_between_words_switch_nobody_off() -> None:
    """A second of silence does not cost the next word its beginning."""
    panel = Panel(4, most=2)
    panel.talk(4, [SPEECH, SPEECH, -60, -60])
    for _ in range(4):
        panel.talk(1, [SILENCE, SPEECH, -60, -60])
        assert panel.talk(0.6, [SPEECH, SPEECH, -60, -60])[0][0] == 5


def test_equals_do_not_flap() -> None:
    """Four who are about as loud in turn: whoever is heard stays, nobody comes and goes."""
    panel = Panel(4, most=2)
    panel.talk(5, [-25, -25, -26, -26])
    changes, before = 0, None
    for number in range(40):
        levels = [-25 + (number + person) % 3 for person in range(4)]
        now = whom(panel.talk(0.2, levels))
        changes += before is not None and now != before
        before = now
    assert changes <= 2


def test_switched_off_is_a_gap_that_no_concealment_mistakes_for_loss() -> None:
    """Whoever is switched off comes back after 0.5 s at the earliest, however loud."""
    panel = Panel(4, most=1)
    panel.talk(5, [SPEECH, -60, -60, -60])
    gaps: list[int] = []
    last: dict[int, int] = {}
    for number in range(30):
        panel.talk(0.3, [SPEECH if number % 4 == person else -60 for person in range(4)])
    for frame in panel.heard_frames:
        header = media.parse(frame)
        if header.handle in last:
            gaps.append(header.capture_us - last[header.handle])
        last[header.handle] = header.capture_us
    assert any(gap > 20_000 for gap in gaps)
    assert all(gap == 20_000 or gap > 400_000 for gap in gaps)


def test_packets_without_a_level_count_as_loud() -> None:
    """An older client's voice is never cut off, and takes a place among the loudest."""
    panel = Panel(4, most=2)
    panel.talk(4, [None, SPEECH, -30, -60])
    assert whom(panel.talk(3, [None, SPEECH, -40, -60])) == {0, 1}
    panel.talk(4, [None, None, None, SPEECH])
    assert whom(panel.talk(3, [None, None, None, SPEECH])) >= {0, 1, 2}


def test_tab_sound_and_data_always_pass() -> None:
    """Only microphones compete."""
    panel = Panel(4, most=1)
    ada = panel.people[3]
    tab = ada.publish("screen-audio", [])
    (played,) = ada.handles()
    panel.listener.watch(tab, 0)
    panel.talk(5, [SPEECH, SPEECH, SPEECH, -60])
    panel.handles.append(played)
    panel.lanes[3].send(packet(played, 1, -90))
    assert [frame[3] for frame in panel.sound.take()] == [played]


def test_when_others_leave_the_rest_is_heard_again() -> None:
    """A voice that was left out is passed on as soon as there are few."""
    panel = Panel(3, most=2)
    panel.talk(4, [SPEECH, SPEECH, -60])
    assert whom(panel.talk(1, [SPEECH, SPEECH, -60])) == {0, 1}
    panel.people[0].drop(1000)
    levels = [SILENCE, SPEECH, -60]
    panel.talk(0.2, levels)
    assert whom(panel.talk(0.5, levels)) == {1, 2}
