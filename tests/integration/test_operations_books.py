"""What a real relay writes down: the books of who did what, and a log without secrets."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from meetwidget_server.operations.logs import JsonLines

from tests.integration.conftest import Server, until
from tests.integration.peer import Peer
from tests.integration.wire_client import Closed


@pytest.fixture
def books(meet: Server) -> Iterator[list[dict[str, Any]]]:
    """What the server's own event logger is given, as its handlers write it."""
    written: list[dict[str, Any]] = []

    class Reader(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            entry = json.loads(self.format(record))
            written.append({k: v for k, v in entry.items() if not k.startswith("__")})

    reader = Reader()
    meet.app.event_logger.register_handler(reader)
    yield written
    meet.app.event_logger.remove_handler(reader)


def acts(books: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(entry["action"], entry["user"]) for entry in books]


async def moderate(peer: Peer, action: str, **fields: Any) -> None:
    await peer.ask("moderate", action=action, **fields)


async def test_books_tell_who_came_and_what_was_done(
    meet: Server, books: list[dict[str, Any]]
) -> None:
    """Joins, moderation, settings and leaves, in order, each with who and to whom."""
    ada, bob = await meet.join(person="ada"), await meet.join(person="bob")
    you = bob.welcome["you"]["id"]
    await moderate(ada, "mute", target=you)
    await moderate(ada, "role", target=you, role="observer")
    await moderate(ada, "lock")
    eve, ticket = await meet.connect(person="eve")
    with pytest.raises(Closed, match="4403"):
        await eve.hello(ticket)
    await moderate(ada, "unlock")
    await ada.ask("room.set", access="lobby")
    await moderate(ada, "remove", target=you)
    await bob.closed()
    await ada.leave()
    await until(lambda: ("left", "ada") in acts(books))
    assert [one for one in acts(books) if one[0] != "left"] == [
        ("joined", "ada"),
        ("joined", "bob"),
        ("muted", "ada"),
        ("role", "ada"),
        ("locked", "ada"),
        ("refused", "eve"),
        ("unlocked", "ada"),
        ("room-set", "ada"),
        ("removed", "ada"),
    ]
    by_act = {entry["action"]: entry for entry in books}
    assert (by_act["role"]["target_user"], by_act["role"]["detail"]) == ("bob", "observer")
    assert by_act["refused"]["detail"] == "room-locked"
    assert "lobby" in by_act["room-set"]["detail"]
    assert {entry["room"] for entry in books} == {"lab"}


async def test_words_never_get_into_the_books(meet: Server, books: list[dict[str, Any]]) -> None:
    """What is said in a room is for the room."""
    ada = await meet.join(person="ada")
    await ada.chat("s3cretWord")
    await ada.leave()
    await until(lambda: ("left", "ada") in acts(books))
    assert "s3cretWord" not in json.dumps(books)


async def test_bad_ticket_is_in_the_books(meet: Server, books: list[dict[str, Any]]) -> None:
    """Somebody tried, and nobody knows who."""
    peer, ticket = await meet.connect()
    await peer.hello(ticket)
    thief = await Peer.connect((await meet.ticket("lab"))["control_url"])
    with pytest.raises(Closed, match="4401"):
        await thief.hello(ticket)
    assert {
        "action": "refused",
        "room": "",
        "user": "",
        "kind": "",
        "detail": "bad-ticket",
    } in books


async def test_log_at_debug_holds_no_credential(meet: Server) -> None:
    """Tickets, session and media tokens, and the server's token are in no line, and lines are JSON."""
    out, raw = io.StringIO(), io.StringIO()
    handler, plain = logging.StreamHandler(out), logging.StreamHandler(raw)
    handler.setFormatter(JsonLines())  # strikes out; what others would log is in the other
    root = logging.getLogger()
    loggers = [root, meet.app.log, meet.extension.log]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.addHandler(handler)
        logger.addHandler(plain)
        logger.setLevel(logging.DEBUG)
    try:
        peers = [await meet.join(person="ada"), await meet.join(person="bob")]
        tickets = [(await meet.ticket("lab"))["ticket"] for _ in range(2)]
        lane = await peers[0].lane()
        lane.wire.send(1, b"no media")
        thief = await Peer.connect((await meet.ticket("lab"))["control_url"])
        thief.say({"type": "hello", "protocol": 1, "ticket": tickets[0] + "x", "client": {}})
        await thief.closed()
        peers[1].say("no message at all")
        await peers[1].closed()
        await meet.fetch("rooms", None, params={"token": meet.app.identity_provider.token})
        await peers[0].leave()
        await until(lambda: '"act": "left"' in out.getvalue())
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.removeHandler(handler)
            logger.removeHandler(plain)
            logger.setLevel(level)
    log = out.getvalue()
    assert "/meet/api/rooms" in raw.getvalue()
    secrets = [
        *tickets,
        meet.app.identity_provider.token,
        *(peer.welcome["session"] for peer in peers),
        *(peer.welcome["media"]["token"] for peer in peers),
        meet.extension.settings["meetwidget_kernel_secret"],
    ]
    assert [
        line for line in (log + raw.getvalue()).splitlines() if any(one in line for one in secrets)
    ] == []
    entries = [json.loads(line) for line in log.splitlines()]
    joined = [entry for entry in entries if entry.get("act") == "joined"]
    assert {(e["room"], e["user"], e["kind"]) for e in joined} == {
        ("lab", "ada", "person"),
        ("lab", "bob", "person"),
    }
