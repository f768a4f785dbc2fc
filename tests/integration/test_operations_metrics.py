"""What an operator reads of a real relay: its metrics, while people meet."""

from __future__ import annotations

import json
from collections.abc import Iterator

from prometheus_client.parser import text_string_to_metric_families

from tests.integration.conftest import Server
from tests.integration.peer import Peer, audio, video
from tests.integration.test_resume import place


class Scrape:
    """One answer of the endpoint, as Prometheus reads it."""

    def __init__(self, text: str) -> None:
        self.values: dict[tuple[str, frozenset[tuple[str, str]]], float] = {
            (sample.name, frozenset(sample.labels.items())): sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
        }

    def __call__(self, name: str, **labels: str) -> float:
        return self.values[f"meetwidget_{name}", frozenset(labels.items())]

    def words(self) -> Iterator[str]:
        """Every value of every label."""
        return (value for _, labels in self.values for _, value in labels)


async def scrape(meet: Server) -> Scrape:
    answer = await meet.fetch("meet/metrics", raw=True)
    assert answer.code == 200
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    return Scrape(answer.body.decode())


async def test_metrics_tell_what_happened_in_a_meeting(meet: Server) -> None:
    """People, messages, frames, bytes, the log and a resume are counted as they were."""
    before = await scrape(meet)
    ada, bob = await meet.join(person="ada"), await meet.join(person="bob")
    await meet.join(person="ada", client="kernel")
    await bob.chat("hello")
    await ada.body("hello")
    sender, watcher = await ada.lane(), await bob.lane()
    stream, (handle,) = await ada.publish()
    _microphone, (voice,) = await ada.publish("microphone", codec="opus")
    await bob.expect("stream.added")
    bob.say({"type": "watch", "streams": {stream: {"width": 320, "height": 180}}})
    await ada.expect("demand", stream=stream)
    picture = video(handle, 0, b"key" * 100, key=True)
    unheard = audio(voice, 0)
    for frame in (unheard, picture):
        sender.send(frame)
    assert await watcher.next() == picture
    await sender.acked(len(unheard) + len(picture))

    after = await scrape(meet)
    assert (before("rooms"), after("rooms")) == (0, 1)
    assert (after("participants", kind="person"), after("participants", kind="kernel")) == (2, 1)
    assert after("waiting") == 0
    assert after("joins_total") == 3
    assert after("tickets_total", client="browser") == 2
    assert after("tickets_total", client="kernel") == 1
    assert after("control_messages_received_total", type="chat.send") == 1
    assert after("control_messages_sent_total", type="welcome") == 3
    assert after("control_messages_sent_total", type="event") == 3
    assert after("media_frames_received_total", kind="video", watched="true") == 1
    assert after("media_bytes_received_total", kind="video", watched="true") == len(picture)
    assert after("media_frames_received_total", kind="audio", watched="false") == 1
    assert after("media_frames_sent_total", kind="video") == 1
    assert after("media_bytes_sent_total", kind="video") == len(picture)
    assert after("media_queue_seconds_count", kind="video") == 1
    assert after("log_append_seconds_count") == 1
    assert after("log_not_kept_total") == 0
    assert after("log_bytes") > 0
    assert after("loop_lag_seconds_count") > 0

    was = place(bob)
    await bob.wire.vanish()
    back = await meet.join(person="bob", resume=was)
    assert back.welcome["recovered"]
    again = await scrape(meet)
    assert again("resumes_total", recovered="true") == 1
    assert again("joins_total") == 3


async def test_metrics_name_neither_rooms_nor_people(meet: Server) -> None:
    """No label carries a room's or a person's name, whatever happened."""
    await meet.join("secret-lab", person="ada")
    said = set((await scrape(meet)).words())
    assert said
    assert not [word for word in said if "ada" in word or "secret" in word]


async def test_metrics_are_for_those_who_are_signed_in(meet: Server) -> None:
    """A stranger gets 403 and no number."""
    answer = await meet.fetch("meet/metrics", None, raw=True)
    assert answer.code == 403
    assert b"meetwidget_rooms" not in answer.body


async def test_who_gets_no_ticket_or_comes_with_a_bad_one_is_counted(meet: Server) -> None:
    """Refusals are counted by the code that the client was told."""
    body = json.dumps({"room": "no\nroom"})
    answer = await meet.fetch("tickets", method="POST", body=body)
    code = json.loads(answer.body)["code"]
    url = (await meet.ticket("lab"))["control_url"]
    stranger = await Peer.connect(url)
    stranger.say(
        {
            "type": "hello",
            "protocol": 1,
            "ticket": "made up",
            "client": {"kind": "browser", "version": "0"},
        }
    )
    assert (await stranger.closed()).code == 4401
    found = await scrape(meet)
    assert found("tickets_refused_total", code=code) == 1
    assert found("joins_refused_total", code="bad-ticket") == 1
