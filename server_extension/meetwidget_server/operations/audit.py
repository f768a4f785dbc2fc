"""The operator's books: who came, went, was refused, moderated, invited by link, erased.

Events follow the schemas in ``schemas/`` and go through Jupyter's own event system: in a Jupyter
server to that server's ``event_logger``, in a hub's service to a file (:class:`AuditFile`). What
was said in a room is never part of them.
"""

from __future__ import annotations

import contextlib
import logging
import logging.handlers
import os
import queue
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from meetwidget_server.room import Noted

if TYPE_CHECKING:
    from jupyter_events import EventLogger

SCHEMAS = Path(__file__).parent / "schemas"
_ID = "urn:meetwidget:events:{}:v1"

PARTICIPATION = _ID.format("participation")
REFUSAL = _ID.format("refusal")
MODERATION = _ID.format("moderation")
ROOM = _ID.format("room")
GUEST_LINK = _ID.format("guest-link")
PERSONAL_DATA = _ID.format("personal-data")

_SCHEMA_OF: dict[str, str] = {
    "joined": PARTICIPATION,
    "resumed": PARTICIPATION,
    "left": PARTICIPATION,
    "waits": PARTICIPATION,
    "refused": REFUSAL,
    "admitted": MODERATION,
    "denied": MODERATION,
    "removed": MODERATION,
    "muted": MODERATION,
    "role": MODERATION,
    "cleared": MODERATION,
    "locked": ROOM,
    "unlocked": ROOM,
    "room-set": ROOM,
}

_LOG = logging.getLogger(__name__)

FILE_BYTES = 20 * 1024 * 1024
"""Size at which the file is set aside: about 80,000 events."""
FILES_KEPT = 10


class Audit:
    """Writes the books; a relay without an operator's logger writes none."""

    def __init__(self, events: EventLogger | None = None, log: logging.Logger | None = None):
        """Registers the schemas.

        Args:
            events: where to emit; by default nowhere.
            log: is told when an event could not be written.
        """
        self._events = events
        self._log = log or _LOG
        if events is None:
            return
        for path in sorted(SCHEMAS.glob("*.yaml")):
            events.register_event_schema(path)

    def noted(self, room: str, noted: Noted) -> None:
        """A room noted something."""
        data = {"action": noted.act, "room": room, **_who("", noted.by)}
        if noted.target:
            data |= _who("target_", noted.target)
        if noted.detail:
            data["detail"] = noted.detail
        self._emit(_SCHEMA_OF[noted.act], data)

    def refused(self, room: str, by: str, code: str) -> None:
        """Somebody was not even given a ticket, or came with a bad one (``by`` is then empty)."""
        self._emit(REFUSAL, {"action": "refused", "room": room, **_who("", by), "detail": code})

    def guest_link(
        self, action: Literal["created", "revoked", "used"], room: str, by: str, link: str
    ) -> None:
        """A link was made, ended, or somebody came by it.

        Args:
            action: what was done.
            room: where it leads.
            by: principal, ``kind:name``.
            link: its id; never its token.
        """
        self._emit(GUEST_LINK, {"action": action, "room": room, **_who("", by), "link": link})

    def personal_data(
        self,
        action: Literal["exported-user", "erased-user", "erased-room"],
        by: str,
        about: str,
    ) -> None:
        """Somebody's data was handed out or erased, or a room's.

        Args:
            action: what was done.
            by: principal, ``kind:name``; empty for the command line.
            about: name of the user or the room.
        """
        self._emit(PERSONAL_DATA, {"action": action, **_who("", by), "about": about})

    def _emit(self, schema: str, data: dict[str, Any]) -> None:
        if self._events is None:
            return
        try:
            self._events.emit(schema_id=schema, data=data)
        except Exception:  # a meeting goes on without its books, but not silently
            self._log.exception("meetwidget: an event for the audit log could not be written")


def _who(prefix: str, principal: str) -> dict[str, str]:
    kind, _, name = principal.partition(":")
    return {f"{prefix}kind": kind, f"{prefix}user": name}


class AuditFile:
    """A file of JSON lines, set aside when it is large; written by a thread of its own.

    Give :attr:`events` to :class:`Audit`. A slow disk delays no meeting.
    """

    def __init__(self, path: Path, *, max_bytes: int = FILE_BYTES, kept: int = FILES_KEPT):
        """Opens the file for appending; only its owner may read it.

        Raises:
            OSError: it cannot be written.
        """
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600))
        self.path = path
        self._file = _PrivateFile(path, maxBytes=max_bytes, backupCount=kept, encoding="utf-8")
        entries: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._writer = logging.handlers.QueueListener(entries, self._file)
        self._writer.start()
        # Takes seconds to load, and a hub waits ten for its service: only who wants it pays.
        from jupyter_events import EventLogger

        self.events = EventLogger(handlers=[logging.handlers.QueueHandler(entries)])

    def close(self) -> None:
        """Writes what is pending, then lets go of the file."""
        self._writer.stop()
        with contextlib.suppress(OSError):  # a full disk was told of when it was written to
            self._file.close()


class _PrivateFile(logging.handlers.RotatingFileHandler):
    _failing = False
    _lost = 0
    """Events that could not be written since the file was last writable."""

    def emit(self, record: logging.LogRecord) -> None:
        lost = self._lost
        super().emit(record)
        if self._failing and self._lost == lost:
            self._failing = False
            _LOG.warning("The audit log is written again; up to %d events are missing.", lost)
            self._lost = 0

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        """Says so once for each outage; the thread that writes has nobody else to tell."""
        self._lost += 1
        if not self._failing:
            self._failing = True
            _LOG.error(
                "The audit log %s cannot be written (%s): free some space or mend its folder."
                " Meetings go on without it.",
                self.baseFilename,
                sys.exc_info()[1],
            )

    def _open(self) -> Any:
        os.close(os.open(self.baseFilename, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600))
        return super()._open()
