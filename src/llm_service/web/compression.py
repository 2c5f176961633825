"""Answers compressed for those who can read that: `compress(response)` after each request, `accepts_gzip(request)`.

gzip, because the standard library has it and every browser reads it. That the length of a compressed answer tells
something about what is in it (BREACH) is of use only to somebody who can make a browser ask for answers with text of
his own in them, again and again, and see their length. Foreign pages can make it ask for nothing (`guard.py`), and no
answer has a secret in it: the token is only ever sent to us.
"""

from __future__ import annotations

import zlib

from flask import Request, Response, request

LEAST_BYTES = 1_400
"""What fits into one packet takes as long as half of it."""
LEVEL = 5
"""A snapshot of 5,000 tasks: 14 ms and 118 KB; level 9 takes 46 ms for 110 KB, level 1 6 ms for 149 KB."""
_GZIP = 31  # zlib's way of saying: a window of 32 KB, and gzip's header


def compressor() -> zlib._Compress:
    """Makes gzip piece by piece. It computes without holding up other threads."""
    return zlib.compressobj(LEVEL, zlib.DEFLATED, _GZIP)


def gzipped(body: bytes) -> bytes:
    """The bytes as gzip, the same for the same bytes."""
    packer = compressor()
    return packer.compress(body) + packer.flush()


def gunzipped(body: bytes) -> bytes:
    """The bytes that were made to gzip here."""
    return zlib.decompress(body, _GZIP)


def accepts_gzip(asked: Request) -> bool:
    """Can the client read gzip, and does it want it?"""
    return bool(asked.accept_encodings["gzip"])


def compress(response: Response) -> Response:
    """Compress a long answer in JSON, if the client can read it; not streams, nor files."""
    is_whole = not response.is_streamed and not response.direct_passthrough
    if is_whole and response.is_json and response.content_encoding is None:
        body = response.get_data()
        if len(body) >= LEAST_BYTES:
            response.vary.add("Accept-Encoding")
            if accepts_gzip(request):
                response.set_data(gzipped(body))
                response.content_encoding = "gzip"
    return response
