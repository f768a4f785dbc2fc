"""A matplotlib figure as a tile: shown as it is now, and again whenever it is drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from meetwidget.errors import BadPicture, MeetError
from meetwidget.media.fitting import Pixels, as_rgb, fit

if TYPE_CHECKING:
    from meetwidget.media.video_out import VideoOut

PAPER = 255
"""White: what shows through a figure without a background, and around one of another shape."""


def drawn(figure: Any) -> Pixels:
    """Draws a figure and returns its pixels.

    Raises:
        BadPicture: this is no figure, or one that has no pixels.
    """
    canvas = getattr(figure, "canvas", None)
    if canvas is None or not hasattr(canvas, "mpl_connect"):
        raise BadPicture(f"A figure is matplotlib's; this is a {type(figure).__name__}.")
    canvas.draw()
    if not hasattr(canvas, "buffer_rgba"):
        raise BadPicture(
            f"This figure is drawn by {type(canvas).__name__}, which keeps no pixels: choose "
            "another backend, for example `%matplotlib inline`."
        )
    return pixels_of(canvas)


def pixels_of(canvas: Any) -> Pixels:
    """Returns what was drawn last, RGB on white."""
    return as_rgb(np.array(canvas.buffer_rgba()), PAPER)


class FigureFeed:
    """Writes a figure's pixels to a source whenever it is drawn, by whoever draws it."""

    def __init__(self, video: VideoOut, figure: Any, now: Pixels) -> None:
        self._video = video
        self._figure = figure
        # The registry holds bound methods weakly: the source keeps this object, and so the method.
        self._connection = figure.canvas.mpl_connect("draw_event", self._on_draw)
        self._write(now)

    def stop(self) -> None:
        """Follows the figure no longer."""
        self._figure.canvas.mpl_disconnect(self._connection)

    def _on_draw(self, event: Any) -> None:
        canvas = event.canvas
        if canvas.is_saving() or not hasattr(canvas, "buffer_rgba"):
            return  # drawn for a file or a cell's output, at another size
        try:
            self._write(pixels_of(canvas))
        except MeetError:
            self.stop()  # the source or the room has ended: drawing goes on without it

    def _write(self, pixels: Pixels) -> None:
        self._video.write(fit(pixels, self._video.width, self._video.height, PAPER))
