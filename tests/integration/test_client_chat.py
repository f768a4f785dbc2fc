"""What a kernel does with the chat besides talking, through a real Jupyter server."""

from __future__ import annotations

import asyncio
import io
import json
import secrets
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import pandas as pd
import pytest
import websocket

import meetwidget
from meetwidget.errors import MeetError, NotAllowed, Refused, TooLarge
from meetwidget.wire.control import Location
from tests.integration.client_rig import JOIN_S, Join, joining, server_in
from tests.integration.small_relay import PATIENCE_S, until
from tests.jupyter_process import JupyterProcess

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489"
    "0000000d49444154789c6360f8cf500f0003860180a5b7b8a30000000049454e44ae426082"
)
"""One pixel."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterProcess]:
    with server_in(tmp_path_factory.mktemp("server")) as server:
        yield server


@pytest.fixture
def join(server: JupyterProcess) -> Iterator[Join]:
    with joining(server) as join:
        yield join


@pytest.fixture
def person(server: JupyterProcess) -> Iterator[Callable[..., None]]:
    """Lets the room's owner, who is a person, say something on the wire."""
    sockets: dict[str, websocket.WebSocket] = {}

    def answer(socket: websocket.WebSocket, kind: str, **message: Any) -> None:
        socket.send(json.dumps(message))
        while (heard := json.loads(socket.recv()))["type"] != kind:
            assert heard["type"] != "error", heard

    def enter(room: str) -> websocket.WebSocket:
        request = urllib.request.Request(
            f"{server.url}meet/api/tickets",
            data=json.dumps({"room": room}).encode(),
            headers={
                "Authorization": f"token {server.token}",
                "Content-Type": "application/json",
            },
        )
        with urllib.request.urlopen(request, timeout=PATIENCE_S) as granted:
            grant = json.loads(granted.read())
        socket = websocket.create_connection(grant["control_url"], timeout=PATIENCE_S)
        client = {"kind": "browser", "version": "0"}
        answer(socket, "welcome", type="hello", protocol=1, ticket=grant["ticket"], client=client)
        return socket

    def say(room: str, **message: Any) -> None:
        if room not in sockets:
            sockets[room] = enter(room)
        answer(sockets[room], "ack", cid=secrets.token_hex(4), **message)

    yield say
    for socket in sockets.values():
        socket.close()


def test_a_poll_from_question_to_result(join: Join) -> None:
    """Asked, voted on, changed and closed; both sides read the same result."""
    ada, ben = join("polls"), join("polls")
    asked = ada.polls.ask("Which *day*?", "Monday", "Tuesday")
    (seen,) = until(lambda: list(ben.polls))
    assert (seen.question, seen.options, seen.multiple) == (
        "Which *day*?",
        ("Monday", "Tuesday"),
        False,
    )
    seen.vote("Monday")
    until(lambda: asked.results == {"Monday": 1, "Tuesday": 0})
    seen.vote(1)
    until(lambda: asked.results == {"Monday": 0, "Tuesday": 1})
    assert [(vote.by.name, vote.options) for vote in asked.votes] == [(ben.you.name, ("Tuesday",))]
    asked.close()
    until(lambda: seen.closed)
    with pytest.raises(Refused):
        seen.vote("Monday")
    assert repr(asked).splitlines()[0] == "Which *day*? (1 vote, closed)"
    assert ben.polls[seen.message].results == {"Monday": 0, "Tuesday": 1}


def test_wrong_votes_and_polls_are_refused_in_a_sentence(join: Join) -> None:
    """Before anything is sent, with what there is to choose from."""
    room = join("wrong-polls")
    poll = room.polls.ask("Q?", "A", "B")
    with pytest.raises(MeetError, match="there are A, B"):
        poll.vote("C")
    with pytest.raises(MeetError, match="one choice"):
        poll.vote("A", "B")
    for options in ((), ("A",), ("A", "A"), ("A", " "), tuple(map(str, range(21)))):
        with pytest.raises(MeetError, match=r"(?i)option"):
            room.polls.ask("Q?", *options)
    with pytest.raises(MeetError, match="no poll"):
        _ = room.polls[room.chat.send("no poll")]
    several = room.polls.ask("Which?", "A", "B", "C", multiple=True)
    several.vote("C", "A")
    until(lambda: several.results == {"A": 1, "B": 0, "C": 1})
    several.vote()
    until(lambda: several.votes == ())


def test_files_go_and_come_back_byte_for_byte(join: Join, tmp_path: Path) -> None:
    """From a path, from memory and from a file; listed with who and when; saved without overwriting."""
    ada, ben = join("files"), join("files")
    source = tmp_path / "notes.txt"
    source.write_bytes(b"line\n" * 1000)
    pixel = ada.files.upload(PNG, name="pixel.png")
    assert (pixel.type, pixel.width, pixel.height) == ("image/png", 1, 1)
    stream = ada.files.upload(io.BytesIO(b"skipped, kept"), name="part.bin")
    sent = ada.chat.send("three", files=[source, pixel, stream])
    assert [file.name for file in sent.files] == ["notes.txt", "pixel.png", "part.bin"]
    (message,) = until(ben.chat.held)
    assert [file.name for file in message.files] == ["notes.txt", "pixel.png", "part.bin"]
    assert ben.files.read("notes.txt") == source.read_bytes()
    assert ben.files.read(message.files[1]) == PNG
    listed = ben.files.list()
    assert {file.message for file in listed} == {sent.id}
    assert {str(file.by) for file in listed} == {str(ada.you)}
    assert "pixel.png (image/png" in repr(ben.files)
    folder = tmp_path / "saved"
    folder.mkdir()
    saved = ben.files.save("pixel.png", folder)
    assert saved.read_bytes() == PNG
    with pytest.raises(MeetError, match="is there already"):
        ben.files.save("pixel.png", folder)
    ada.chat.delete(sent)
    until(lambda: ben.files.list() == [])
    with pytest.raises(MeetError):
        ben.files.read(message.files[1])
    assert not (folder / "notes.txt").exists()


def test_what_cannot_be_a_file_is_said(join: Join, tmp_path: Path) -> None:
    """No such path, no name, nothing in it, too many, too large: a sentence each."""
    room = join("no-files")
    limits = room.limits
    assert limits is not None
    huge = tmp_path / "huge.bin"
    with huge.open("wb") as made:
        made.truncate(limits.file_bytes + 1)
    for problem, source, name in (
        ("cannot be read", tmp_path / "nothing", ""),
        ("Give the file a name", b"x", ""),
        ("is empty", b"", "x"),
        (f"at most {limits.file_bytes} bytes", huge, ""),
    ):
        with pytest.raises(MeetError, match=problem) as failure:
            room.files.upload(source, name)
        assert isinstance(failure.value, TooLarge) == (source is huge)
    with pytest.raises(TooLarge, match="at most 10 files"):
        room.chat.send("x", files=["x"] * 11)
    with pytest.raises(MeetError, match="no file called"):
        room.files.read("x")
    assert room.chat.history() == []


def test_old_messages_are_found_and_read_with_what_was_around_them(join: Join) -> None:
    """Search says where; ``around`` and ``message`` show it as it reads now."""
    room = join("search")
    sent = [room.chat.send(f"number {i} {'gradient' if i == 3 else ''}") for i in range(8)]
    room.chat.edit(sent[3], "number 3 gradients vanish")
    (hit,) = until(lambda: room.chat.search("gradient"))
    assert (hit.id, str(hit.by)) == (sent[3].id, str(room.you))
    assert "gradients vanish" in str(hit)
    around = room.chat.around(hit.id, 5)
    assert sent[3].id in [message.id for message in around]
    assert len(around) == 5
    assert room.chat.message(hit.id).body == "number 3 gradients vanish"
    assert [found.id for found in room.chat.search("number", limit=3)] == [
        message.id for message in reversed(sent[-3:])
    ]
    room.chat.delete(sent[0])
    with pytest.raises(MeetError, match="no longer there"):
        until(lambda: room.chat.message(sent[0].id) is None)
    with pytest.raises(MeetError):
        room.chat.around("no-such-message")


def test_a_private_message_is_for_its_readers(join: Join) -> None:
    """It says to whom it went, here and when the relay is asked for it."""
    ada, ben = join("private"), join("private")
    until(lambda: len(ada.people) == 2)
    said = ada.chat.send("a secret", to=ben.you)
    (message,) = until(ben.chat.held)
    assert (message.body, message.to) == ("a secret", (ben.you.id,))
    assert message.readers is not None
    assert "privately" in str(message)
    assert ben.chat.message(said.id).body == "a secret"


def test_who_is_named_is_told(join: Join) -> None:
    """An ``@`` before the name of somebody present is a mention, which their callback hears."""
    ada, ben = join("names"), join("names")
    until(lambda: len(ada.people) == 2)
    told: list[meetwidget.Message] = []
    ben.on("mention")(told.append)
    ada.chat.send("nobody")
    said = ada.chat.send(f"see @{ben.you.display_name}, please", location=Location("a.ipynb", "c1"))
    assert [mention.name for mention in said.mentions] == [ben.you.name]
    (message,) = until(lambda: told)
    assert message.mentioned(ben.you)
    assert message.location == Location("a.ipynb", "c1")
    ada.chat.send("unmarked", mentions=[ben.you])
    until(lambda: len(told) == 2)


def test_pins_of_a_moderator_reach_kernels(join: Join, person: Callable[..., None]) -> None:
    """Pinned messages are listed, and ``pin`` is heard; a kernel may not pin by itself."""
    room = join("pins")
    message = room.chat.send("keep this")
    with room.events("pin", timeout=PATIENCE_S) as happened:
        with pytest.raises(NotAllowed):
            room.chat.pin(message)
        person("pins", type="chat.pin", id=message.id, on=True)
        assert next(happened).value.pinned
    assert [pinned.id for pinned in room.chat.pinned()] == [message.id]
    person("pins", type="chat.pin", id=message.id, on=False)
    until(lambda: len(room.chat.pinned()) == 0)


def test_messages_become_a_table(join: Join) -> None:
    """One row each, in order, with what a class is evaluated by."""
    room = join("table")
    first = room.chat.send("one")
    room.chat.send("two", reply_to=first, data={"text/plain": "2"})
    room.chat.react(first, "🎉")
    until(lambda: room.chat.held()[0].reactions)
    frame = room.chat.to_dataframe()
    assert list(frame["body"]) == ["one", "two"]
    assert list(frame["reactions"]) == [1, 0]
    assert frame["reply_to"].iloc[1] == first.id
    assert frame["shared"].iloc[1] == "text/plain"
    assert isinstance(frame.index, pd.DatetimeIndex)
    assert str(frame.index.tz) == "UTC"
    assert len(room.chat.to_dataframe(1)) == 1
    empty = join("empty-table").chat.to_dataframe()
    assert list(empty.columns) == list(frame.columns)


def test_the_meeting_is_saved_as_a_notebook_and_as_text(join: Join, tmp_path: Path) -> None:
    """The ending says which; what is written is what the relay gives."""
    room = join("transcript")
    room.chat.send("Energy is $mc^2$")
    for ending in ("ipynb", "md", "json"):
        path = room.chat.save(tmp_path / f"meeting.{ending}")
        assert "mc^2" in path.read_text(encoding="utf-8")
    nbformat.validate(nbformat.read(tmp_path / "meeting.ipynb", as_version=4))
    room.leave()
    assert "mc^2" in room.chat.save(tmp_path / "after.md").read_text(encoding="utf-8")
    with pytest.raises(MeetError, match="ends in"):
        room.chat.save(tmp_path / "meeting.pdf")
    with pytest.raises(MeetError, match="cannot be written"):
        room.chat.save(tmp_path / "no" / "meeting.md")


def test_a_loop_follows_the_room(join: Join) -> None:
    """``for`` and ``async for`` hear what callbacks hear, and end with the room."""
    ada, ben = join("stream"), join("stream")
    sync, other = ben.events("message", "hand"), ben.events("message")
    said = ada.chat.send("hello")
    ada.hand()
    heard = [next(sync) for _ in range(2)]
    assert [(event.name, getattr(event.value, "body", None)) for event in heard] == [
        ("message", "hello"),
        ("hand", None),
    ]

    async def follow() -> list[str]:
        return [event.value.id async for event in other]

    async def main() -> list[str]:
        task = asyncio.create_task(follow())
        await asyncio.to_thread(ben.leave)
        return await task

    assert asyncio.run(asyncio.wait_for(main(), PATIENCE_S)) == [said.id]
    assert list(sync) == []


def test_everything_that_can_be_heard_is(join: Join) -> None:
    """Each happening of the chat reaches its callback with what the table promises."""
    ada, ben = join("heard"), join("heard")
    heard: list[tuple[str, Any]] = []
    for name in ("message", "poll", "share", "file", "vote", "close", "edit", "delete", "reaction"):
        ben.on(name)(lambda value, *_, name=name: heard.append((name, value)))
    poll = ada.polls.ask("Q?", "A", "B")
    poll.vote("A")
    poll.close()
    message = ada.chat.send("x", data={"text/plain": "y"}, files=[ada.files.upload(b"z", "z.txt")])
    ada.chat.edit(message, "xx")
    ada.chat.react(message, "🎉")
    ada.chat.delete(message)
    until(lambda: len(heard) == 10)
    assert [name for name, _ in heard] == [
        *("message", "poll", "vote", "close"),
        *("message", "share", "file", "edit", "reaction", "delete"),
    ]
    by_name = dict(heard)
    assert by_name["vote"].poll.results == {"A": 1, "B": 0}
    assert by_name["close"].poll.closed
    assert by_name["file"].name == "z.txt"
    assert by_name["edit"].body == "xx"


def test_a_kernel_may_choose_its_name(server: JupyterProcess, join: Join) -> None:
    """The name is shown with whose kernel it is, and nobody can be taken for somebody else."""
    plain = join("called")
    with meetwidget.join(
        "called", url=server.url, token=server.token, timeout=JOIN_S, name="Quiz master"
    ) as named:
        shown = named.you.display_name
        assert shown == f"Quiz master · {plain.you.name} (kernel)"
        assert (named.you.kind, named.you.name) == ("kernel", plain.you.name)
        until(lambda: shown in [str(who) for who in plain.people])
    for bad in ("", "x" * 65, "two\nlines"):
        with pytest.raises(MeetError, match="visible characters"):
            meetwidget.join("called", url=server.url, token=server.token, timeout=JOIN_S, name=bad)
