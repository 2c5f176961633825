"""`FakeHost`: a server at a followed address that does as a test says; `Forwarder`: a connection that can be frozen."""

from __future__ import annotations

import contextlib
import json
import socket
import ssl
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Any

Answer = Callable[[socket.socket], None]


class FakeHost:
    """A server on loopback. `answers`: path -> what is done with the connection. `requests`: their heads, as text."""

    def __init__(self, observer: str = "ab" * 8, secure: ssl.SSLContext | None = None) -> None:
        self.observer = observer
        self._secure = secure
        self.position = "5-1"
        self.state: dict[str, dict[str, Any]] = {}
        self.requests: list[str] = []
        self.answers: dict[str, Answer] = {
            "/api/members/report": lambda connection: send_json(connection, self.body()),
            "/api/members/state": lambda connection: send_json(connection, self.body(state=self.state, resume="5.1")),
            "/streams/all": self._stream,
        }
        self._events: list[bytes] = []
        self._changed = threading.Condition()
        self._closed = False
        self._server = socket.create_server(("127.0.0.1", 0))
        scheme = "http" if secure is None else "https"
        self.url = f"{scheme}://127.0.0.1:{self._server.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> FakeHost:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self._server.close()

    def body(self, **more: Any) -> dict[str, Any]:
        """How it says that it is."""
        card = {"host": "fake", "label": "fake", "url": None, "version": "0", "workspace": "w"}
        return {
            "observer": self.observer, "card": card, "position": self.position, "ready": True,
            "report": {"degraded": []},
        } | more  # fmt: skip

    def say(self, text: bytes) -> None:
        """Send this on the streams that are open or will be."""
        with self._changed:
            self._events.append(text)
            self._changed.notify_all()

    def event(self, number: int, body: dict[str, Any], observer: str | None = None) -> None:
        """Send an event with this number of its own."""
        origin = {"observer": observer or self.observer, "id": f"5-{number}"}
        head = {"seq": number, "epoch": "5", "time": "2026-12-01T00:00:00Z", "origin": origin}
        self.position = f"5-{number}" if observer is None else self.position
        self.say(f"id: 5.{number}\nevent: {body['type']}\ndata: {json.dumps(head | body)}\n\n".encode())

    def asked(self, path: str) -> int:
        """How many requests there were for a path."""
        return sum(request.startswith(f"GET {path} ") for request in self.requests)

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._server.accept()
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), self._secured(connection) as connection:
            head = b""
            while b"\r\n\r\n" not in head:
                piece = connection.recv(65_536)
                if not piece:
                    return
                head += piece
            text = head.decode("latin-1")
            self.requests.append(text)
            path = text.split(" ")[1]
            self.answers.get(path, lambda one: send(one, "404 Not Found", "text/plain", b"no"))(connection)

    def _secured(self, connection: socket.socket) -> socket.socket:
        if self._secure is None:
            return connection
        try:
            return self._secure.wrap_socket(connection, server_side=True)
        except OSError:
            connection.close()
            raise

    def _stream(self, connection: socket.socket) -> None:
        begin_stream(connection)
        sent = 0
        while not self._closed:
            with self._changed:
                self._changed.wait_for(lambda: self._closed or len(self._events) > sent, 0.5)  # noqa: B023
                events, sent = self._events[sent:], len(self._events)
            connection.sendall(b"".join(events) or b": here\n\n")


class Forwarder:
    """Passes bytes on to a port; while `frozen`, connections stay open and nothing passes."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._open = threading.Event()
        self._open.set()
        self._server = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._server.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def freeze(self) -> None:
        """Nothing passes any more."""
        self._open.clear()

    def thaw(self) -> None:
        """It passes again."""
        self._open.set()

    def close(self) -> None:
        """Take no more connections."""
        self.thaw()
        self._server.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._server.accept()
                far = socket.create_connection(("127.0.0.1", self._target))
                for one, other in ((near, far), (far, near)):
                    threading.Thread(target=self._pass_on, args=(one, other), daemon=True).start()

    def _pass_on(self, source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while piece := source.recv(65_536):
                self._open.wait()
                target.sendall(piece)
        for one in (source, target):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()


def send(connection: socket.socket, status: str, kind: str, body: bytes, **headers: str) -> None:
    """A whole answer."""
    lines = {"Content-Type": kind, "Content-Length": str(len(body))} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    connection.sendall(f"HTTP/1.1 {status}\r\n{head}\r\n".encode() + body)


def send_json(connection: socket.socket, body: Any) -> None:
    """A JSON answer."""
    send(connection, "200 OK", "application/json", json.dumps(body).encode())


def begin_stream(connection: socket.socket) -> None:
    """The head of a stream of events."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\n\r\n")


def endless(connection: socket.socket, head: bytes, piece: bytes) -> None:
    """Send for ever."""
    connection.sendall(head)
    while True:
        connection.sendall(piece)


def drip(connection: socket.socket, head: bytes) -> None:
    """A byte now and then, for ever."""
    connection.sendall(head)
    while True:
        connection.sendall(b"x")
        threading.Event().wait(0.05)
