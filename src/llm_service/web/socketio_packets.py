"""What clients of Socket.IO may send: `CheckedPacket` makes everything else the event `REFUSED`, with the reason.

python-socketio raises an exception with a traceback for a packet that it cannot read, calls handlers with whatever
arguments a client chose, also those of its own events `connect` and `disconnect`, and keeps the attachments of binary
packets without a bound.
"""

from __future__ import annotations

from typing import Any, Literal

from engineio import json
from socketio.packet import ACK, BINARY_ACK, BINARY_EVENT, CONNECT, CONNECT_ERROR, DISCONNECT, EVENT, Packet

from ..errors import BadRequest, NotFound

NAMESPACE = "/dashboard"
EVENTS = ("subscribe", "unsubscribe", "ping")
"""The events that a client may send."""
REFUSED = "refused"
_UNREADABLE = "This packet cannot be read."
_MAX_QUOTED = 50


class CheckedJson:
    """JSON for Socket.IO: what nests too deep raises ValueError like all else that is not JSON."""

    dumps = staticmethod(json.dumps)

    @staticmethod
    def loads(text: str) -> Any:
        """The value. Raises ValueError."""
        try:
            return json.loads(text)
        except RecursionError:
            raise ValueError("nested too deep") from None


class CheckedPacket(Packet):  # type: ignore[misc]
    """A packet of Socket.IO. The data of one that was read are acceptable to the handlers.

    An event's first argument tells whether the client asked for an acknowledgement; then come the client's arguments,
    or for `REFUSED` the reason. Events for other namespaces become attempts to connect there, which are refused.
    """

    packet_type: Any
    data: Any

    def __init__(
        self, packet_type: int = EVENT, data: Any = None, namespace: str | None = None, **options: Any
    ) -> None:
        if packet_type == CONNECT_ERROR:
            data = _connect_error(namespace)
        super().__init__(packet_type, data, namespace, **options)
        if "encoded_packet" in options and not options["encoded_packet"]:  # which `decode` does not get
            self._refuse(_UNREADABLE)

    def decode(self, encoded: Any) -> Literal[0]:
        """Read what a client sent: text, bytes, or what Engine.IO took for JSON. No attachment is ever waited for."""
        try:
            # Bytes are an attachment of an event that was refused already.
            super().decode(str(ACK) if isinstance(encoded, bytes | bytearray) else encoded)
        except Exception:  # noqa: BLE001 - whatever it raises for what a client made up
            self._refuse(_UNREADABLE)
        else:
            self._check()
        return 0

    def _check(self) -> None:
        if self.packet_type in (ACK, BINARY_ACK):
            # Nothing is asked of clients, so this acknowledges nothing.
            self.packet_type, self.namespace, self.id, self.data = ACK, NAMESPACE, None, []
        elif self.packet_type not in (CONNECT, DISCONNECT, EVENT, BINARY_EVENT):
            self._refuse("A client does not send packets of this type.")
        elif self.packet_type not in (CONNECT, DISCONNECT):
            self._check_event()

    def _check_event(self) -> None:
        if (self.namespace or "/") != NAMESPACE:
            self.packet_type, self.data = CONNECT, None
        elif not isinstance(self.data, list) or not self.data or not isinstance(self.data[0], str):
            self._refuse("An event has to be a list that begins with its name.")
        elif self.data[0] not in EVENTS:
            self._refuse(f"There is no event “{self.data[0][:_MAX_QUOTED]}” to send here.")
        elif self.packet_type == BINARY_EVENT:
            self._refuse(f"The event “{self.data[0]}” takes no binary data.")
        else:
            self.data.insert(1, self.id is not None)

    def _refuse(self, reason: str) -> None:
        self.packet_type, self.namespace = EVENT, NAMESPACE
        self.data = [REFUSED, self.id is not None, reason]


def _connect_error(namespace: str | None) -> dict[str, Any]:
    """What a client is answered that cannot connect to this namespace: Socket.IO shows it `message`."""
    name = namespace or "/"
    error: BadRequest | NotFound
    if name == NAMESPACE:
        error = BadRequest(f"This connection is already in the namespace {NAMESPACE}.")
    else:
        error = NotFound(f"There is nothing in the namespace {name[:_MAX_QUOTED]}: connect to {NAMESPACE}.")
    return {"message": error.message, "data": error.as_json()}
