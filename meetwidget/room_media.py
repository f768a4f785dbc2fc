"""Sound and pictures of a room: the part of :class:`Room` that needs the extra ``[media]``.

Nothing of it is imported before it is used: a room without pictures needs no PyAV.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from meetwidget.media_desk import MediaDesk
from meetwidget.people import Person, Someone
from meetwidget.relay_client import RelayClient

if TYPE_CHECKING:
    from meetwidget.media.audio_in import Voices
    from meetwidget.media.audio_out import AudioOut
    from meetwidget.media.feed import Frames
    from meetwidget.media.video_in import Pictures
    from meetwidget.media.video_out import VideoOut


class RoomMedia:
    """What a room shows, plays, watches and hears."""

    _client: RelayClient
    _desk: MediaDesk

    def person(self, who: str) -> Person:
        """Returns somebody by id, user name or display name."""
        raise NotImplementedError

    def publish_video(
        self,
        width: int | None = None,
        height: int | None = None,
        fps: float = 20,
        source: str = "camera",
        *,
        frames: Frames | None = None,
    ) -> VideoOut:
        """Shows pictures to the room, until closed or to the end of a ``with`` block.

        Without ``frames`` the caller writes them: ``video.write(picture)``. With ``frames`` they
        come by themselves, on a thread of their own, at most ``fps`` a second, and one a second while
        nobody watches; the source ends with them (``video.wait()``).

        Args:
            width: of every picture, pixels; 640, or that of the first of ``frames``.
            height: of every picture, pixels; 360, or that of the first of ``frames``.
            fps: at most this many pictures a second are sent.
            source: ``camera``, ``screen`` (takes the stage), or ``data:<name>`` for a tile of its
                own.
            frames: a generator or another iterable of pictures (uint8, height × width × 3, RGB; or
                grey, or with opacity), or something with OpenCV's ``read()``, as
                ``cv2.VideoCapture`` (BGR). Other sizes are fitted in, undistorted.

        Raises:
            MediaMissing: PyAV or NumPy is not installed.
            BadPicture: a size or rate out of range; no picture.
            MeetError: this kernel shows that source already.
            Refused: the relay does not let us.
        """
        from meetwidget.media.publishing import publish_frames

        size = width, height
        return publish_frames(self._desk, self._client.clock, frames, size, fps, source)

    def publish_figure(self, figure: Any, fps: float = 10, source: str = "data:figure") -> VideoOut:
        """Shows a matplotlib figure as a tile, and again whenever it is drawn.

        It is drawn by ``figure.canvas.draw()``, and by interactive backends on their own. A figure
        that was shown as ``source`` before gives way, so that a cell may run again.

        Args:
            figure: matplotlib's; its size in pixels now is that of the tile.
            fps: at most this many drawings a second are sent.
            source: ``data:<name>`` for a tile of its own, or ``camera``, or ``screen``.

        Returns:
            The source: ``close()`` takes it away, ``watched`` says whether drawing is worth it.

        Raises:
            BadPicture: no figure, or one that is not drawn as pixels.
            MeetError: as :meth:`publish_video`.
        """
        from meetwidget.media.publishing import publish_figure

        return publish_figure(self._desk, self._client.clock, figure, fps, source)

    def publish_audio(self, source: str = "microphone") -> AudioOut:
        """Plays sound to the room; raises as :meth:`publish_video`.

        Args:
            source: ``microphone``, or ``screen-audio`` for the sound of what is shown.
        """
        from meetwidget.media.audio_out import AudioOut

        return AudioOut(self._desk, self._client.clock, source)

    @cached_property
    def video(self) -> Pictures:
        """Others' pictures: ``room.video[person].frame()``, ``room.video[person, "screen"].frame()``."""
        from meetwidget.media.video_in import Pictures

        return Pictures(self._desk, self._client.clock, self._find)

    @cached_property
    def audio(self) -> Voices:
        """Others' sound: ``room.audio[person].chunks()``; ``room.audio[person, "screen-audio"]``."""
        from meetwidget.media.audio_in import Voices

        return Voices(self._desk, self._find)

    def _find(self, who: Someone | str) -> Someone:
        return self.person(who) if isinstance(who, str) else who
