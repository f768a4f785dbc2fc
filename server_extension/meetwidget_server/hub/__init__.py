"""The relay as a service of a JupyterHub, and what sets it up.

The hub's own process imports this package to read ``enable`` in its configuration file, so
nothing is loaded here that only the service needs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from meetwidget_server.hub.setup import enable as enable

__all__ = ["enable"]


def __getattr__(name: str) -> Any:
    if name == "enable":
        from meetwidget_server.hub.setup import enable

        return enable
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
