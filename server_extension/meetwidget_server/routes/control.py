"""``api/control``: the socket of one participant's control messages."""

from __future__ import annotations

from msgspec import UNSET

from meetwidget.wire.close import CloseCode, is_final
from meetwidget.wire.control import PROTOCOL_VERSION, BadFrame, Bye, Hello, decode_client, encode
from meetwidget_server.effect_runner import HostedRoom
from meetwidget_server.routes.sockets import RelaySocket
from meetwidget_server.socket import SocketOptions, text_frame


class ControlConversation(RelaySocket):
    """Text frames in, text frames out; the first one in is ``hello``."""

    hosted: HostedRoom | None = None

    @property
    def socket_options(self) -> SocketOptions:
        return self.relay.control_options

    def on_text(self, payload: bytes) -> None:
        try:
            message = decode_client(payload)
        except ValueError as error:
            if self.hosted is None:
                self.refuse(CloseCode.BAD_FRAME, "The first frame must be a hello.")
            else:
                self.relay.unreadable(self.hosted, self, error)
            return
        if self.hosted is not None:
            self.relay.message(self.hosted, self, message)
        elif isinstance(message, Hello):
            self._hello(message)
        else:
            self.refuse(CloseCode.BAD_FRAME, "The first frame must be a hello.")

    def _hello(self, hello: Hello) -> None:
        self.introduced()
        if hello.protocol != PROTOCOL_VERSION:
            self.refuse(
                CloseCode.BAD_FRAME,
                f"This relay speaks protocol {PROTOCOL_VERSION}, not {hello.protocol}:"
                " update meetwidget on the older side.",
            )
            return
        grant = self.relay.tickets.redeem(hello.ticket)
        if grant is None:
            self.relay.counts.refused["bad-ticket"] += 1
            self.relay.audit.refused("", "", "bad-ticket")
            self.refuse(CloseCode.BAD_TICKET, "The ticket is unknown, used or expired.")
        elif grant.client != hello.client.kind:
            self.refuse(CloseCode.NOT_ALLOWED, "The ticket is for another kind of client.")
        else:
            resume = None if hello.resume is UNSET else hello.resume
            self.hosted = self.relay.join(self, grant, resume, hello.client.decodes)

    def on_binary(self, payload: bytes) -> None:
        if self.hosted is None:
            self.refuse(CloseCode.BAD_FRAME, "The first frame must be a hello.")
        else:
            error = BadFrame("a control socket carries text only")
            self.relay.unreadable(self.hosted, self, error)

    def refuse(self, code: int, reason: str) -> None:
        self.send(text_frame(encode(Bye(code, reason, reconnect=not is_final(code)))))
        self.close(code, reason)

    def on_gone(self, code: int, reason: str) -> None:
        super().on_gone(code, reason)
        if self.hosted is not None:
            self.relay.gone(self.hosted, self, code)
