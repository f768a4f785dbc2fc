"""The room in a cell's output. The browser talks to the relay itself; the kernel only shows it."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from meetwidget.errors import MeetError
from meetwidget.wire.rooms import check_room

STATIC = Path(__file__).parent / "static"


class MeetWidget(anywidget.AnyWidget):
    """Shows a room: ``MeetWidget(room="physics-101")`` as the last line of a cell.

    Args:
        room: its name.
        relay: hints for the browser; ``base_url`` if the relay is not on the page's own server.
    """

    _esm = STATIC / "widget.js"
    _css = STATIC / "widget.css"

    room = traitlets.Unicode().tag(sync=True)
    relay = traitlets.Dict().tag(sync=True)
    intent = traitlets.Unicode().tag(sync=True)
    """``join:<nonce>`` until a browser has joined by it, then empty: a view that is merely shown
    again (a reloaded page, a saved notebook) asks first. ``leave`` when :meth:`leave` was called."""

    turn_on = traitlets.List(traitlets.Enum(["microphone", "camera"])).tag(sync=True)
    """What is turned on by joining through ``intent``, if the browser may; else nothing is."""
    place = traitlets.Enum(["", "sidebar"], default_value="").tag(sync=True)
    """Where the room is shown: in the cell's output, or beside the notebook where that can be."""

    def __init__(self, room: str, **traits: Any) -> None:
        if not (STATIC / "widget.js").exists():
            raise MeetError(
                "The front end is not built: run `make build` in meetwidget's source tree, or "
                "install a released wheel.",
                "not-built",
            )
        super().__init__(room=check_room(room), **traits)

    @traitlets.default("intent")
    def _fresh_intent(self) -> str:
        return f"join:{secrets.token_hex(8)}"

    def leave(self) -> None:
        """Takes the browsers that show the widget out of the room; it offers to join again."""
        self.intent = "leave"
