"""Receives what the client of a Socket.IO session sends, with a thread only while there is something: `SessionReader`.

A thousand clients say next to nothing: a pong every 25 seconds. One thread waits for all of them (`IoLoop`), and a few
handle what has come.
"""

from __future__ import annotations

import contextlib
import logging
from concurrent.futures import Executor
from typing import Any

from engineio.exceptions import EngineIOError
from engineio.packet import Packet

from .io_loop import IoLoop
from .websocket_connection import WebSocket, WebSocketEnded

log = logging.getLogger(__name__)

BAD_PACKET = (EngineIOError, ValueError, TypeError, KeyError, IndexError, RecursionError)
"""What engineio raises for what a client made up."""


class SessionReader:
    """Reads and ends a session whose connection the server has let go of."""

    def __init__(self, session: Any, connection: WebSocket, loop: IoLoop, threads: Executor) -> None:
        self._session = session
        self._connection = connection
        self._loop = loop
        self._threads = threads

    def start(self) -> None:
        """Wait for what the client sends; returns at once."""
        if self._connection.has_message:  # it came together with the last message of the upgrade
            self._readable()
            return
        try:
            self._loop.when_readable(self._connection, self._readable)
        except RuntimeError:  # no thread for the loop
            self._end("normal")

    def _readable(self) -> None:
        try:
            self._threads.submit(self._read)
        except RuntimeError:  # the service stops, or there is no thread
            self._end("normal")

    def _read(self) -> None:
        reason = "normal"
        try:
            receive_all(self._session, self._connection)
            if not self._session.closed:
                self.start()
                return
        except WebSocketEnded as end:
            reason = end.reason
        except BAD_PACKET:
            reason = "protocol"
        except Exception:
            log.exception("a client's message failed")
        self._end(reason)

    def _end(self, reason: str) -> None:
        end_session(self._session)
        self._connection.close(reason)
        self._connection.dispose()


def receive_all(session: Any, connection: WebSocket, wait_s: float | None = None) -> None:
    """Handle what the client has sent; with `wait_s` also what it will send, until the session ends.

    Raises WebSocketEnded, and what is in BAD_PACKET.
    """
    while not session.closed:
        data = connection.receive(wait_s or 0.0)
        if data is not None:
            session.receive(Packet(encoded_packet=data))
        elif wait_s is None:
            return


def end_session(session: Any) -> None:
    """Nothing is written any more; engineio forgets the session."""
    session.queue.on_put = None
    with contextlib.suppress(EngineIOError):
        session.close(wait=False, abort=True, reason=session.server.reason.TRANSPORT_CLOSE)
