"""``api/media``: a lane of one participant's media; binary frames after one textual hello."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from meetwidget.wire.close import CloseCode
from meetwidget.wire.media import MediaKind
from meetwidget_server.effect_runner import HostedRoom
from meetwidget_server.room import MediaPort
from meetwidget_server.routes.sockets import RelaySocket
from meetwidget_server.socket import SocketOptions, text_frame

_ALL_KINDS: list[MediaKind] = ["audio", "video", "data"]
_READY = text_frame(b'{"type":"ready"}')


class MediaHello(Struct, tag_field="type", tag="hello"):
    """The first frame of a media socket."""

    token: Annotated[str, Meta(min_length=1, max_length=256)]
    kinds: Annotated[list[MediaKind], Meta(min_length=1, max_length=3)] = msgspec.field(
        default_factory=lambda: list(_ALL_KINDS)
    )


_decode = msgspec.json.Decoder(MediaHello).decode


class MediaConversation(RelaySocket):
    """Frames of the kinds it asked for, both ways."""

    hosted: HostedRoom | None = None
    port: MediaPort | None = None

    @property
    def socket_options(self) -> SocketOptions:
        return self.relay.media_options

    def on_text(self, payload: bytes) -> None:
        if self.port is not None:
            self.refuse(CloseCode.BAD_FRAME, "A media socket carries binary frames only.")
            return
        try:
            hello = _decode(payload)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            self.refuse(CloseCode.BAD_FRAME, "The first frame must be a hello.")
            return
        self.introduced()
        bound = self.relay.open_media(self, hello.token, hello.kinds)
        if bound is None:
            self.refuse(CloseCode.BAD_TICKET, "The media token is unknown or its session ended.")
        else:
            self.hosted, self.port = bound
            self.receive_binary_with(self.relay.frames_from(*bound))
            self.send(_READY)

    def on_binary(self, payload: bytes) -> None:
        # Only before the hello; afterwards the relay takes the frames itself.
        self.refuse(CloseCode.BAD_FRAME, "The first frame must be a hello.")

    def refuse(self, code: int, reason: str) -> None:
        self.close(code, reason)

    def on_gone(self, code: int, reason: str) -> None:
        super().on_gone(code, reason)
        if self.hosted is not None and self.port is not None:
            self.relay.close_media(self.hosted, self.port)
