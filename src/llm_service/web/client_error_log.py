"""The loggers that engineio and socketio get: `ClientErrorLog`, in which no client can fill a disk."""

from __future__ import annotations

import logging
import sys
from typing import Any

from ..log import RateLimit

log = logging.getLogger(__name__)

_PACKAGE = __name__.partition(".")[0]
_PASSING = {f"{_PACKAGE}.web.{name}" for name in ("client_error_log", "engineio_transport", "engineio_websocket")}
"""Modules of ours that hand the messages of clients to the libraries."""


class ClientErrorLog:
    """A logger for engineio and socketio: what a client caused is one short line, and few of them.

    They log a traceback of 3.7 kB for each message that they cannot read. One that passed through our own code is a
    fault of ours, and is logged whole.
    """

    level = logging.WARNING

    def __init__(self) -> None:
        self._limit = RateLimit()

    def info(self, *args: Any) -> None:
        """Nothing: each packet would be a line."""

    debug = info

    def warning(self, text: str, *args: Any) -> None:
        """What the library thinks of a client."""
        log.debug("%s", text)

    def error(self, text: str, *args: Any) -> None:
        """The same."""
        if self._limit.allows(text[:20]):
            log.info("%s", (text % args if args else text)[:200])

    def exception(self, text: str, *args: Any) -> None:
        """An exception is being handled."""
        problem = sys.exc_info()[1]
        if not self._limit.allows(text):
            return
        if problem is not None and _passed_our_code(problem):
            log.error("%s", text % args if args else text, exc_info=problem)
        else:
            log.info("a client sent what cannot be read: %s", str(problem)[:200])

    def setLevel(self, level: int) -> None:
        """Nothing."""


def _passed_our_code(problem: BaseException) -> bool:
    traceback = problem.__traceback__
    while traceback is not None:
        module = traceback.tb_frame.f_globals.get("__name__", "")
        if module.startswith(f"{_PACKAGE}.") and module not in _PASSING:
            return True
        traceback = traceback.tb_next
    return False
