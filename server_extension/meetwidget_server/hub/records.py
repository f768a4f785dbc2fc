"""``meetwidget-hub backup``, ``export-user``, ``erase-user`` and ``erase-room``.

A running service is asked by its API, with a token that may: it knows who is in a room and
writes the audit log. Only when it is stopped is its database opened here.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import sqlite3
import sys
from collections.abc import Awaitable, Callable
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import quote

from meetwidget_server.hub.deployment import SERVICE_VARIABLE
from meetwidget_server.hub.probe import NoAnswer, ask, fetch
from meetwidget_server.routes.files import safe_name
from meetwidget_server.store import NotKept
from meetwidget_server.store.backup import BackupFailed, back_up, restore
from meetwidget_server.store.schema import Claim
from meetwidget_server.store.sqlite import SQLiteStore


class CommandError(Exception):
    """A command cannot do its work; the message is one sentence that says what to do."""


def add_commands(commands: Any) -> None:
    """Adds the commands to the parser of ``meetwidget-hub``."""
    backup = commands.add_parser("backup", help="copy the rooms to a file, while the service runs")
    backup.set_defaults(run=_backup)
    backup.add_argument("database", type=Path, help="the service's database (MeetRelay.database)")
    backup.add_argument("file", type=Path, help="where to; an older copy there is replaced")

    back = commands.add_parser("restore", help="put a copy back; the service must be stopped")
    back.set_defaults(run=_restore)
    back.add_argument("file", type=Path, help="the copy")
    back.add_argument("database", type=Path, help="the service's database (MeetRelay.database)")

    export = commands.add_parser("export-user", help="print what is kept of a user, as JSON")
    export.set_defaults(run=_export_user)
    export.add_argument("user")
    export.add_argument("--output", type=Path, help="write to this file instead")
    export.add_argument("--files", type=Path, metavar="FOLDER", help="save their files here")

    erase = commands.add_parser("erase-user", help="erase what is kept of a user, in every room")
    erase.set_defaults(run=_erase_user)
    erase.add_argument("user")

    room = commands.add_parser("erase-room", help="erase a room with all its messages")
    room.set_defaults(run=_erase_room)
    room.add_argument("room")

    for parser in (back, erase, room):
        parser.add_argument("--yes", action="store_true", help="do not ask whether you are sure")
    for parser in (export, erase, room):
        parser.add_argument("--service", metavar="URL", help="the service, with its final slash")
        parser.add_argument("--token", help="of an administrator; $JUPYTERHUB_API_TOKEN by default")
        parser.add_argument(
            "--database", type=Path, help="the database of a service that is stopped, instead"
        )


# ----------------------------------------------------------------------------- the commands


def _backup(arguments: argparse.Namespace) -> int:
    try:
        size = back_up(arguments.database, arguments.file)
    except BackupFailed as error:
        raise CommandError(str(error)) from None
    _say(f"{arguments.file} has all rooms, {size} bytes.")
    return 0


def _restore(arguments: argparse.Namespace) -> int:
    _confirm(arguments, f"What is in {arguments.database} is replaced (and kept beside it).")
    try:
        restore(arguments.file, arguments.database)
    except BackupFailed as error:
        raise CommandError(str(error)) from None
    _say(f"{arguments.database} has the rooms of {arguments.file}; start the service.")
    return 0


def _export_user(arguments: argparse.Namespace) -> int:
    path = f"users/{quote(arguments.user, safe='')}/export"
    if arguments.database:
        found = _offline(arguments.database, lambda store: store.export_user(arguments.user))
    else:
        found = _online(arguments, "GET", path)
    text = json.dumps(found, ensure_ascii=False, indent=2) + "\n"
    if arguments.output is None:
        sys.stdout.write(text)
    else:
        with os.fdopen(
            os.open(arguments.output, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w"
        ) as file:
            file.write(text)
    if arguments.files:
        _save_files(arguments, path, found["files"])
    return 0


def _save_files(arguments: argparse.Namespace, path: str, files: list[dict[str, Any]]) -> None:
    """Saves a user's files, each in a folder of its own: two may have one name."""
    for file in files:
        id_ = Path(file["id"]).name
        folder = arguments.files / id_
        folder.mkdir(parents=True, mode=0o700)
        if arguments.database:
            content = _offline(arguments.database, partial(_content, arguments.user, id_))
        else:
            content = _download(arguments, f"{path}/files/{id_}")
        target = folder / safe_name(file["name"])
        target.write_bytes(content)
        target.chmod(0o600)
    _say(f"{arguments.files} has {len(files)} files.")


async def _content(user: str, id_: str, store: SQLiteStore) -> bytes:
    found = await store.file_of_user(user, id_)
    if found is None:
        raise NotKept("a file that the log names is gone")
    return await asyncio.to_thread(found[1].read_bytes)


def _erase_user(arguments: argparse.Namespace) -> int:
    user = arguments.user
    _confirm(arguments, f"All that {user} wrote is erased for good, in every room.")
    if arguments.database:
        _offline(arguments.database, lambda store: store.erase_user(user))
    else:
        _online(arguments, "DELETE", f"users/{quote(user, safe='')}")
    _say(f"What was kept of {user} is erased.")
    return 0


def _erase_room(arguments: argparse.Namespace) -> int:
    room = arguments.room
    _confirm(arguments, f"The room {room} and all its messages are erased for good.")
    if arguments.database:
        if not _offline(arguments.database, lambda store: store.erase_room(room)):
            raise CommandError(f"There is no room {room} in {arguments.database}.")
    else:
        _online(arguments, "DELETE", f"rooms/{quote(room, safe='/')}")
    _say(f"The room {room} is erased.")
    return 0


def _confirm(arguments: argparse.Namespace, what: str) -> None:
    if arguments.yes:
        return
    if not sys.stdin.isatty():
        raise CommandError(f"{what} Say --yes if that is what you want.")
    _say(what)
    if input("Type yes to go on: ").strip().lower() != "yes":
        raise CommandError("Nothing was erased.")


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


# ------------------------------------------------------------------------ where the data is


def _online(arguments: argparse.Namespace, method: str, path: str) -> Any:
    service, token = _place(arguments)
    try:
        status, answer = ask(f"{service}/api/{path}", token, method)
    except NoAnswer as why:
        raise _no_answer(service, why) from None
    if status >= HTTPStatus.BAD_REQUEST:
        said = answer.get("message") if isinstance(answer, dict) else None
        raise CommandError(f"The service refuses ({status}): {said or 'it does not say why.'}")
    return answer


def _download(arguments: argparse.Namespace, path: str) -> bytes:
    service, token = _place(arguments)
    try:
        status, content = fetch(f"{service}/api/{path}", token)
    except NoAnswer as why:
        raise _no_answer(service, why) from None
    if status != HTTPStatus.OK:
        raise CommandError(f"A file cannot be had ({status}): export again.")
    return content


def _no_answer(service: str, why: NoAnswer) -> CommandError:
    return CommandError(
        f"The service does not answer at {service}: {why}; if it is stopped, give --database."
    )


def _place(arguments: argparse.Namespace) -> tuple[str, str]:
    """Returns where the service is, without a final slash, and the token to show."""
    service = arguments.service or os.environ.get(SERVICE_VARIABLE, "")
    token = arguments.token or os.environ.get("JUPYTERHUB_API_TOKEN", "")
    if not service or not token:
        raise CommandError(
            "Say where the service is and who asks (--service http://…/services/meet/ --token …),"
            " or, if the service is stopped, --database FILE."
        )
    return service.rstrip("/"), token


def _offline(path: Path, work: Callable[[Any], Awaitable[Any]]) -> Any:
    if not path.is_file():
        raise CommandError(f"There is no database {path}: name the one of MeetRelay.database.")
    try:
        claim = Claim(path)
    except sqlite3.Error:
        raise CommandError(
            f"A running service has {path} open: give --service and --token instead, or stop it."
        ) from None

    async def opened() -> Any:
        log = logging.getLogger("meetwidget-hub")
        store = SQLiteStore(path, kept=sys.maxsize, loop=asyncio.get_running_loop(), logger=log)
        try:
            return await work(store)
        finally:
            await store.close()

    try:
        return asyncio.run(opened())
    except (sqlite3.Error, NotKept) as error:
        raise CommandError(f"{path} cannot be used: {error}.") from None
    finally:
        claim.release()
