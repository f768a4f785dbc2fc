"""The end of a loop turn: who decides, who writes, and in which order."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable, Coroutine

import pytest
from meetwidget_server.socket import SocketOptions, text_frame
from meetwidget_server.socket.hub import Hub, hub_of
from meetwidget_server.socket.poller import BATCH
from meetwidget_server.socket.raw import RawLink

from tests.unit.socket.client_frames import BINARY, client_frame


class Owner:
    """Somebody who keeps how a connection ended."""

    def __init__(self) -> None:
        self.ended: list[tuple[int, str]] = []

    def on_text(self, payload: bytes) -> None:
        """Not of interest."""

    def on_binary(self, payload: bytes) -> None:
        """Not of interest."""

    def on_drained(self) -> None:
        """Not of interest."""

    def link_ended(self, code: int, reason: str) -> None:
        """Keeps it."""
        self.ended.append((code, reason))


class Pair:
    """A link and the other end of its socket."""

    def __init__(self, hub: Hub, options: SocketOptions | None = None) -> None:
        ours, self.peer = socket.socketpair()
        ours.setblocking(False)
        self.peer.settimeout(20)
        self.owner = Owner()
        self.link = RawLink(self.owner, options or SocketOptions(), hub, ours, b"")


def run(scenario: Callable[[Hub], Coroutine[object, object, None]]) -> None:
    """Runs a scenario with a hub of its own and closes what it left."""

    async def whole() -> None:
        hub = hub_of(asyncio.get_running_loop())
        await scenario(hub)
        await hub.close_all(1001, "", grace=0)
        await asyncio.sleep(0)

    asyncio.run(whole())


def test_one_hub_serves_a_loop() -> None:
    """All sockets of a loop share a turn."""

    async def scenario(hub: Hub) -> None:
        assert hub_of(asyncio.get_running_loop()) is hub

    run(scenario)


def test_nothing_is_written_before_the_turn_ends() -> None:
    """Frames of one turn leave together, in one piece."""

    async def scenario(hub: Hub) -> None:
        pair = Pair(hub)
        pair.link.send(text_frame(b"a"))
        pair.link.send(text_frame(b"b"))
        assert pair.link.pending_bytes == 6
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert pair.link.pending_bytes == 0
        assert pair.peer.recv(100) == b"\x81\x01a\x81\x01b"
        pair.peer.close()

    run(scenario)


def test_what_cannot_wait_keeps_its_place() -> None:
    """``send_now`` follows what was sent before, and writes at once."""

    async def scenario(hub: Hub) -> None:
        pair = Pair(hub)
        pair.link.send_now(text_frame(b"1"))
        assert pair.peer.recv(100) == b"\x81\x011"
        pair.link.send(text_frame(b"2"))
        pair.link.send_now(text_frame(b"3"))
        assert pair.peer.recv(100) == b"\x81\x012\x81\x013"
        pair.peer.close()

    run(scenario)


def test_the_last_decisions_of_a_turn_are_written_in_it() -> None:
    """What a task sends at the end of a turn leaves in the same flush."""

    async def scenario(hub: Hub) -> None:
        pair = Pair(hub)
        hub.at_turn_end(lambda: pair.link.send(text_frame(b"late")))
        hub.flush()
        assert pair.peer.recv(100) == b"\x81\x04late"
        pair.peer.close()

    run(scenario)


def test_a_task_asked_for_by_a_task_runs_in_the_next_turn() -> None:
    """The end of a turn always comes, even for who never has enough."""

    async def scenario(hub: Hub) -> None:
        calls: list[int] = []

        def again() -> None:
            calls.append(len(calls))
            if len(calls) < 3:
                hub.at_turn_end(again)

        hub.at_turn_end(again)
        hub.flush()
        assert calls == [0]
        while len(calls) < 3:  # noqa: ASYNC110 - turns are what is counted
            await asyncio.sleep(0)

    run(scenario)


def test_a_task_that_fails_stops_neither_the_others_nor_the_writing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """One room's mistake is its own."""

    async def scenario(hub: Hub) -> None:
        pair = Pair(hub)

        def broken() -> None:
            raise RuntimeError("a defect")

        hub.at_turn_end(broken)
        hub.at_turn_end(lambda: pair.link.send(text_frame(b"ok")))
        hub.flush()
        assert pair.peer.recv(100) == b"\x81\x02ok"
        pair.peer.close()

    with caplog.at_level(logging.CRITICAL):
        run(scenario)


def test_a_dead_peer_is_dropped_and_the_others_are_written() -> None:
    """A write error ends its own link; the owner hears of it after the turn, not within."""

    async def scenario(hub: Hub) -> None:
        pairs = [Pair(hub) for _ in range(3)]
        pairs[1].peer.close()
        for pair in pairs:
            pair.link.send(text_frame(b"x"))
        hub.flush()
        assert pairs[1].owner.ended == []
        assert pairs[0].peer.recv(100) == pairs[2].peer.recv(100) == b"\x81\x01x"
        await asyncio.sleep(0)
        assert [pair.owner.ended for pair in pairs] == [[], [(1006, "")], []]
        pairs[0].peer.close()
        pairs[2].peer.close()

    run(scenario)


def test_more_sockets_than_a_batch_are_all_read() -> None:
    """Whoever was not in the first batch comes next; nobody is read twice or forgotten."""

    async def scenario(hub: Hub) -> None:
        pairs = [Pair(hub) for _ in range(2 * BATCH + 3)]
        heard: list[int] = []
        for number, pair in enumerate(pairs):
            pair.link.receive_binary_with(lambda _, number=number: heard.append(number))
            await pair.link.run()
            pair.peer.send(client_frame(BINARY, b"x"))
        while len(heard) < len(pairs):  # noqa: ASYNC110 - turns are what is counted
            await asyncio.sleep(0)
        assert sorted(heard) == list(range(len(pairs)))
        for pair in pairs:
            pair.peer.close()
        await asyncio.sleep(0)

    run(scenario)


def test_a_machine_that_slept_gives_its_peers_another_chance() -> None:
    """After a pause of the whole loop an unanswered ping proves nothing: the answer lies unread."""

    async def scenario(hub: Hub) -> None:
        pair = Pair(hub, SocketOptions(ping_interval=20, ping_timeout=15))
        now = hub.loop.time() + 20
        pair.link.beat(now, late=0)  # pings
        pair.link.beat(now + 3600, late=3575)  # woken up
        assert not pair.owner.ended
        assert not pair.link.closing
        pair.link.beat(now + 3600 + 16, late=0)
        await asyncio.sleep(0)
        assert pair.owner.ended == [(1006, "no answer to a ping")]
        pair.peer.close()

    run(scenario)


def test_without_an_interval_nobody_is_pinged() -> None:
    """Pings can be turned off."""

    async def scenario(hub: Hub) -> None:
        pair = Pair(hub, SocketOptions(ping_interval=0))
        pair.link.beat(hub.loop.time() + 1e6, late=0)
        assert pair.link.pending_bytes == 0
        pair.peer.close()

    run(scenario)
