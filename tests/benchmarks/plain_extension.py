"""The plain loop inside a Jupyter server, as an extension of it: the relay's fairest rival."""

from __future__ import annotations

from typing import Any

from jupyter_server.auth.decorator import allow_unauthenticated
from jupyter_server.utils import url_path_join

from tests.benchmarks.plain_server import Plain


class PlainInJupyter(Plain):
    """Open to everyone, as the relay's sockets are before their hello."""

    @allow_unauthenticated
    async def get(self, *args: Any, **kwargs: Any) -> None:
        await super().get(*args, **kwargs)


def _load_jupyter_server_extension(server: Any) -> None:
    pattern = url_path_join(server.base_url, "plain", "(.*)")
    server.web_app.add_handlers(".*$", [(pattern, PlainInJupyter)])


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "tests.benchmarks.plain_extension"}]
