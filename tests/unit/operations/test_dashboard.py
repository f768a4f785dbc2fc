"""Dashboard and documents name exactly the metrics that the relay gives."""

from __future__ import annotations

import asyncio
import json
import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from meetwidget_server.config import MeetRelay
from meetwidget_server.operations.metrics import Metrics
from meetwidget_server.relay import Relay
from meetwidget_server.store.sqlite import SQLiteStore
from prometheus_client.parser import text_string_to_metric_families

ROOT = Path(__file__).resolve().parents[3]
DASHBOARD = ROOT / "docs" / "grafana" / "meetwidget.json"
PAGE = ROOT / "docs" / "operations.md"
NAME = re.compile(r"\b(?:meetwidget|process|python)_[a-z_]+\b")
LABELS = re.compile(r"(\w+)\{([^}]*)\}")


async def metrics(folder: Path) -> dict[str, set[str]]:
    """Returns every sample of a relay in which one of each thing has happened, and its labels."""
    loop, log = asyncio.get_running_loop(), logging.getLogger("test.metrics")
    store = SQLiteStore(folder / "log.sqlite", kept=10, loop=loop, logger=log)
    relay = Relay(MeetRelay(), store, loop, log)
    relay.counts.refused["room-locked"] += 1
    relay.counts.tickets_refused["not-allowed"] += 1
    relay.counts.closes[4403] += 1
    text = Metrics(relay).render().decode()
    await relay.stop()
    found: dict[str, set[str]] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            found.setdefault(sample.name, set()).update(sample.labels)
    return found


def queries() -> Iterator[str]:
    """Every query of the dashboard, those of its variables too."""
    dashboard = json.loads(DASHBOARD.read_text(encoding="utf-8"))

    def walk(value: Any) -> Iterator[str]:
        if isinstance(value, dict):
            for name, inner in value.items():
                if name in ("expr", "definition") and isinstance(inner, str):
                    yield inner
                else:
                    yield from walk(inner)
        elif isinstance(value, list):
            for inner in value:
                yield from walk(inner)

    yield from walk(dashboard)


async def test_dashboard_asks_only_for_metrics_that_exist(tmp_path: Path) -> None:
    """Each metric and each label of each query is one that the relay gives."""
    known = await metrics(tmp_path)
    asked = [(query, name) for query in queries() for name in NAME.findall(query)]
    assert len(asked) > 30
    assert [(query, name) for query, name in asked if name not in known] == []
    outside = {"job", "instance"}  # Prometheus' own
    for query in queries():
        for name, selector in LABELS.findall(query):
            used = set(re.findall(r"(\w+)\s*=", selector)) - outside
            assert used <= known[name], (query, used)
        grouped = re.findall(r"by \(([^)]*)\)", query)
        given = set().union(*(known[name] for name in NAME.findall(query)))
        for labels in grouped:
            assert {label.strip() for label in labels.split(",")} <= given, query


async def test_dashboard_shows_every_metric_of_the_relay(tmp_path: Path) -> None:
    """No metric is collected that nobody would see."""
    shown = {name for query in queries() for name in NAME.findall(query)}
    bare = {re.sub(r"_(bucket|sum|count)$", "", name) for name in shown}
    missing = {
        name
        for name in await metrics(tmp_path)
        if name.startswith("meetwidget_") and re.sub(r"_(bucket|sum|count)$", "", name) not in bare
    }
    assert missing == {"meetwidget_info"}


async def test_operations_page_names_every_metric(tmp_path: Path) -> None:
    """docs/operations.md has a row for each metric of the relay, and no other."""
    page = PAGE.read_text(encoding="utf-8")
    rows = set(re.findall(r"^\| `(meetwidget_\w+)", page, re.MULTILINE))
    names = {
        re.sub(r"_(bucket|sum|count)$", "", name)
        for name in await metrics(tmp_path)
        if name.startswith("meetwidget_")
    }
    assert rows == names


def test_panels_have_distinct_ids_and_no_overlap() -> None:
    """Grafana shows each panel, beside and not upon another."""
    panels = json.loads(DASHBOARD.read_text(encoding="utf-8"))["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    taken: set[tuple[int, int]] = set()
    for panel in panels:
        place = panel["gridPos"]
        cells = {
            (place["x"] + column, place["y"] + line)
            for column in range(place["w"])
            for line in range(place["h"])
        }
        assert all(column < 24 for column, _ in cells)
        assert not cells & taken, panel["title"]
        taken |= cells
