"""The version of what is installed, asked of the installation and not written down twice."""

from __future__ import annotations

from functools import cache
from importlib.metadata import PackageNotFoundError, version as installed_version


@cache
def version() -> str:
    """Returns the distribution's version, ``0`` when run from a source tree only."""
    try:
        return installed_version("meetwidget")
    except PackageNotFoundError:
        return "0"
