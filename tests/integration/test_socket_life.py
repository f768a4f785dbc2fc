"""A connection's life on every path: opening, pings, closing, and one peer's trouble."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Coroutine
from dataclasses import replace

import pytest
from meetwidget_server.socket import SocketOptions, binary_frame, hub_of, text_frame

from tests.integration.socket_paths import PATHS, PLAIN_PATHS, Path
from tests.integration.socket_rig import Recorder, Rig, until
from tests.unit.socket.client_frames import CLOSE, TEXT, client_frame, close_payload

every_path = pytest.mark.parametrize("path", PATHS, ids=lambda path: path.name)
plain_paths = pytest.mark.parametrize("path", PLAIN_PATHS, ids=lambda path: path.name)


def run(scenario: Coroutine[object, object, None]) -> None:
    """Runs a scenario on a loop of its own, where whatever is left over is an error."""
    asyncio.run(scenario)


def rig(path: Path, handler: type[Recorder] = Recorder, **options: float) -> Rig:
    """Returns a server on one path."""
    return Rig(
        handler,
        replace(SocketOptions(fast_path=path.fast_path), **options),
        path.tls(),
        path.own_epoll,
    )


@every_path
def test_frames_sent_in_one_turn_arrive_in_order(path: Path) -> None:
    """Coalescing joins frames and never reorders them."""

    async def scenario() -> None:
        async with rig(path) as server:
            client = await server.connect()
            connection = await server.connection()
            for number in range(500):
                connection.send(text_frame(b"%d" % number))
            connection.send(binary_frame(b"x" * 70_000))
            assert [await client.frame() for _ in range(500)] == [
                (1, b"%d" % number) for number in range(500)
            ]
            assert await client.frame() == (2, b"x" * 70_000)
            assert connection.pending_bytes == 0

    run(scenario())


@every_path
def test_the_application_closes_with_code_and_reason(path: Path) -> None:
    """What was sent before arrives before; the client's answer ends the connection."""

    async def scenario() -> None:
        async with rig(path) as server:
            client = await server.connect()
            connection = await server.connection()
            connection.send(text_frame(b"last words"))
            connection.close(4409, "replaced")
            connection.send(text_frame(b"too late"))
            assert connection.closing
            assert await client.frame() == (1, b"last words")
            assert await client.frame() == (8, close_payload(4409, b"replaced"))
            assert connection.gone == []
            await client.send(client_frame(CLOSE, close_payload(4409)))
            await until(lambda: connection.gone)
            assert connection.gone == [(4409, "replaced")]
            await client.ended()

    run(scenario())


@every_path
def test_a_client_that_does_not_answer_a_close_is_cut_off(path: Path) -> None:
    """The closing handshake has a deadline."""

    async def scenario() -> None:
        async with rig(path, close_timeout=0.05) as server:
            client = await server.connect()
            connection = await server.connection()
            connection.close(4410, "removed")
            await until(lambda: connection.gone)
            assert connection.gone == [(4410, "removed")]
            assert await client.close_code() == 4410

    run(scenario())


@every_path
def test_messages_after_the_application_closed_are_not_delivered(path: Path) -> None:
    """An application that closed a connection hears nothing from it any more."""

    class Strict(Recorder):
        def on_text(self, payload: bytes) -> None:
            super().on_text(payload)
            self.close(4400, "no")

    async def scenario() -> None:
        async with rig(path, Strict) as server:
            client = await server.connect()
            connection = await server.connection()
            await client.send(client_frame(TEXT, b"1") + client_frame(TEXT, b"2"))
            assert await client.close_code() == 4400
            await client.send(client_frame(TEXT, b"3") + client_frame(CLOSE, close_payload(4400)))
            await until(lambda: connection.gone)
            assert connection.messages == [("text", b"1")]

    run(scenario())


@every_path
def test_much_can_be_said_while_opening(path: Path) -> None:
    """More than the socket takes, then a close: all of it arrives, and early messages count."""

    class Talkative(Recorder):
        def opened(self) -> None:
            super().opened()
            for _ in range(100):
                self.send_now(binary_frame(b"x" * 60_000))
            self.send_now(text_frame(b"end"))

    async def scenario() -> None:
        async with rig(path, Talkative) as server:
            client = await server.connect(early=client_frame(TEXT, b"early"), receive_buffer=8192)
            connection = await server.connection()
            assert connection.pending_bytes > 0
            await client.send(client_frame(TEXT, b"later"))
            for _ in range(100):
                assert await client.frame() == (2, b"x" * 60_000)
            assert await client.frame() == (1, b"end")
            await until(lambda: len(connection.messages) == 2)
            assert connection.messages == [("text", b"early"), ("text", b"later")]

    run(scenario())


@every_path
def test_a_vanished_client_is_1006(path: Path) -> None:
    """A connection that ends without a close frame says so."""

    async def scenario() -> None:
        async with rig(path) as server:
            client = await server.connect()
            connection = await server.connection()
            client.writer.transport.abort()
            await until(lambda: connection.gone)
            assert connection.gone == [(1006, "")]

    run(scenario())


@every_path
def test_dropping_a_connection_needs_no_agreement(path: Path) -> None:
    """``abort`` ends it at once; the application hears of it later, not from inside."""

    async def scenario() -> None:
        async with rig(path) as server:
            client = await server.connect()
            connection = await server.connection()
            connection.abort()
            assert connection.gone == []
            await until(lambda: connection.gone)
            assert connection.gone == [(1006, "")]
            assert await client.close_code() == 1006
            connection.send(text_frame(b"nobody"))
            connection.close(1000)
            connection.abort()

    run(scenario())


@every_path
def test_an_exception_closes_its_own_connection_only(path: Path) -> None:
    """One client's message breaks the application: the others notice nothing."""

    class Fragile(Recorder):
        def on_text(self, payload: bytes) -> None:
            if payload == b"break":
                raise RuntimeError("a defect")
            super().on_text(payload)
            for other in self.instances:
                other.send(text_frame(payload))  # type: ignore[attr-defined]

    async def scenario() -> None:
        async with rig(path, Fragile) as server:
            server.errors = 1
            first, second = await server.connect(), await server.connect()
            await server.connection()
            await first.send(client_frame(TEXT, b"break") + client_frame(TEXT, b"more"))
            await second.send(client_frame(TEXT, b"hello"))
            assert await first.close_code() == 1011
            assert await second.frame() == (1, b"hello")
            first.writer.close()
            await until(lambda: server.connections[0].gone)
            assert server.connections[0].gone == [(1011, "internal error")]
            assert server.connections[1].gone == []

    run(scenario())


@every_path
def test_an_exception_while_opening_closes_the_connection(path: Path) -> None:
    """A handler that cannot start says 1011 and is told of its end."""

    class Broken(Recorder):
        def opened(self) -> None:
            super().opened()
            raise RuntimeError("a defect")

    async def scenario() -> None:
        async with rig(path, Broken) as server:
            server.errors = 1
            client = await server.connect()
            connection = await server.connection()
            assert await client.close_code() == 1011
            client.writer.close()
            await until(lambda: connection.gone)
            assert connection.gone == [(1011, "internal error")]

    run(scenario())


@plain_paths
def test_a_reset_connection_touches_no_other(path: Path) -> None:
    """Writing to a peer that reset its connection ends that one, in the middle of a fan-out."""

    async def scenario() -> None:
        async with rig(path) as server:
            clients = [await server.connect() for _ in range(3)]
            await server.connection()
            raw: socket.socket = clients[1].writer.get_extra_info("socket")
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            clients[1].writer.transport.abort()
            while not server.connections[1].gone:
                for connection in server.connections:
                    connection.send(text_frame(b"to all"))
                await asyncio.sleep(0)
            for index in (0, 2):
                assert await clients[index].frame() == (1, b"to all")
                assert server.connections[index].gone == []
            assert server.connections[1].gone == [(1006, "")]

    run(scenario())


@every_path
def test_a_stopping_server_takes_leave_of_everybody(path: Path) -> None:
    """``close_all`` returns when all have answered, and nobody is left."""

    async def scenario() -> None:
        async with rig(path) as server:
            clients = [await server.connect() for _ in range(3)]
            await server.connection()
            hub = hub_of(asyncio.get_running_loop())
            closing = asyncio.create_task(hub.close_all(1012, "restarting", grace=20))
            for client in clients:
                assert await client.close_code() == 1012
                await client.send(client_frame(CLOSE, close_payload(1012)))
            await closing
            assert not hub.links
            await until(lambda: all(connection.gone for connection in server.connections))
            assert {connection.gone[0] for connection in server.connections} == {
                (1012, "restarting")
            }

    run(scenario())
