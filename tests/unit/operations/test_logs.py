"""The log: one JSON object a line, and nothing in it that would let a reader in."""

from __future__ import annotations

import hashlib
import io
import json
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from meetwidget_server.operations.logs import STRUCK_OUT, JsonLines, TextLines, without_secrets

Log = Callable[..., str]


def written(formatter: logging.Formatter, work: Callable[[logging.Logger], Any]) -> str:
    """Returns what ``work`` made a logger write."""
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(formatter)
    logger = logging.Logger("meet.test")
    logger.addHandler(handler)
    work(logger)
    return out.getvalue()


def fail(logger: logging.Logger) -> None:
    try:
        raise ValueError("two\nlines")
    except ValueError:
        logger.exception("it failed")


def test_each_entry_is_one_json_object_on_one_line() -> None:
    """Line breaks in messages and tracebacks do not break the lines of the log."""

    def work(logger: logging.Logger) -> None:
        logger.info("one\ntwo")
        fail(logger)
        logger.warning("with %s", "arguments")

    lines = written(JsonLines(), work).splitlines()
    entries = [json.loads(line) for line in lines]
    assert [e["message"] for e in entries] == ["one\ntwo", "it failed", "with arguments"]
    assert "ValueError: two\nlines" in entries[1]["exception"]


def test_entry_has_time_level_logger_and_what_is_known() -> None:
    """Time is UTC; room, user and the like are fields of their own."""
    extra = {"room": "lab", "user": "ada", "kind": "person", "code": "room-locked"}
    entry = json.loads(written(JsonLines(), lambda log: log.warning("no", extra=extra)))
    when = datetime.fromisoformat(entry.pop("time"))
    assert when.utcoffset() == timedelta(0)
    assert entry == {"level": "WARNING", "logger": "meet.test", "message": "no", **extra}


SECRET = "s3" + hashlib.sha256(b"of nobody").hexdigest()[:32]


@pytest.mark.parametrize(
    "text",
    [
        f"GET /services/meet/api/me?token={SECRET}",
        f"GET /services/meet/oauth_callback?code={SECRET}&state={SECRET} 302",
        f"GET /services/meet/guest#{SECRET}",
        f"Authorization: token {SECRET}",
        f"Authorization: Bearer {SECRET}",
        f'{{"type":"hello","protocol":1,"ticket":"{SECRET}"}}',
        f"{{'ticket': '{SECRET}', 'expires_in': 30}}",
        f"Cookie: service-meet-session=x; _xsrf={SECRET}",
        f"JUPYTERHUB_API_TOKEN={SECRET}",
    ],
)
@pytest.mark.parametrize("formatter", [TextLines, JsonLines])
def test_credentials_are_struck_out(text: str, formatter: type[logging.Formatter]) -> None:
    """In messages, arguments and tracebacks; the rest of the entry stays."""

    def work(logger: logging.Logger) -> None:
        logger.info(text)
        logger.info("with %s", text)
        try:
            raise ValueError(text)
        except ValueError:
            logger.exception("it failed")

    log = written(formatter(), work)
    assert SECRET not in log
    assert log.count(STRUCK_OUT) >= 3
    assert "it failed" in log


@pytest.mark.parametrize(
    "text", ["closed with code=4403", "ada joined physics-101/session=2", "no token was shown"]
)
def test_ordinary_words_stay(text: str) -> None:
    """What only sounds like a credential is left alone."""
    assert without_secrets(text) == text
