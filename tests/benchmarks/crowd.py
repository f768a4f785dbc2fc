"""Many participants in one process: sends what is due, reads what comes, acknowledges."""

from __future__ import annotations

import select
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.benchmarks.load import Seat
from tests.benchmarks.participants import Participant
from tests.benchmarks.senders import CYCLE_MS, Sender

ACK_MS = 100
_GLANCE_SECONDS = 0.05


@dataclass
class Tally:
    """What a crowd saw in a stretch of time."""

    seconds: float = 0.0
    cpu_seconds: float = 0.0
    """Of the crowd's own process."""
    server_cpu_seconds: float = 0.0
    delivered: int = 0
    offered: int = 0
    payload_bytes: int = 0
    delays_us: list[int] = field(default_factory=list)
    late_us: list[int] = field(default_factory=list)
    """How long after its time each turn of sending was."""


class Crowd:
    """Participants who are all in; some of them send."""

    def __init__(self, people: list[Participant], senders: list[Sender], probes: int) -> None:
        """Starts with everybody silent.

        Args:
            people: who receives.
            senders: what is sent.
            probes: how many participants note the delay of what they receive, spread evenly.
        """
        seats = [seat for person in people for seat in person.seats]
        every = max(1, len(people) // probes) if probes else 0
        noting = {
            seat
            for number, person in enumerate(people)
            if every and number % every == 0
            for seat in person.seats
        }
        self._epoll = select.epoll()
        self._seats: dict[int, tuple[Seat, bool]] = {}
        for seat in seats:
            self._seats[seat.socket.fileno()] = (seat, seat in noting)
        for number in self._seats:
            self._epoll.register(number, select.EPOLLIN)
        self._senders = senders
        self._due: list[list[Sender]] = [[] for _ in range(CYCLE_MS)]
        for sender in senders:
            for slot in sender.slots():
                self._due[slot].append(sender)
        # Acknowledgements of different people do not come in one instant either.
        self._acks: list[list[Seat]] = [[] for _ in range(ACK_MS)]
        for place, seat in enumerate(seats):
            self._acks[place * 37 % ACK_MS].append(seat)

    def run(
        self,
        begin: float,
        warm: float,
        seconds: float,
        tick: float,
        server_cpu: Callable[[], float] = lambda: 0.0,
    ) -> Tally:
        """Sends and receives for ``warm`` seconds, then counts for ``seconds``.

        Args:
            begin: when, on the monotonic clock that all processes share; until then only what
                an earlier run left on its way is taken.
            warm: seconds before anything counts.
            seconds: seconds that count.
            tick: seconds to sleep between turns; 0 wakes up for everything that comes.
            server_cpu: reads the CPU time of the server, seconds.
        """
        try:
            self._drain(begin)
            for sender in self._senders:
                sender.start()
            state = _Run(begin)
            self._until(begin + warm, state, Tally(), tick)
            tally = Tally()
            start, cpu, server = time.monotonic(), time.process_time(), server_cpu()
            self._until(start + seconds, state, tally, tick)
            tally.seconds = time.monotonic() - start
            tally.cpu_seconds = time.process_time() - cpu
            tally.server_cpu_seconds = server_cpu() - server
        finally:
            self._epoll.close()
        return tally

    def _drain(self, until: float) -> None:
        while (left := until - time.monotonic()) > 0:
            self._read(min(left, _GLANCE_SECONDS), Tally())
            for seat, _ in self._seats.values():
                seat.acknowledge()

    def _until(self, end: float, state: _Run, tally: Tally, tick: float) -> None:
        while (now := time.monotonic()) < end:
            due = int((now - state.begun) * 1000)
            if state.slot <= due:
                tally.late_us.append(int((now - state.begun) * 1e6) - state.slot * 1000)
            while state.slot <= due:
                for sender in self._due[state.slot % CYCLE_MS]:
                    if sender.send():
                        tally.offered += sender.watchers
                for seat in self._acks[state.slot % ACK_MS]:
                    seat.acknowledge()
                state.slot += 1
            pause = state.begun + state.slot / 1000 - time.monotonic()
            if tick:
                time.sleep(max(0.0, pause, tick))
                self._read(0.0, tally)
            else:
                self._read(max(0.0, pause), tally)

    def _read(self, timeout: float, tally: Tally) -> None:
        for number, _ in self._epoll.poll(timeout, 4096):
            seat, notes = self._seats[number]
            before = seat.payload_bytes
            tally.delivered += seat.receive(tally.delays_us if notes else None)
            tally.payload_bytes += seat.payload_bytes - before


@dataclass
class _Run:
    """Where a run is."""

    begun: float
    slot: int = 0
    """The next ms whose senders have not sent."""
