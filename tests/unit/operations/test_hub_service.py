"""Metrics, books, log, erasure and export of the real service, before a hub in a test's hand."""

from __future__ import annotations

import io
import json
import logging
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest
from meetwidget_server.operations.logs import JsonLines, TextLines
from prometheus_client.parser import text_string_to_metric_families

from tests.unit.hub.small_hub import Rig, model, running

Hub = AbstractAsyncContextManager[Rig]


@pytest.fixture
def books(tmp_path: Path) -> Path:
    return tmp_path / "books" / "audit.jsonl"


@pytest.fixture
def hub(tmp_path: Path, books: Path, monkeypatch: pytest.MonkeyPatch) -> Hub:
    """A service that keeps books and lets guests in."""
    policy = tmp_path / "policy.toml"
    policy.write_text(
        '[default]\ncreate = ["everyone"]\njoin = ["everyone"]\n'
        '[[rooms]]\npattern = "open-door"\njoin = ["everyone"]\ncreate = ["everyone"]\nguests = true\n'
        '[[rooms]]\npattern = "staff"\njoin = ["user:bob"]\ncreate = ["user:bob"]\n'
    )
    options = {
        "audit_file": str(books),
        "allow_guests": True,
        "policy_file": str(policy),
        "recheck_interval": 0.1,
    }
    return running(tmp_path, monkeypatch, {"MeetHub": options}, {})


def entries(books: Path) -> list[dict[str, Any]]:
    """What the books hold; complete once the service has stopped."""
    return [json.loads(line) for line in books.read_text(encoding="utf-8").splitlines()]


async def scrape(rig: Rig, who: str) -> dict[str, float]:
    answer = await rig.fetch("metrics", who)
    assert answer.code == 200
    return {
        sample.name
        + "".join(f" {name}={value}" for name, value in sorted(sample.labels.items())): (
            sample.value
        )
        for family in text_string_to_metric_families(answer.body.decode())
        for sample in family.samples
    }


async def test_metrics_are_for_the_scope_and_for_admins(hub: Hub) -> None:
    """A scraper needs read:metrics and nothing else; somebody who may only meet is refused."""
    async with hub as rig:
        rig.hub.tokens["token-prometheus"] = {
            "name": "prometheus",
            "kind": "service",
            "scopes": ["read:metrics"],
        }
        rig.hub.tokens["token-root"] = model("root", admin=True)
        for who in ("prometheus", "root"):
            assert (await scrape(rig, who))["meetwidget_rooms"] == 0
        assert await rig.code("metrics", "ada") == (403, "not-allowed")
        # As Prometheus itself writes the header.
        bearer = {"Authorization": "Bearer token-prometheus"}
        assert (await rig.fetch("metrics", None, headers=bearer)).code == 200
        assert (await rig.code("api/tickets", "prometheus", {"room": "lab"}))[0] == 403


async def test_rechecks_and_refusals_are_counted(hub: Hub) -> None:
    """Answers of the hub about those who are in, and tickets the policy refused."""
    async with hub as rig:
        rig.hub.tokens["token-root"] = model("root", admin=True)
        await rig.join("lab", "ada")
        bob = await rig.join("lab", "bob")
        assert (await rig.code("api/tickets", "cy", {"room": "staff"}))[0] == 403
        del rig.hub.tokens["token-bob"]
        assert (await bob.closed()).code == 4403
        found = await scrape(rig, "root")
        assert found["meetwidget_rechecks_total result=gone"] >= 1
        assert found["meetwidget_tickets_total client=browser"] == 2
        refused = {name for name in found if name.startswith("meetwidget_tickets_refused_total")}
        assert len(refused) == 1


async def test_books_of_the_service(hub: Hub, books: Path) -> None:
    """Joins, refusals, links, guests, exports and erasures are in the file, words are not."""
    async with hub as rig:
        rig.hub.tokens["token-root"] = model("root", admin=True)
        ada = await rig.join("open-door", "ada")
        await ada.chat("s3cretWord")
        assert (await rig.code("api/tickets", "cy", {"room": "staff"}))[0] == 403
        link = await rig.json("api/rooms/open-door/guest-links", "ada", {"hours": 1})
        token = link["url"].partition("#")[2]
        guest = await rig.json("api/guest-tickets", None, {"link": token, "name": "Grace"})
        await rig.enter(guest)
        assert (await rig.fetch("api/users/ada/export", "ada")).code == 200
        assert (await rig.fetch("api/users/ada", "root", method="DELETE")).code == 204
        await ada.closed()
        assert (await rig.fetch("api/rooms/open-door", "root", method="DELETE")).code == 204
    written = entries(books)
    acts = [(entry["action"], entry["user"]) for entry in written]
    assert ("joined", "ada") in acts
    assert ("refused", "cy") in acts
    assert ("created", "ada") in acts
    assert ("exported-user", "ada") in acts
    assert ("erased-user", "root") in acts
    assert ("erased-room", "root") in acts
    kinds = {(entry["action"], entry["kind"]) for entry in written}
    assert {("used", "guest"), ("joined", "guest")} <= kinds
    assert token not in str(written)
    assert "s3cretWord" not in str(written)


async def test_log_of_the_service_at_debug_holds_no_credential(hub: Hub) -> None:
    """Hub tokens, tickets, sessions and guest links are in no line of anybody's log."""
    out = io.StringIO()
    handlers = [logging.StreamHandler(out), logging.StreamHandler(out)]
    for handler, lines in zip(handlers, (TextLines(), JsonLines()), strict=True):
        handler.setFormatter(lines)  # as MeetHub.log_format has them
    root = logging.getLogger()
    level = root.level
    root.setLevel(logging.DEBUG)
    for handler in handlers:
        root.addHandler(handler)
    try:
        async with hub as rig:
            assert rig.serving.log is logging.getLogger("MeetHub")
            rig.serving.log.setLevel(logging.DEBUG)
            for handler in handlers:
                rig.serving.log.addHandler(handler)
            ada = await rig.join("open-door", "ada")
            ticket = (await rig.json("api/tickets", "bob", {"room": "lab"}))["ticket"]
            link = await rig.json("api/rooms/open-door/guest-links", "ada", {"hours": 1})
            token = link["url"].partition("#")[2]
            guest = await rig.json("api/guest-tickets", None, {"link": token, "name": "Grace"})
            grace = await rig.enter(guest)
            await rig.fetch("api/me?token=token-ada", None)
            await rig.fetch("api/me", "stranger")
            secrets = [
                "token-ada",
                "token-bob",
                "token-stranger",
                "service-token",
                ticket,
                token,
                guest["ticket"],
                ada.welcome["session"],
                grace.welcome["session"],
                ada.welcome["media"]["token"],
            ]
    finally:
        root.setLevel(level)
        for handler in handlers:
            root.removeHandler(handler)
            logging.getLogger("MeetHub").removeHandler(handler)
    log = out.getvalue()
    assert "joined in open-door" in log
    assert "/services/meet/api/me?token=[secret]" in log
    assert [line for line in log.splitlines() if any(one in line for one in secrets)] == []
