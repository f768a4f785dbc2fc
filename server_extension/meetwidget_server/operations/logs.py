"""How a log is written: a line for people, or one JSON object a line for programs.

Both leave out what would let a reader of the log in: should a ticket, a token or a guest link
ever get into a message (in an address, say), it is struck out here.
"""

from __future__ import annotations

import logging
import re
from datetime import UTC, datetime
from typing import Any

from pythonjsonlogger.json import JsonFormatter

STRUCK_OUT = "[secret]"
_NAMED = re.compile(
    r"""\b([a-z_-]*(?:token|ticket|secret|password|_xsrf)=)[^&\s"'<>]+""", re.IGNORECASE
)
_IN_ADDRESS = re.compile(r"""([?&](?:code|state|session|link|key)=)[^&\s"'<>]+""")
_IN_HEADER = re.compile(r"\b((?:token|bearer|basic) +)[A-Za-z0-9._~+/=-]{16,}", re.IGNORECASE)
_IN_FRAGMENT = re.compile(r"(/guest#)[^\s\"'<>]+")
_IN_JSON = re.compile(
    r"""(["'](?:ticket|token|session|link|secret)["']\s*:\s*["'])[^"']+""", re.IGNORECASE
)


def without_secrets(text: str) -> str:
    """Returns a text with everything struck out that looks like a credential."""
    for pattern in (_NAMED, _IN_ADDRESS, _IN_HEADER, _IN_FRAGMENT, _IN_JSON):
        text = pattern.sub(rf"\1{STRUCK_OUT}", text)
    return text


class TextLines(logging.Formatter):
    """Lines for people."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        return without_secrets(super().format(record))


class JsonLines(JsonFormatter):
    """One JSON object a line.

    Always ``time`` (UTC, ISO 8601), ``level``, ``logger`` and ``message``; where they are known
    also ``room``, ``user``, ``kind``, ``target``, ``act`` and ``code``; ``exception`` after a
    failure.
    """

    def __init__(self) -> None:
        super().__init__("%(message)s", rename_fields={"exc_info": "exception"})

    def add_fields(
        self,
        log_data: dict[str, Any],
        record: logging.LogRecord,
        message_dict: dict[str, Any],
    ) -> None:
        time = datetime.fromtimestamp(record.created, UTC)
        log_data["time"] = time.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        log_data["level"] = record.levelname
        log_data["logger"] = record.name
        super().add_fields(log_data, record, message_dict)

    def process_log_record(self, log_data: dict[str, Any]) -> dict[str, Any]:
        return {
            name: without_secrets(value) if isinstance(value, str) else value
            for name, value in log_data.items()
        }
