"""The books: every act fits its schema, lands in a file of JSON lines, and spoils no meeting."""

from __future__ import annotations

import json
import logging
import stat
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml
from jupyter_events import EventLogger
from meetwidget_server.operations.audit import SCHEMAS, Audit, AuditFile
from meetwidget_server.room import Act, Noted

LOGGER = logging.getLogger("test.audit")


def entries(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def data(entry: dict[str, Any]) -> dict[str, Any]:
    """Returns an entry without Jupyter's own fields."""
    return {key: value for key, value in entry.items() if not key.startswith("__")}


@pytest.mark.parametrize("act", get_args(Act))
def test_every_act_of_a_room_fits_its_schema(act: Act, tmp_path: Path) -> None:
    """Nothing that a room can note is lost because no schema knows it."""
    file = AuditFile(tmp_path / "audit.jsonl")
    audit = Audit(file.events, LOGGER)
    for noted in (
        Noted(act, "person:ada"),
        Noted(act, "person:ada", "guest:g1", "some detail"),
    ):
        if act in ("joined", "resumed", "left", "waits", "refused") and noted.target:
            noted = Noted(act, noted.by, detail=noted.detail)
        if act == "refused" and not noted.detail:
            continue
        audit.noted("lab", noted)
    file.close()
    written = entries(file.path)
    assert written
    assert {entry["action"] for entry in written} == {act}
    assert {(entry["room"], entry["user"], entry["kind"]) for entry in written} == {
        ("lab", "ada", "person")
    }
    assert written[-1]["detail"] == "some detail"


def test_links_erasures_and_refusals_are_written(tmp_path: Path) -> None:
    """What happens outside of rooms is in the books too, with who, what and when."""
    file = AuditFile(tmp_path / "deep" / "audit.jsonl")
    audit = Audit(file.events, LOGGER)
    audit.refused("lab", "person:eve", "not-allowed")
    audit.refused("", "", "bad-ticket")
    audit.guest_link("created", "lab", "person:ada", "l1")
    audit.personal_data("erased-user", "", "bob")
    file.close()
    written = entries(file.path)
    assert all(entry["__timestamp__"] and entry["__schema__"] for entry in written)
    assert [data(entry) for entry in written] == [
        {
            "action": "refused",
            "room": "lab",
            "user": "eve",
            "kind": "person",
            "detail": "not-allowed",
        },
        {"action": "refused", "room": "", "user": "", "kind": "", "detail": "bad-ticket"},
        {"action": "created", "room": "lab", "user": "ada", "kind": "person", "link": "l1"},
        {"action": "erased-user", "user": "", "kind": "", "about": "bob"},
    ]


def test_file_is_private_and_set_aside_when_it_is_large(tmp_path: Path) -> None:
    """Only its owner reads it, the parts set aside too; the oldest part goes."""
    path = tmp_path / "audit.jsonl"
    file = AuditFile(path, max_bytes=2000, kept=2)
    audit = Audit(file.events, LOGGER)
    for number in range(60):
        audit.noted(f"room-{number}", Noted("joined", "person:ada"))
    file.close()
    parts = sorted(tmp_path.iterdir())
    assert [part.name for part in parts] == ["audit.jsonl", "audit.jsonl.1", "audit.jsonl.2"]
    for part in parts:
        assert stat.S_IMODE(part.stat().st_mode) == 0o600
        assert part.stat().st_size <= 2000
    assert entries(path)[-1]["room"] == "room-59"


def test_books_go_on_where_they_ended(tmp_path: Path) -> None:
    """A restart appends."""
    path = tmp_path / "audit.jsonl"
    for name in ("ada", "bob"):
        file = AuditFile(path)
        Audit(file.events, LOGGER).noted("lab", Noted("joined", f"person:{name}"))
        file.close()
    assert [entry["user"] for entry in entries(path)] == ["ada", "bob"]


def test_unwritable_file_is_told_at_once(tmp_path: Path) -> None:
    """An operator who asked for books is not left without them in silence."""
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match="file"):
        AuditFile(tmp_path / "file" / "audit.jsonl")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_full_disk_is_told_once_and_spoils_nothing(caplog: pytest.LogCaptureFixture) -> None:
    """However many events are lost, one error says so and why."""
    file = AuditFile(Path("/dev/full"))
    audit = Audit(file.events, LOGGER)
    for number in range(20):
        audit.noted(f"room-{number}", Noted("joined", "person:ada"))
    file.close()
    errors = [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]
    assert len(errors) == 1
    assert "/dev/full cannot be written" in errors[0]


def test_event_that_cannot_be_written_spoils_no_meeting(
    caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    """It is logged, and the caller goes on."""
    file = AuditFile(tmp_path / "audit.jsonl")
    audit = Audit(file.events, LOGGER)
    audit.guest_link("invented", "lab", "person:ada", "l1")  # type: ignore[arg-type]
    file.close()
    assert entries(file.path) == []
    assert "audit log" in caplog.text


def test_relay_without_an_operator_writes_nothing() -> None:
    """No logger, no error: Jupyter's event logger without handlers discards."""
    audit = Audit()
    audit.noted("lab", Noted("joined", "person:ada"))
    audit.refused("lab", "person:ada", "not-allowed")


def test_personal_data_is_marked() -> None:
    """Each schema says that it holds personal data, and which fields name somebody."""
    paths = sorted(SCHEMAS.glob("*.yaml"))
    assert len(paths) == 6
    logger = EventLogger()
    for path in paths:
        logger.register_event_schema(path)
        schema = yaml.safe_load(path.read_text(encoding="utf-8"))
        assert schema["personal-data"] is True
        assert schema["additionalProperties"] is False
        for name in ("user", "target_user", "about"):
            if name in schema["properties"]:
                marks = schema["properties"][name]["categories"]
                assert marks == ["category.jupyter.org/user-identifier"]
