"""A Socket.IO client that stops reading: what a suspended browser tab is to the server."""

from __future__ import annotations

import socket

from kit.live import Live


class Sleeper:
    """A client that connects with a tiny receive buffer and never reads again."""

    def __init__(self, live: Live) -> None:
        self._socket = socket.create_connection(("127.0.0.1", live.port))
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        request = (
            f"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: 127.0.0.1:{live.port}\r\n"
            "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        )
        self._socket.sendall(request.encode())
        assert b"101" in self._socket.recv(400)
        body = b"40/dashboard,"
        mask = b"\x01\x02\x03\x04"
        masked = bytes(byte ^ mask[index % 4] for index, byte in enumerate(body))
        self._socket.sendall(bytes([0x81, 0x80 | len(body)]) + mask + masked)

    def close(self) -> None:
        """Hang up."""
        self._socket.close()
