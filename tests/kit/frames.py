"""WebSocket frames and handshakes by hand (RFC 6455, sections 4 and 5): what no library would send."""

from __future__ import annotations

import socket

UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}
"""The headers of a handshake, with the key of RFC 6455, section 1.3."""

_MASK = b"\x01\x02\x03\x04"


def frame(payload: bytes, kind: int = 1, final: bool = True) -> bytes:
    """A masked frame, as a client sends it."""
    size = len(payload)
    head = bytes([(0x80 if final else 0) | kind])
    if size < 126:
        head += bytes([0x80 | size])
    elif size < 65_536:
        head += b"\xfe" + size.to_bytes(2, "big")
    else:
        head += b"\xff" + size.to_bytes(8, "big")
    repeated = (_MASK * (size // 4 + 1))[:size]
    masked = int.from_bytes(payload, "big") ^ int.from_bytes(repeated, "big")
    return head + _MASK + masked.to_bytes(size, "big")


def upgrade(connection: socket.socket, path: str, *headers: str) -> bytes:
    """Ask for a WebSocket; the first bytes of the answer."""
    host = f"127.0.0.1:{connection.getpeername()[1]}"
    lines = [
        f"GET {path} HTTP/1.1",
        f"Host: {host}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        *headers,
    ]
    connection.sendall("\r\n".join([*lines, "", ""]).encode())
    return connection.recv(2_000)
