"""Copies of the log: taken while it is in use, checked, and put back.

A copy is a database and, if people have sent files, a folder of them beside it, just as the log.
Files never change, so only those are copied that the folder does not have.

Plain functions on files, so that the command line can use them with the service running or not.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import sqlite3
from pathlib import Path

from meetwidget_server.store.folder import FOLDER, folder_of
from meetwidget_server.store.rooms import new_epoch
from meetwidget_server.store.schema import SCHEMA_VERSION, Claim, connect_reader


class BackupFailed(Exception):
    """No usable copy was made, and nothing was replaced; the message says why."""


def back_up(log: Path, copy: Path) -> int:
    """Copies a log, which may be in use; replaces an older copy in one step.

    The copy holds everything that was acknowledged before the call. It is as private as the log:
    only its owner may read it.

    Returns:
        The size of the copy with its files, bytes.

    Raises:
        BackupFailed: there is no log, the copy cannot be written, or it does not pass SQLite's
            own check. An older copy is still there.
    """
    if log.resolve() == copy.resolve():
        raise BackupFailed(f"{copy} is the log itself: name another file for the copy.")
    if not log.is_file():
        raise BackupFailed(f"There is no log {log}: correct the path.")
    _write(log, copy)
    kept = _drop_others(copy)
    return copy.stat().st_size + kept


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
        for part in ("", "-wal", FOLDER):
            old = log.with_name(log.name + part)
            if old.exists():
                _move(old, log.with_name(log.name + ".before-restore" + part))
        log.with_name(log.name + "-shm").unlink(missing_ok=True)
        if folder_of(fresh).exists():
            _move(folder_of(fresh), folder_of(log))
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
            ids = _files_of(copy)
        _copy_files(folder_of(source), folder_of(target), ids)
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


def _files_of(db: sqlite3.Connection) -> list[str]:
    """Lists the files that a log names; an old one names none."""
    if not db.execute("SELECT 1 FROM sqlite_master WHERE name = 'file'").fetchone():
        return []
    return [id_ for (id_,) in db.execute("SELECT id FROM file")]


def _copy_files(source: Path, target: Path, ids: list[str]) -> None:
    """Copies the files that are not there yet."""
    if not ids:
        return
    target.mkdir(parents=True, exist_ok=True, mode=0o700)
    have = {path.name for path in target.iterdir()}
    for id_ in ids:
        if id_ in have:
            continue
        unfinished = target / f".{secrets.token_hex(4)}"
        try:
            os.close(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
            shutil.copyfile(source / id_, unfinished)
            _flush(unfinished)
            os.replace(unfinished, target / id_)
        except FileNotFoundError:
            continue  # deleted since the database was copied
        finally:
            unfinished.unlink(missing_ok=True)


def _drop_others(copy: Path) -> int:
    """Removes files that an older copy had; returns the size of all others."""
    folder = folder_of(copy)
    if not folder.exists():
        return 0
    with contextlib.closing(connect_reader(copy)) as db:
        named = set(_files_of(db))
    size = 0
    for path in folder.iterdir():
        if path.name in named:
            size += path.stat().st_size
        else:
            path.unlink(missing_ok=True)
    return size


def _move(source: Path, target: Path) -> None:
    """Moves a file or folder to a place where another may be, which is replaced."""
    if target.is_dir():
        shutil.rmtree(target)
    os.replace(source, target)


def _flush(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())
