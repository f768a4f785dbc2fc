"""The relay: a Jupyter server extension."""

from __future__ import annotations

from typing import Any


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    """Tells Jupyter Server what to load."""
    from meetwidget_server.app import MeetWidgetApp  # a page that only imports us stays light

    return [{"module": "meetwidget_server.app", "app": MeetWidgetApp}]
