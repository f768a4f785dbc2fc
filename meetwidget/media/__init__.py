"""Sound and pictures between NumPy and the relay, by PyAV: the extra ``[media]``.

Importing anything here without the libraries says how to get them.
"""

from __future__ import annotations

from meetwidget.errors import MediaMissing

try:
    import av as av
    import numpy as numpy
except ImportError as error:
    raise MediaMissing(
        f"Sound and pictures need PyAV and NumPy: run `pip install 'meetwidget[media]'`. ({error})"
    ) from error
