"""``GET api/health``: whether the relay answers, for probes; says nothing else."""

from __future__ import annotations

from meetwidget_server.routes.base import Endpoint


class Health(Endpoint):
    """Open to anyone: it reveals nothing but that there is a relay."""

    def send_health(self, status: str = "ok") -> None:
        """Answers 200 for ``ok``, else 503 with what the service is doing instead."""
        self.answer({"status": status}, 200 if status == "ok" else 503)
