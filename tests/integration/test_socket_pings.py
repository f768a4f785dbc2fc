"""Pings and pongs on every path, and who does not answer."""

from __future__ import annotations

from tests.integration.socket_paths import Path
from tests.integration.socket_rig import until
from tests.integration.test_socket_life import every_path, rig, run
from tests.unit.socket.client_frames import PING, PONG, TEXT, client_frame


@every_path
def test_pings_are_sent_and_answered(path: Path) -> None:
    """The relay pings by itself, keeps who answers, and answers the client's pings."""

    async def scenario() -> None:
        async with rig(path, ping_interval=0.05, ping_timeout=0.05) as server:
            client = await server.connect()
            connection = await server.connection()
            for _ in range(3):
                assert await client.frame() == (9, b"")
                await client.send(client_frame(PONG))
            assert connection.gone == []

    run(scenario())


@every_path
def test_a_pong_carries_the_newest_pings_payload(path: Path) -> None:
    """A burst of pings is answered, at least the last one (RFC 6455, 5.5.3)."""

    async def scenario() -> None:
        async with rig(path) as server:
            client = await server.connect()
            await client.send(b"".join(client_frame(PING, b"%d" % n) for n in range(100)))
            answers = [await client.frame()]
            while answers[-1] != (10, b"99"):
                answers.append(await client.frame())
            assert {opcode for opcode, _ in answers} == {10}

    run(scenario())


@every_path
def test_a_half_open_connection_is_given_up(path: Path) -> None:
    """Nobody answers the ping: the connection is over, without waiting for TCP."""

    async def scenario() -> None:
        async with rig(path, ping_interval=0.05, ping_timeout=0.05) as server:
            client = await server.connect()
            connection = await server.connection()
            await until(lambda: connection.gone)
            assert connection.gone == [(1006, "no answer to a ping")]
            assert await client.close_code() == 1006

    run(scenario())


@every_path
def test_anything_the_client_sends_is_a_sign_of_life(path: Path) -> None:
    """A client whose pong is stuck behind its own data is not cut off."""

    async def scenario() -> None:
        async with rig(path, ping_interval=0.05, ping_timeout=0.05) as server:
            client = await server.connect()
            connection = await server.connection()
            for _ in range(4):
                assert (await client.frame())[0] == 9
                await client.send(client_frame(TEXT, b"busy"))
            assert connection.gone == []

    run(scenario())
