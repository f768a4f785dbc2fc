"""The relay's numbers in Prometheus' format, made when they are asked for.

Nothing here runs while nobody asks: the relay adds to plain numbers (:mod:`.counts`), and a
scrape turns them into metrics.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, GCCollector, ProcessCollector, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

import meetwidget
from meetwidget.wire.control import ClientMessage, Kind, RelayMessage
from meetwidget_server.operations.counts import Histogram, tag
from meetwidget_server.room.tally import WAIT_BOUNDS_S, KindTally

if TYPE_CHECKING:
    from meetwidget_server.relay import Relay

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
"""What :meth:`Metrics.render` gives; every version of Prometheus reads it."""
KINDS: tuple[Kind, ...] = ("person", "kernel", "guest")
RECHECKS = ("unchanged", "changed", "gone", "unreachable")


class Metrics:
    """The metrics of one relay, in a registry of their own."""

    def __init__(self, relay: Relay) -> None:
        self.registry = CollectorRegistry()
        self.registry.register(RelayCollector(relay))
        ProcessCollector(registry=self.registry)
        GCCollector(registry=self.registry)

    def render(self) -> bytes:
        """Returns all metrics as they are now, as :data:`CONTENT_TYPE`."""
        return generate_latest(self.registry)


class RelayCollector(Collector):
    """Reads a relay's counts."""

    def __init__(self, relay: Relay) -> None:
        self._relay = relay

    def describe(self) -> Iterable[Metric]:
        """Nothing is counted just because a registry wants to know the names."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Yields every metric, those at zero too, so that rates begin with the first event."""
        version = InfoMetricFamily("meetwidget", "Version of the relay.")
        version.add_metric([], {"version": meetwidget.__version__})
        yield version
        yield from self._rooms()
        yield from self._people()
        yield from self._control()
        yield from self._media()
        yield from self._log()
        yield _histogram(
            "meetwidget_loop_lag_seconds",
            "How late the event loop was, measured while rooms are open.",
            {(): self._relay.counts.loop_lag},
        )

    def _rooms(self) -> Iterator[Metric]:
        rooms = [hosted.room for hosted in self._relay.live() if hosted.room is not None]
        kinds = Counter(one.kind for room in rooms for one in room.participants)
        yield GaugeMetricFamily("meetwidget_rooms", "Rooms that are open.", len(rooms))
        yield _gauge(
            "meetwidget_participants",
            "Connections in rooms, those in a grace period included.",
            "kind",
            {kind: kinds[kind] for kind in KINDS},
        )
        waiting = sum(room.waiting for room in rooms)
        yield GaugeMetricFamily("meetwidget_waiting", "People in waiting rooms.", waiting)

    def _people(self) -> Iterator[Metric]:
        counts = self._relay.counts
        yield CounterMetricFamily(
            "meetwidget_joins", "Participants who came into a room.", counts.acts["joined"]
        )
        yield _counter(
            "meetwidget_joins_refused",
            "People who were not let into a room, by the code they were told.",
            "code",
            counts.refused,
        )
        yield _counter(
            "meetwidget_resumes",
            "Returns after a lost connection; recovered: nothing of the chat was missed.",
            "recovered",
            {"true": counts.resumes[True], "false": counts.resumes[False]},
        )
        yield _counter(
            "meetwidget_tickets",
            "Tickets that were issued.",
            "client",
            {"browser": 0, "kernel": 0, **counts.tickets},
        )
        yield _counter(
            "meetwidget_tickets_refused",
            "Tickets that were refused, by the code that was told.",
            "code",
            counts.tickets_refused,
        )
        yield _counter(
            "meetwidget_rechecks",
            "Answers of the hub when asked again about somebody who is in.",
            "result",
            {**dict.fromkeys(RECHECKS, 0), **counts.rechecks},
        )
        yield _counter(
            "meetwidget_moderation",
            "Acts of moderators.",
            "act",
            {
                act: counts.acts[act]
                for act in ("admitted", "denied", "removed", "muted", "role", "cleared")
            },
        )

    def _control(self) -> Iterator[Metric]:
        counts = self._relay.counts
        yield _counter(
            "meetwidget_control_messages_received",
            "Control messages from clients.",
            "type",
            {tag(struct): counts.received[struct] for struct in ClientMessage.__subclasses__()},
        )
        yield _counter(
            "meetwidget_control_messages_sent",
            "Control messages to clients, each receiver counted.",
            "type",
            {tag(struct): counts.sent[struct] for struct in RelayMessage.__subclasses__()}
            | {tag(struct): number for struct, number in counts.sent.items()},
        )
        yield CounterMetricFamily(
            "meetwidget_control_unreadable",
            "Control frames that were no message of the protocol.",
            counts.unreadable,
        )
        yield _counter(
            "meetwidget_closes",
            "Sockets that rooms closed, by close code.",
            "code",
            {str(int(code)): number for code, number in counts.closes.items()},
        )

    def _media(self) -> Iterator[Metric]:
        media = self._relay.counts.media
        kinds = {"audio": media.audio, "video": media.video, "data": media.data}
        for what, name in (("frames", "frames"), ("bytes", "bytes")):
            received = CounterMetricFamily(
                f"meetwidget_media_{name}_received",
                f"Media {what} from senders; watched: for at least one receiver.",
                labels=["kind", "watched"],
            )
            for kind, tally in kinds.items():
                received.add_metric([kind, "true"], getattr(tally, f"{what}_in"))
                received.add_metric([kind, "false"], getattr(tally, f"idle_{what}"))
            yield received
            yield _counter(
                f"meetwidget_media_{name}_sent",
                f"Media {what} to receivers, each receiver counted.",
                "kind",
                {kind: getattr(tally, f"{what}_out") for kind, tally in kinds.items()},
            )
        dropped = CounterMetricFamily(
            "meetwidget_media_frames_dropped",
            "Media frames that a receiver did not get, by reason.",
            labels=["kind", "reason"],
        )
        for kind, tally in kinds.items():
            for reason, number in tally.drops.items():
                dropped.add_metric([kind, reason], number)
        yield dropped
        yield _histogram(
            "meetwidget_media_queue_seconds",
            "How long frames waited in the relay for a receiver's line.",
            {(kind,): _waits(tally) for kind, tally in kinds.items()},
            ["kind"],
        )
        yield _counter(
            "meetwidget_media_adaptations",
            "Times that a receiver's line got a smaller (down) or larger (up) picture of a tile.",
            "direction",
            {"down": media.steps_down, "up": media.steps_up},
        )

    def _log(self) -> Iterator[Metric]:
        counts = self._relay.counts
        yield _histogram(
            "meetwidget_log_append_seconds",
            "How long it took until an event was durable.",
            {(): counts.appends},
        )
        yield CounterMetricFamily(
            "meetwidget_log_not_kept",
            "Events that could not be made durable; their senders were told.",
            counts.not_kept,
        )
        yield GaugeMetricFamily(
            "meetwidget_log_bytes", "Size of the log on disk.", self._relay.store.bytes_on_disk()
        )
        yield GaugeMetricFamily(
            "meetwidget_file_bytes",
            "Size of the files that go with messages.",
            self._relay.store.file_bytes(),
        )


def _gauge(name: str, text: str, label: str, values: Mapping[str, float]) -> Metric:
    family = GaugeMetricFamily(name, text, labels=[label])
    for value, number in values.items():
        family.add_metric([value], number)
    return family


def _counter(name: str, text: str, label: str, values: Mapping[str, float]) -> Metric:
    family = CounterMetricFamily(name, text, labels=[label])
    for value, number in values.items():
        family.add_metric([value], number)
    return family


def _waits(tally: KindTally) -> Histogram:
    """Returns all frames by their waiting: those that passed at once waited for nothing."""
    histogram = Histogram(WAIT_BOUNDS_S)
    histogram.counts = list(tally.waits)
    histogram.counts[0] += tally.frames_out - sum(tally.waits)
    histogram.total = tally.waited_s
    return histogram


def _histogram(
    name: str,
    text: str,
    values: Mapping[tuple[str, ...], Histogram],
    labels: Sequence[str] = (),
) -> Metric:
    family = HistogramMetricFamily(name, text, labels=labels)
    for value, histogram in values.items():
        bounds = [*map(str, histogram.bounds), "+Inf"]
        summed = itertools.accumulate(histogram.counts)
        family.add_metric(value, list(zip(bounds, summed, strict=True)), sum_value=histogram.total)
    return family
