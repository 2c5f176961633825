"""Requests that keep their thread: streams and waiting polls. `hold_thread(environ)` asks the server for it. One that
needs none for its connection, `take_connection(environ)`, gives it back.

The server has a limited number of threads, and lets streams have all but a share of them. So there is always a thread
for a request that ends by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..errors import ServiceError

HOLD_THREAD = "llm_service.hold_thread"
"""Key of the WSGI environment: a function that is true if this request may keep its thread."""


TAKE_CONNECTION = "llm_service.take_connection"
"""Key of the WSGI environment: a function after which the server leaves the connection alone."""


class TooManyStreams(ServiceError):
    """All threads that streams may have are in use."""

    code = "TOO_MANY_STREAMS"
    http_status = 503


def hold_thread(environ: Mapping[str, Any]) -> None:
    """Keep the thread of this request until it ends. Raises TooManyStreams."""
    hold: Callable[[], bool] | None = environ.get(HOLD_THREAD)
    if hold is not None and not hold():
        raise TooManyStreams("Too many streams are open; try again later, or raise the setting `threads`.")


def take_connection(environ: Mapping[str, Any]) -> bool:
    """The connection of this request is ours, to be closed by us; False if this server cannot let go of it."""
    take: Callable[[], None] | None = environ.get(TAKE_CONNECTION)
    if take is not None:
        take()
    return take is not None
