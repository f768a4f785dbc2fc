"""``GET api/health``: whether the relay answers, for probes; says nothing else."""

from __future__ import annotations

from jupyter_server.auth.decorator import allow_unauthenticated

from meetwidget_server.routes.base import RelayHandler


class HealthHandler(RelayHandler):
    """Open to anyone: it reveals nothing but that there is a relay."""

    _track_activity = False

    @allow_unauthenticated
    def get(self) -> None:
        self.answer({"status": "ok"})
