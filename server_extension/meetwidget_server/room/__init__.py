"""The room: who is in it, what they may do, what is kept, and where media frames go.

No loop, no socket, no clock, no randomness: a :class:`Room` takes events and the time and
returns effects, so that it can be tested exhaustively and replayed. The driver is the only
one who does I/O. ``now`` is always seconds since 1970 on a clock that never runs backwards.

**Starting.** Load a :class:`RoomRecord` (or make a fresh one with an epoch), make
``Room(record, options, new_id, encode)`` on the first join. ``new_id(what)`` gives an
unguessable identifier for ``"participant" | "session" | "stream" | "message"``.
``encode(frames)`` turns one or more media frames into the bytes of as many binary WebSocket
messages, in order. When ``room.empty`` after some event, drop the room. Call
``room.tick(now)`` every :data:`TICK_INTERVAL` for every room.

**Every method that returns effects** expects the driver to carry them out in order:

- :class:`Send` – encode the message once, send to each of ``to``;
- :class:`Close` – close that control connection or media socket with code and reason;
- :class:`LoadHistory` → ``history_loaded(connection, History, now)`` or ``history_failed``;
- :class:`Append` → ``appended(effect, Stored, now)`` or ``append_failed(effect, now)``;
  call them in the order of offsets;
- :class:`Lookup` → ``looked_up(effect, MessageFacts | None, now)``;
- :class:`FindFiles` → ``files_found(effect, list[FileRef] | None, now)``;
- :class:`SaveRoom` – keep the record; :class:`Joined` / :class:`Left` – keep and forget the
  media token ↔ session binding;
- :class:`Noted` – for the operator's books.

**Control.** After a valid hello: ``join(connection, Arrival(...), now)``; the effects hold
``LoadHistory`` (then, later, ``Joined`` and ``welcome`` come out of ``history_loaded``) or an
``error`` and ``Close`` (room full, locked). Then for each text frame
``message(connection, decode_client(data), now)``, or ``unreadable(connection, exception,
now)`` when ``decode_client`` raised. When the socket has closed, whoever closed it:
``gone(connection, code, now)``. A connection that the room no longer knows is ignored
everywhere, so races need no care.

**Media.** After a media hello whose token is known: ``open_media(session, socket, kinds,
now)`` gives a :class:`MediaPort` (``None``: the session is gone, close with 4401) and effects.
For each binary frame: ``effects = room.media_frame(port, data, now)``; nearly always the
shared empty tuple; ``if effects: perform(effects)``. Frames only pile up in the room; whenever
``room.unflushed`` is non-empty and no flush is scheduled, schedule one for the end of this
loop turn: ``for socket, data in room.flush(now): socket.send(data)``; what comes out is
decided and final, one ``bytes`` shared by all receivers wherever possible. Also flush after
``tick``, ``message``, ``open_media`` and acknowledgements (they arrive as media frames): all
of them only set ``room.unflushed``. When a media socket has closed: ``close_media(port, now)``.

**Who comes in.** ``Arrival.standing`` is what the host's rules say; the room adds its own. A
connection that has to wait is told ``waiting`` and is no member: nothing said in the room
reaches it, its media token opens nothing, and ``Joined`` comes once a moderator has let it in.
After a restart of the relay it says hello again like everybody.

- Access decides on those who come. Whoever is inside stays inside, whatever a moderator sets;
  those who wait are decided on anew: let in by ``open`` or an invitation, sent away by
  ``invited`` and ``private``, kept where they are by a lock.
- Expected, and so never waiting: moderators by the record or the host's rules, invited users,
  and the kernels of both. A role in another room counts for nothing.
- Who has been in does not wait again while the room is alive, unless removed; guests do.
- A guest has a moderator's link for this very room, so in ``invited`` and ``private`` rooms
  they may wait, like everybody in ``lobby``.
- Without a moderator inside, people wait; who opens a new room, and so owns it, does not.
- Moderators see the list after their ``welcome`` (no list means nobody) and on each change.
  Who ceases to be one is sent an empty list.
- A removed person stays out with all devices and kernels while the room is alive, until a
  moderator invites them. Only moderators by the host's rules cannot be kept out.
- Two sources make a role (:mod:`.standing`); no moderator overrides what the host's rules
  give or cap.

**Asking again.** When the host's rules say something else of somebody who is in or waits:
``update_standing(principal, standing, code, message, now, credential=…)`` for those who came
with that credential (all of the principal without one); ``None`` for the standing puts them
out with the error ``code`` and close 4403. ``holds(principal)`` says whether somebody is in
the room now, ``rights_of(principal)`` what they may do in it.

**Stopping.** ``shutdown(now, after_ms)`` says ``bye`` (1012, reconnect) to all and closes.
"""

from .effects import (
    Act,
    Append,
    Close,
    Effect,
    Effects,
    FindFiles,
    Joined,
    Left,
    LoadHistory,
    Lookup,
    Noted,
    SaveRoom,
    Send,
)
from .options import RoomOptions
from .ports import MediaPort
from .pulse import TICK_INTERVAL
from .records import (
    EVERYONE,
    MEMBER,
    Arrival,
    Connection,
    Draft,
    History,
    MessageFacts,
    RoomRecord,
    Standing,
    Stored,
    principal,
)
from .room import Room
from .tally import MediaTally

__all__ = [
    "EVERYONE",
    "MEMBER",
    "TICK_INTERVAL",
    "Act",
    "Append",
    "Arrival",
    "Close",
    "Connection",
    "Draft",
    "Effect",
    "Effects",
    "FindFiles",
    "History",
    "Joined",
    "Left",
    "LoadHistory",
    "Lookup",
    "MediaPort",
    "MediaTally",
    "MessageFacts",
    "Noted",
    "Room",
    "RoomOptions",
    "RoomRecord",
    "SaveRoom",
    "Send",
    "Standing",
    "Stored",
    "principal",
]
