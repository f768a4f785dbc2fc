"""Imports PyAV and NumPy, or says how to get them. Import this before them."""

from __future__ import annotations

from meetwidget.errors import MediaMissing

try:
    import av
    import numpy
except ImportError as error:
    raise MediaMissing(
        f"Sound and pictures need PyAV and NumPy: run `pip install 'meetwidget[media]'`. ({error})"
    ) from error

__all__ = ["av", "numpy"]
