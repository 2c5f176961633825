"""Frames as a server sends them: `text_frame`, `deflated_frame`, `control_frame`; `SharedText` is one for many clients.

RFC 6455, section 5.2: unmasked and final. RFC 7692 for compressed ones: each is compressed by itself, which every
client can read, whatever was before; so one serves all clients, and no window of 256 KB is kept for each.
"""

from __future__ import annotations

import threading
import zlib

LEVEL = 5


def text_frame(payload: bytes, first: int = 0x81) -> bytes:
    """A text frame."""
    size = len(payload)
    if size < 126:
        return bytes((first, size)) + payload
    if size < 1 << 16:
        return bytes((first, 126)) + size.to_bytes(2, "big") + payload
    return bytes((first, 127)) + size.to_bytes(8, "big") + payload


def deflated_frame(payload: bytes) -> bytes:
    """A compressed text frame."""
    packer = zlib.compressobj(LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    packed = packer.compress(payload) + packer.flush(zlib.Z_SYNC_FLUSH)
    return text_frame(packed[:-4], 0xC1)  # without the empty block at the end, which the other side adds


def control_frame(kind: int, payload: bytes = b"") -> bytes:
    """A control frame; its payload has at most 125 bytes."""
    return bytes((0x80 | kind, len(payload))) + payload


class SharedText:
    """A text that is framed, and compressed, once for all clients. Thread-safe."""

    def __init__(self, text: str) -> None:
        self._payload = text.encode()
        self._lock = threading.Lock()
        self._frames: dict[bool, bytes] = {}

    def frame(self, is_deflated: bool) -> bytes:
        """The frame, compressed for a client that can read that."""
        with self._lock:
            if is_deflated not in self._frames:
                self._frames[is_deflated] = (deflated_frame if is_deflated else text_frame)(self._payload)
            return self._frames[is_deflated]
