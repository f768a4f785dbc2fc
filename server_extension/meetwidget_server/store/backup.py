"""Copies of the log: taken while it is in use, checked, and put back.

Plain functions on files, so that the command line can use them with the service running or not.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import sqlite3
from pathlib import Path

from meetwidget_server.store.rooms import new_epoch
from meetwidget_server.store.schema import SCHEMA_VERSION, Claim, connect_reader


class BackupFailed(Exception):
    """No usable copy was made, and nothing was replaced; the message says why."""


def back_up(log: Path, copy: Path) -> int:
    """Copies a log, which may be in use, into one file; replaces an older copy in one step.

    The copy holds everything that was acknowledged before the call. It is as private as the log:
    only its owner may read it.

    Returns:
        The size of the copy, bytes.

    Raises:
        BackupFailed: there is no log, the copy cannot be written, or it does not pass SQLite's
            own check. An older copy is still there.
    """
    if log.resolve() == copy.resolve():
        raise BackupFailed(f"{copy} is the log itself: name another file for the copy.")
    if not log.is_file():
        raise BackupFailed(f"There is no log {log}: correct the path.")
    _write(log, copy)
    return copy.stat().st_size


def restore(copy: Path, log: Path) -> None:
    """Puts a copy in the place of a log that no service has open.

    Every room gets a new epoch: clients that were here after the copy was made start over
    instead of going on from messages that are no more. The log that was there is kept beside it,
    with ``.before-restore`` at the end of its name.

    Raises:
        BackupFailed: a service has the log open, or the copy is none. Nothing was changed.
    """
    if not copy.is_file():
        raise BackupFailed(f"There is no copy {copy}: correct the path.")
    try:
        claim = Claim(log)
    except (sqlite3.Error, OSError) as error:
        raise BackupFailed(
            f"{log} is in use or cannot be written ({error}): stop the service first."
        ) from None
    try:
        fresh = log.with_name(log.name + ".restored")
        _write(copy, fresh)
        with contextlib.closing(sqlite3.connect(fresh, isolation_level=None)) as db:
            for (room,) in db.execute("SELECT id FROM room").fetchall():
                db.execute("UPDATE room SET epoch = ? WHERE id = ?", (new_epoch(), room))
        # The write-ahead log goes with its file: it must not be read into the new one.
        for part in ("", "-wal"):
            old = log.with_name(log.name + part)
            if old.exists():
                os.replace(old, log.with_name(log.name + ".before-restore" + part))
        log.with_name(log.name + "-shm").unlink(missing_ok=True)
        os.replace(fresh, log)
    except OSError as error:
        raise BackupFailed(f"{log} cannot be written ({error}).") from None
    finally:
        claim.release()


def _write(source: Path, target: Path) -> None:
    """Copies a database into one checked file, which appears under its name only when whole."""
    unfinished = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        with (
            contextlib.closing(connect_reader(source)) as db,
            contextlib.closing(sqlite3.connect(unfinished, isolation_level=None)) as copy,
        ):
            # All pages in one step: one consistent state, and a writer beside is not waited for.
            db.backup(copy, pages=-1)
            copy.execute("PRAGMA journal_mode = DELETE")
            _check(copy, source)
        _flush(unfinished)
        os.replace(unfinished, target)
    except (sqlite3.Error, OSError) as error:
        raise BackupFailed(f"{source} cannot be copied to {target} ({error}).") from None
    finally:
        unfinished.unlink(missing_ok=True)


def _check(copy: sqlite3.Connection, source: Path) -> None:
    (version,) = copy.execute("PRAGMA user_version").fetchone()
    if not 1 <= version <= SCHEMA_VERSION:
        raise BackupFailed(f"{source} is no log of meetwidget that this version can read.")
    (verdict,) = copy.execute("PRAGMA integrity_check(1)").fetchone()
    if verdict != "ok":
        raise BackupFailed(f"The copy of {source} does not pass SQLite's check: {verdict}.")


def _flush(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())
