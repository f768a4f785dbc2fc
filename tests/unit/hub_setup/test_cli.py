"""``meetwidget-hub``: every command works, and every mistake is one sentence."""

from __future__ import annotations

import asyncio
import json
import logging
import re
import sqlite3
import time
from pathlib import Path
from typing import Any

import pytest
import yaml
from meetwidget_server.hub.cli import main
from meetwidget_server.store import FileLimits, NewFile
from meetwidget_server.store.schema import Claim, connect
from meetwidget_server.store.sqlite import SQLiteStore

from meetwidget.wire.values import FileRef
from tests.unit.hub_setup.configurations import granted, run

Output = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _no_hub(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("JUPYTERHUB_API_URL", "JUPYTERHUB_API_TOKEN", "MEETWIDGET_HUB_SERVICE"):
        monkeypatch.delenv(name, raising=False)


def test_config_prints_what_can_be_run(capsys: Output) -> None:
    """Names, moderators and settings of the command line are in the text."""
    arguments = ["--moderator", "group:staff", "--option", "MeetRelay.max_participants=9"]
    assert main(["config", *arguments]) == 0
    found = granted(run(capsys.readouterr().out))
    assert found["roles"]["meet-moderator"]["groups"] == ["staff"]
    assert "--MeetRelay.max_participants=9" in found["services"]["meet"]["command"]


def test_helm_prints_values_and_manifests(capsys: Output) -> None:
    """Both outputs are YAML and fit each other."""
    assert main(["helm", "--port", "8080"]) == 0
    chart = yaml.safe_load(capsys.readouterr().out)
    assert main(["helm", "--port", "8080", "--manifests", "--image", "example/meet:1"]) == 0
    documents = {d["kind"]: d for d in yaml.safe_load_all(capsys.readouterr().out)}
    assert chart["hub"]["services"]["meet"]["url"] == "http://meet:8080"
    assert documents["Service"]["spec"]["ports"][0]["port"] == 8080
    (container,) = documents["Deployment"]["spec"]["template"]["spec"]["containers"]
    assert container["image"] == "example/meet:1"


def test_check_answers_with_its_exit_code(tmp_path: Path, capsys: Output) -> None:
    """A script can rely on 0 and 1."""
    path = tmp_path / "jupyterhub_config.py"
    path.write_text("from meetwidget_server.hub import enable\nenable(get_config())\n")
    assert main(["check", "--config", str(path)]) == 0
    path.write_text("")
    assert main(["check", "--config", str(path)]) == 1
    assert "✗" in capsys.readouterr().out


def test_check_outside_a_hub_says_what_to_give(capsys: Output) -> None:
    """Somebody in the wrong terminal is told how to go on."""
    assert main(["check"]) == 1
    assert "--hub-api" in capsys.readouterr().out


def test_policy_explains(tmp_path: Path, capsys: Output) -> None:
    """An admin sees which rule decides for whom."""
    path = tmp_path / "rooms.toml"
    rule = 'pattern = "{course}/*"\ncreate = ["nobody"]\njoin = ["group:{course}"]\n'
    path.write_text(f"[[rooms]]\n{rule}")
    arguments = ["policy", str(path), "--user", "ada", "--room", "physics/lab"]
    assert main([*arguments, "--group", "physics"]) == 0
    assert re.search(r"^ +join +yes ", capsys.readouterr().out, re.MULTILINE)
    assert main(arguments) == 0
    assert re.search(r"^ +join +no ", capsys.readouterr().out, re.MULTILINE)


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "meet.sqlite"
    connect(path).close()
    return path


def test_backup_copies_a_database_that_is_in_use(database: Path, capsys: Output) -> None:
    """The service need not stop, and nobody else may read the copy."""
    target = database.with_name("copy.sqlite")
    claim = Claim(database)
    try:
        assert main(["backup", str(database), str(target)]) == 0
    finally:
        claim.release()
    copy = sqlite3.connect(target)
    tables = {name for (name,) in copy.execute("SELECT name FROM sqlite_master")}
    copy.close()
    assert "room" in tables
    assert target.stat().st_mode & 0o077 == 0


def test_a_copy_is_put_back(database: Path, capsys: Output) -> None:
    """After an accident the rooms of the copy are the rooms, and what was there is kept."""
    copy = database.with_name("copy.sqlite")
    assert main(["backup", str(database), str(copy)]) == 0
    database.write_bytes(b"an accident")
    assert main(["restore", str(copy), str(database), "--yes"]) == 0
    restored = sqlite3.connect(database)
    tables = {name for (name,) in restored.execute("SELECT name FROM sqlite_master")}
    restored.close()
    assert "room" in tables
    assert database.with_name("meet.sqlite.before-restore").read_bytes() == b"an accident"


def test_a_running_service_is_not_restored(database: Path, capsys: Output) -> None:
    """Nobody pulls the database from under a running service."""
    copy = database.with_name("copy.sqlite")
    assert main(["backup", str(database), str(copy)]) == 0
    claim = Claim(database)
    try:
        assert main(["restore", str(copy), str(database), "--yes"]) == 1
    finally:
        claim.release()
    assert "stop the service" in capsys.readouterr().err


def test_data_of_a_stopped_service_is_exported_and_erased(database: Path, capsys: Output) -> None:
    """With the service stopped, its database is all that is needed."""
    given = ["--database", str(database)]
    assert main(["export-user", "ada", *given]) == 0
    assert isinstance(json.loads(capsys.readouterr().out), dict)
    assert main(["erase-user", "ada", "--yes", *given]) == 0
    assert main(["erase-room", "lab", "--yes", *given]) == 1
    assert "There is no room lab" in capsys.readouterr().err


def test_files_of_a_stopped_services_user_are_saved(database: Path, capsys: Output) -> None:
    """Each under its name, in a folder of its own, readable by who exports only."""

    async def upload() -> None:
        limits = FileLimits(100, 100, 100)
        store = SQLiteStore(
            database,
            kept=9,
            files=limits,
            loop=asyncio.get_running_loop(),
            logger=logging.getLogger("test"),
        )
        opened: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        store.open_room("lab", opened.set_result)
        await opened
        path = store.unfinished_file()
        path.write_bytes(b"data")
        now = round(time.time() * 1000)
        ref = FileRef("an-id", "a.csv", "text/csv", 4)
        await store.add_file(NewFile("lab", "person:ada", now, ref), path)
        await store.close()

    asyncio.run(upload())
    folder = database.with_name("exported")
    given = ["--database", str(database), "--files", str(folder)]
    assert main(["export-user", "ada", *given]) == 0
    (file,) = json.loads(capsys.readouterr().out)["files"]
    saved = folder / file["id"] / "a.csv"
    assert saved.read_bytes() == b"data"
    assert saved.stat().st_mode & 0o077 == 0


def test_a_running_services_database_is_not_touched(database: Path, capsys: Output) -> None:
    """Two writers would number events twice; the running one is to be asked."""
    claim = Claim(database)
    try:
        assert main(["erase-room", "lab", "--yes", "--database", str(database)]) == 1
    finally:
        claim.release()
    assert "--token" in capsys.readouterr().err


def test_erasing_asks_first(capsys: Output) -> None:
    """Without a terminal and without --yes nothing is erased."""
    assert main(["erase-user", "ada"]) == 1
    assert "--yes" in capsys.readouterr().err


MISTAKES: dict[str, list[Any]] = {
    "no policy": ["policy", "nowhere.toml"],
    "no database": ["backup", "nowhere.sqlite", "copy.sqlite"],
    "no service": ["export-user", "ada"],
    "nobody there": ["export-user", "ada", "--service", "http://127.0.0.1:1/", "--token", "x"],
    "a moderator of no kind": ["config", "--moderator", "staff"],
    "a port that is none": ["config", "--url", "http://127.0.0.1:x"],
    "an option without class": ["config", "--option", "max_participants=3"],
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_every_mistake_is_one_sentence(
    mistake: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Output
) -> None:
    """No traceback, nothing on the output that a script would read, exit code 1."""
    monkeypatch.chdir(tmp_path)
    assert main(MISTAKES[mistake]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("meetwidget-hub: ")
    assert said.err.strip().count("\n") == 0
    assert "Traceback" not in said.err


def test_an_unknown_command_is_bad_usage(capsys: Output) -> None:
    """As with every other command line tool."""
    with pytest.raises(SystemExit) as caught:
        main(["unknown"])
    assert caught.value.code == 2


def test_help_lists_the_commands(capsys: Output) -> None:
    """Whoever asks for help sees what there is."""
    with pytest.raises(SystemExit) as caught:
        main(["--help"])
    assert caught.value.code == 0
    text = capsys.readouterr().out
    for command in ("serve", "config", "helm", "check", "policy", "backup", "export-user"):
        assert command in text
