"""How the service's log is written: a line for people, or a JSON object for programs."""

from __future__ import annotations

from typing import Any, Literal

Format = Literal["text", "json"]

_FORMATTERS: dict[str, dict[str, Any]] = {
    "text": {"()": "meetwidget_server.operations.logs.TextLines"},
    "json": {"()": "meetwidget_server.operations.logs.JsonLines"},
}


def logging_config(format_: Format, level: int | str) -> dict[str, Any]:
    """Returns the configuration for :func:`logging.config.dictConfig`.

    Tornado's own loggers begin at warnings: each request at a lower level would bury the rest,
    and JupyterHub's client tells sessions' ids there.

    Args:
        format_: for whom the log is.
        level: from which level on the service itself writes.
    """
    quiet = {"level": "WARNING"}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"console": _FORMATTERS[format_]},
        "handlers": {
            "console": {
                "class": "logging.StreamHandler",
                "formatter": "console",
                "stream": "ext://sys.stderr",
            }
        },
        "root": {"level": "WARNING", "handlers": ["console"]},
        "loggers": {
            "MeetHub": {"level": level, "handlers": ["console"], "propagate": False},
            "meetwidget_server": {"level": level},
            **{f"tornado.{name}": quiet for name in ("access", "application", "general")},
        },
    }
