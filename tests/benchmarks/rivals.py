"""Who is compared: the relay in a Jupyter server, and the plain loop in Tornado and in Jupyter."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tests.benchmarks.load import Seat
from tests.benchmarks.processes import plain_server, resident_bytes
from tests.benchmarks.relay import CAMERA, VOICE, join, jupyter_server, seat_room
from tests.benchmarks.wire import Client

_IN_JUPYTER = (
    'c.ServerApp.jpserver_extensions = {"tests.benchmarks.plain_extension": True}\n'
    "c.MeetRelay.freeze_garbage = False  # that would be our doing\n"
)
_PATIENT = "c.MeetRelay.hello_timeout = 600\n"


@dataclass
class Server:
    """A running server and how seats in it are taken."""

    pid: int
    one_speaker: Callable[[int], list[Seat]]
    """A speaker and so many listeners."""
    room: Callable[[str], list[Seat]]
    """Six who all send and watch all."""
    idle: Callable[[int], object]
    """One more connection that only is there; the number is its place in the order."""


def _plain(pid: int, port: int, path: str) -> Server:
    def seat(room: str) -> Seat:
        return Seat(Client(port, f"{path}{room}"), (1, 2), acknowledges=False)

    return Server(
        pid,
        lambda listeners: [seat("fan") for _ in range(listeners + 1)],
        lambda room: [seat(room) for _ in range(6)],
        lambda number: Client(port, f"{path}{number // 10}"),
    )


@contextmanager
def bare_tornado() -> Iterator[Server]:
    """``for client in clients: client.write_message(message)``, nothing else."""
    with plain_server() as (pid, port):
        yield _plain(pid, port, "/")


@contextmanager
def tornado_in_jupyter() -> Iterator[Server]:
    """The same loop as an extension of a Jupyter server."""
    with jupyter_server(_IN_JUPYTER) as server:
        yield _plain(server.pid, server.port, f"{server.base_url}plain/")


@contextmanager
def relay() -> Iterator[Server]:
    """Meetwidget in a Jupyter server: tickets, rooms, watchers, queues, acknowledgements."""
    with jupyter_server(_PATIENT) as server:
        yield Server(
            server.pid,
            lambda listeners: seat_room(server, "fan", listeners + 1, 1, [VOICE]),
            lambda room: seat_room(server, room, 6, 6, [VOICE, CAMERA]),
            lambda number: join(server, f"idle-{number // 10}"),
        )


RIVALS = {"tornado": bare_tornado, "tornado in jupyter": tornado_in_jupyter, "relay": relay}


def idle_bytes(server: Server, warm: int = 200, count: int = 800) -> float:
    """Returns the growth of the resident set per idle connection."""
    kept = [server.idle(number) for number in range(warm)]
    time.sleep(2)
    before = resident_bytes(server.pid)
    kept += [server.idle(number) for number in range(warm, warm + count)]
    time.sleep(2)
    after = resident_bytes(server.pid)
    del kept
    return (after - before) / count
