"""``GET metrics``: the relay's numbers for Prometheus; who may read them is the front's word."""

from __future__ import annotations

from meetwidget_server.operations.metrics import CONTENT_TYPE, Metrics
from meetwidget_server.routes.base import Endpoint


class MetricsPage(Endpoint):
    """Answers with all metrics of the relay behind this front."""

    def send_metrics(self) -> None:
        """Finishes with the metrics as they are now."""
        self.set_header("Cache-Control", "no-store")
        self.send(Metrics(self.relay).render(), CONTENT_TYPE)
