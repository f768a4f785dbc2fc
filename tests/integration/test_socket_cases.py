"""The table of cases over real sockets: fast path, standard path, TLS, and Tornado itself."""

from __future__ import annotations

import asyncio
from typing import ClassVar

import pytest
from meetwidget_server.socket import SocketOptions
from tornado.websocket import WebSocketHandler

from tests.integration.socket_paths import PATHS, Path
from tests.integration.socket_rig import Recorder, Rig, until
from tests.unit.socket.client_frames import CASES, LIMIT, PING, Case, Message, client_frame

_FENCE = client_frame(PING, b"fence")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.name)
@pytest.mark.parametrize("early", [False, True], ids=["later", "early"])
def test_a_case_comes_out_as_the_table_says(case: Case, path: Path, early: bool) -> None:
    """Same messages and close code on every path, also for bytes sent with the handshake."""

    async def scenario() -> None:
        options = SocketOptions(max_message_bytes=LIMIT, fast_path=path.fast_path)
        async with Rig(Recorder, options, path.tls(), path.own_epoll) as rig:
            data = case.data if case.closed is not None else case.data + _FENCE
            client = await rig.connect(early=data if early else b"")
            connection = await rig.connection()
            if not early:
                assert connection.fast == path.takes_over
                await client.send(data)
            if case.closed is None:
                answer = (9, b"")
                while answer != (10, b"fence"):
                    answer = await client.frame()
                assert connection.gone == []
            else:
                assert await client.close_code() == case.closed
                client.writer.close()
                await until(lambda: connection.gone)
                assert [code for code, _ in connection.gone] == [case.closed]
            assert tuple(connection.messages) == case.messages

    asyncio.run(scenario())


class Plain(WebSocketHandler):
    """Tornado's own reader behind the same recording."""

    instances: ClassVar[list[Plain]] = []

    def open(self) -> None:
        self.instances.append(self)
        self.messages: list[Message] = []
        self.gone = False

    def on_message(self, message: str | bytes) -> None:
        if isinstance(message, str):
            self.messages.append(("text", message.encode()))
        else:
            self.messages.append(("binary", message))

    def on_close(self) -> None:
        self.gone = True


@pytest.mark.parametrize(
    "case", [case for case in CASES if case.tornado == "same"], ids=lambda case: case.name
)
def test_tornado_reads_the_case_alike(case: Case) -> None:
    """What Tornado's reader delivers and refuses, ours does too (it names its reason, besides)."""

    async def scenario() -> None:
        Plain.instances = []
        async with Rig(Plain, settings={"websocket_max_message_size": LIMIT}) as rig:
            client = await rig.connect()
            await until(lambda: Plain.instances)
            (connection,) = Plain.instances
            await client.send(case.data if case.closed is not None else case.data + _FENCE)
            if case.closed is None:
                answer = (9, b"")
                while answer != (10, b"fence"):
                    answer = await client.frame()
                assert not connection.gone
            else:
                await client.ended()
                await until(lambda: connection.gone)
            assert tuple(connection.messages) == case.messages

    asyncio.run(scenario())
