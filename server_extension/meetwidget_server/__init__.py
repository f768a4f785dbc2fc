"""The relay: a Jupyter server extension."""

from __future__ import annotations

import os
from typing import Any


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    """Tells Jupyter Server what to load: the relay, or on a hub that relays the way to it."""
    from meetwidget_server.broker.service import MeetingService

    # Imported here, so that a page that only imports us stays light.
    if MeetingService.from_environment(os.environ) is not None:
        from meetwidget_server.broker.app import MeetBrokerApp

        return [{"module": "meetwidget_server.broker.app", "app": MeetBrokerApp}]
    from meetwidget_server.app import MeetWidgetApp

    return [{"module": "meetwidget_server.app", "app": MeetWidgetApp}]
