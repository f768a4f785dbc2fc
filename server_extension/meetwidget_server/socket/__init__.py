"""The relay's WebSocket layer.

A handler derives from :class:`MeetSocket` (or, outside a Jupyter server, from
:class:`SocketHandler`), gets whole messages as bytes and sends prebuilt frames::

    class Control(MeetSocket):
        def on_text(self, payload: bytes) -> None:
            frame = text_frame(payload)  # built once, shared by all receivers
            for peer in peers:
                peer.send(frame)
"""

from __future__ import annotations

from meetwidget_server.socket.frames import binary_frame, binary_frames, close_frame, text_frame
from meetwidget_server.socket.handler import MeetSocket, SocketHandler
from meetwidget_server.socket.hub import Hub, hub_of
from meetwidget_server.socket.options import SETTING, SocketOptions

__all__ = [
    "SETTING",
    "Hub",
    "MeetSocket",
    "SocketHandler",
    "SocketOptions",
    "binary_frame",
    "binary_frames",
    "close_frame",
    "hub_of",
    "text_frame",
]
