"""What an operator asks of the service: its metrics."""

from __future__ import annotations

from meetwidget_server.hub.handlers import HubHandler
from meetwidget_server.hub.identity import has_scope, is_admin
from meetwidget_server.routes.base import Refusal
from meetwidget_server.routes.metrics import MetricsPage

METRICS_SCOPE = "read:metrics"


class MetricsHandler(MetricsPage, HubHandler):
    """``GET metrics``: for a token with the scope, such as Prometheus's, or an admin."""

    def require_rights(self) -> None:
        assert self.model is not None
        if not has_scope(self.model, METRICS_SCOPE) and not is_admin(self.model):
            raise Refusal(403, "not-allowed", f"Metrics are for tokens with {METRICS_SCOPE}.")

    async def get(self) -> None:
        self.send_metrics()


def handlers(prefix: str) -> list[tuple[str, type[HubHandler]]]:
    """Returns the routes, for Tornado; they stand before those of rooms."""
    return [(f"{prefix}metrics", MetricsHandler)]
