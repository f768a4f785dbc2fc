"""Clients that do not read: bounded memory, and nobody else waits for them."""

from __future__ import annotations

import asyncio

import pytest
from meetwidget_server.socket import SocketOptions, binary_frame

from tests.integration.socket_paths import PATHS, PLAIN_PATHS, Path
from tests.integration.socket_rig import Recorder, Rig, until

FRAME = binary_frame(b"x" * 10_000)
LIMIT = 1_000_000
"""Bytes that may wait for a client in these tests."""
SMALL_BUFFER = 8192
"""Receive buffer of a client that is to be full soon, bytes."""


def rig(path: Path, close_timeout: float = 20.0) -> Rig:
    """Returns a server with a small bound."""
    options = SocketOptions(
        fast_path=path.fast_path, max_pending_bytes=LIMIT, close_timeout=close_timeout
    )
    return Rig(Recorder, options, path.tls(), path.own_epoll)


async def fill(connection: Recorder, until_bytes: int) -> int:
    """Sends until so much waits; returns how many frames that took."""
    count = 0
    while connection.pending_bytes < until_bytes and not connection.closing:
        connection.send(FRAME)
        count += 1
        await asyncio.sleep(0)
    return count


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.name)
def test_a_client_that_never_reads_is_closed_at_the_bound(path: Path) -> None:
    """What waits for it never exceeds the bound by more than a frame; then it is 1013."""

    async def scenario() -> None:
        async with rig(path, close_timeout=0.05) as server:
            await server.connect(receive_buffer=SMALL_BUFFER)
            connection = await server.connection()
            highest = 0
            while not connection.gone:
                connection.send(FRAME)
                highest = max(highest, connection.pending_bytes)
                await asyncio.sleep(0)
            assert highest <= LIMIT + len(FRAME)
            assert [code for code, _ in connection.gone] == [1013]
            assert connection.pending_bytes == 0

    asyncio.run(scenario())


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.name)
def test_a_client_that_reads_again_gets_everything_in_order(path: Path) -> None:
    """Waiting bytes are delivered whole, and the application learns when they are out."""

    async def scenario() -> None:
        async with rig(path) as server:
            client = await server.connect(receive_buffer=SMALL_BUFFER)
            connection = await server.connection()
            count = await fill(connection, LIMIT // 2)
            assert connection.drained == 0
            for _ in range(count):
                assert await client.frame() == (2, b"x" * 10_000)
            await until(lambda: connection.drained)
            assert connection.pending_bytes == 0
            assert connection.gone == []

    asyncio.run(scenario())


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.name)
def test_a_client_that_reads_after_the_bound_is_told_why(path: Path) -> None:
    """The close frame follows the frame that was being written; nothing is cut in half."""

    async def scenario() -> None:
        async with rig(path) as server:
            client = await server.connect(receive_buffer=SMALL_BUFFER)
            connection = await server.connection()
            await fill(connection, 2 * LIMIT)
            assert connection.closing
            assert await client.close_code() == 1013

    asyncio.run(scenario())


@pytest.mark.parametrize("path", PLAIN_PATHS, ids=lambda path: path.name)
def test_a_blocked_client_delays_nobody(path: Path) -> None:
    """A fan-out to a client that does not read and one that does reaches the latter at once."""

    async def scenario() -> None:
        async with rig(path) as server:
            await server.connect(receive_buffer=SMALL_BUFFER)
            reader = await server.connect()
            await server.connection()
            blocked, other = server.connections
            await fill(blocked, LIMIT // 2)
            for _ in range(20):
                blocked.send(FRAME)
                other.send(FRAME)
                assert await reader.frame() == (2, b"x" * 10_000)
            assert blocked.pending_bytes > LIMIT // 2
            assert not blocked.gone

    asyncio.run(scenario())


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.name)
def test_more_than_the_bound_at_once_is_fine_for_a_client_that_reads(path: Path) -> None:
    """The bound is on what the operating system did not take, not on what one turn sends."""

    async def scenario() -> None:
        async with rig(path) as server:
            client = await server.connect()
            connection = await server.connection()
            for _ in range(50):
                connection.send(FRAME)
            for _ in range(50):
                assert await client.frame() == (2, b"x" * 10_000)
            assert connection.gone == []

    asyncio.run(scenario())
