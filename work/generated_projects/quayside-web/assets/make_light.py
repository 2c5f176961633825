"""Draws `light.png`, the light at the pier's end: 32 by 32 pixels, without a library."""

import struct
import zlib
from pathlib import Path

SIZE = 32
SKY, LIGHT, TOWER, STRIPE, SEA = (18, 32, 56), (255, 214, 92), (240, 240, 236), (196, 52, 44), (28, 84, 120)


def colour(x: int, y: int) -> tuple[int, int, int]:
    if y >= 27:
        return SEA
    if 13 <= x <= 18 and y >= 12:
        return STRIPE if (y - 12) // 4 % 2 else TOWER
    if 12 <= x <= 19 and 8 <= y < 12:
        return LIGHT
    return LIGHT if 8 <= y < 12 and (x + y) % 3 == 0 else SKY


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


rows = b"".join(b"\0" + b"".join(bytes(colour(x, y)) for x in range(SIZE)) for y in range(SIZE))
head = struct.pack(">IIBBBBB", SIZE, SIZE, 8, 2, 0, 0, 0)
png = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")
Path(__file__).with_name("light.png").write_bytes(png)
