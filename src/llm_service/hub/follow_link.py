"""The way to another dashboard: `FollowLink(url, token)` asks for a body, or reads a stream of events, within bounds.

What is at the other end may be anything: every answer has a size and a time, header lines count too, a body is neither
decompressed nor decoded by what it says of itself, and a redirect is refused: a token goes to the address that the user
gave, and to no other.
"""

from __future__ import annotations

import http.client
import io
import socket
import ssl
import time
from collections.abc import Callable, Generator
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

from .. import __version__

CONNECT_TIMEOUT_S = 3.0
ANSWER_TIMEOUT_S = 5.0
"""Until a stream begins."""
SLICE_S = 0.25
"""The longest time without a look at whether to go on."""
MAX_MESSAGE_BYTES = 1_310_720
"""Of an event in a stream: what the vocabulary admits, and what stands around it."""
MESSAGE_TIMEOUT_S = 10.0
"""From its first byte to its last."""
QUIET_S = 20.0
"""A stream says something every 15 s."""
MAX_HEAD_BYTES = 65_536
_PIECE = 65_536
_NO_LIMIT = 1 << 62


class FollowFailed(Exception):
    """What the other end did or did not do, in one line without a full stop; never with a token."""


@dataclass(frozen=True, slots=True)
class Message:
    """An event of a stream as it came; `data` is unchecked."""

    id: str
    name: str
    data: bytes


class _Pipe(io.RawIOBase):
    """What a socket gives, until `deadline`, at most `budget` bytes; `tick` is called at least every `SLICE_S`."""

    def __init__(self, connected: socket.socket, tick: Callable[[], None], timeout_s: float) -> None:
        self._socket, self._tick = connected, tick
        self.deadline = time.monotonic() + timeout_s
        self.budget = MAX_HEAD_BYTES

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        if self.budget <= 0:
            raise FollowFailed("it sends more than is read of it")
        while True:
            self._tick()
            left = self.deadline - time.monotonic()
            if left <= 0:
                raise FollowFailed("it does not answer in time")
            self._socket.settimeout(min(left, SLICE_S))
            try:
                count = self._socket.recv_into(buffer, min(len(buffer), self.budget))
            except TimeoutError:
                continue
            self.budget -= count
            return count


class _Shim:
    """What `http.client` takes for a socket."""

    def __init__(self, pipe: _Pipe) -> None:
        self._pipe = pipe

    def makefile(self, *_: object) -> io.BufferedReader:
        return io.BufferedReader(self._pipe, _PIECE)


class FollowLink:
    """One address. Each call has a connection of its own. `secure` is for tests: what certificates are trusted."""

    def __init__(self, url: str, token: str | None = None, secure: ssl.SSLContext | None = None) -> None:
        parts = urlsplit(url)
        self.url = url
        self._host, self._is_secure = parts.hostname or "", parts.scheme == "https"
        self._port = parts.port or (443 if self._is_secure else 80)
        self._base = parts.path.rstrip("/")
        self._netloc = parts.netloc
        self._token = token
        self._context = secure

    def get(self, path: str, max_bytes: int, timeout_s: float, tick: Callable[[], None]) -> bytes:
        """The body of a GET, JSON by its type. Raises FollowFailed, and what `tick` raises."""
        with _Exchange(self, path, {"Accept": "application/json"}, "application/json", tick, timeout_s) as exchange:
            exchange.pipe.budget = max_bytes
            pieces = list[bytes]()
            while piece := exchange.read():
                pieces.append(piece)
            return b"".join(pieces)

    def stream(self, path: str, last_id: str, tick: Callable[[], None]) -> Generator[Message, None, None]:
        """The events after `last_id`. Ends when the other end does. Raises FollowFailed, and what `tick` raises."""
        headers = {"Accept": "text/event-stream", "Last-Event-ID": last_id}
        with _Exchange(self, path, headers, "text/event-stream", tick, ANSWER_TIMEOUT_S) as exchange:
            yield from _messages(exchange)

    def connect(self) -> socket.socket:
        """A connected socket. Raises FollowFailed."""
        try:
            connected = socket.create_connection((self._host, self._port), timeout=CONNECT_TIMEOUT_S)
        except (OSError, UnicodeError) as problem:
            raise FollowFailed(f"it cannot be reached: {_text(problem)}") from problem
        if not self._is_secure:
            return connected
        try:
            if self._context is None:
                self._context = ssl.create_default_context()
            secured = self._context.wrap_socket(connected, server_hostname=self._host, do_handshake_on_connect=False)
        except (OSError, ValueError) as problem:
            connected.close()
            raise FollowFailed(f"no secure connection: {_text(problem)}") from problem
        try:
            _shake_hands(secured)
        except (OSError, ValueError) as problem:
            secured.close()
            raise FollowFailed(f"no secure connection: {_text(problem)}") from problem
        return secured

    def request(self, path: str, headers: dict[str, str]) -> bytes:
        """The bytes of a GET."""
        lines = {"Host": self._netloc, "User-Agent": f"llm-service/{__version__}", "Accept-Encoding": "identity"}
        lines |= {"Connection": "close"} | headers
        if self._token is not None:
            lines["Authorization"] = f"Bearer {self._token}"
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        return f"GET {self._base}{path} HTTP/1.1\r\n{head}\r\n".encode("latin-1", "replace")


class _Exchange:
    """One request and its answer, checked to be a success of the right type."""

    def __init__(
        self,
        link: FollowLink,
        path: str,
        headers: dict[str, str],
        kind: str,
        tick: Callable[[], None],
        timeout_s: float,
    ) -> None:
        self._socket = link.connect()
        try:
            self._socket.settimeout(CONNECT_TIMEOUT_S)
            self._socket.sendall(link.request(path, headers))
            self.pipe = _Pipe(self._socket, tick, timeout_s)
            self._answer = http.client.HTTPResponse(_Shim(self.pipe), method="GET")  # type: ignore[arg-type]
            self._answer.begin()
            self._check(kind)
        except (OSError, http.client.HTTPException, ValueError) as problem:
            self._socket.close()
            raise FollowFailed(f"its answer cannot be read: {_text(problem)}") from problem
        except BaseException:
            self._socket.close()
            raise

    def __enter__(self) -> _Exchange:
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError, http.client.HTTPException):
            self._answer.close()
        self._socket.close()

    def read(self) -> bytes:
        """The next bytes; b"" at the end."""
        try:
            return self._answer.read1(_PIECE)
        except (OSError, http.client.HTTPException, ValueError) as problem:
            raise FollowFailed(f"its answer cannot be read: {_text(problem)}") from problem

    def _check(self, kind: str) -> None:
        status = self._answer.status
        if 300 <= status < 400:
            raise FollowFailed("it redirects, and a redirect is not followed: give the address that it leads to")
        if status in (401, 403):
            raise FollowFailed(f"it refuses ({status}): follow_tokens needs the token of one of its admins")
        if status == 404:
            raise FollowFailed("it is no dashboard that can be followed (404)")
        if status != 200:
            raise FollowFailed(f"it answers with {status}")
        found = (self._answer.getheader("Content-Type") or "").partition(";")[0].strip().lower()
        if found != kind:
            raise FollowFailed(f"it answers with “{found[:50]}” and not with {kind}")
        if (self._answer.getheader("Content-Encoding") or "identity").lower() != "identity":
            raise FollowFailed("it answers in an encoding that was not asked for")


def _shake_hands(secured: ssl.SSLSocket) -> None:
    """The handshake within `CONNECT_TIMEOUT_S`, however many pieces it comes in. Raises OSError."""
    deadline = time.monotonic() + CONNECT_TIMEOUT_S
    while (left := deadline - time.monotonic()) > 0:
        secured.settimeout(min(left, SLICE_S))
        with suppress(TimeoutError):
            secured.do_handshake()
            return
    raise TimeoutError("it does not answer in time")


def _messages(exchange: _Exchange) -> Generator[Message, None, None]:
    """The events of a stream, each whole."""
    pipe = exchange.pipe
    fields: dict[bytes, list[bytes]] = {}
    rest, size = b"", 0
    while True:
        # Bytes that are no event yet have to become one in time; a comment is nothing to wait for.
        if not rest and not fields:
            pipe.deadline = time.monotonic() + QUIET_S
        pipe.budget = _NO_LIMIT
        piece = exchange.read()
        if not piece:
            return
        if not rest and not fields:
            pipe.deadline = time.monotonic() + MESSAGE_TIMEOUT_S
        lines = (rest + piece).split(b"\n")
        rest = lines.pop()
        for line in lines:
            line = line.removesuffix(b"\r")
            if line:
                size += len(line)
                name, _, value = line.partition(b":")
                if name in (b"id", b"event", b"data"):
                    fields.setdefault(name, []).append(value.removeprefix(b" "))
            else:
                if b"data" in fields:
                    yield _message(fields)
                    pipe.deadline = time.monotonic() + MESSAGE_TIMEOUT_S
                fields, size = {}, 0
            if size > MAX_MESSAGE_BYTES:
                raise FollowFailed("an event of it is too large")
        if fields.get(b"event") == [b"snapshot"]:
            yield _message(fields)  # what it says is not waited for: the state is asked for
        if size + len(rest) > MAX_MESSAGE_BYTES:
            raise FollowFailed("an event of it is too large")


def _message(fields: dict[bytes, list[bytes]]) -> Message:
    def text(name: bytes) -> str:
        return fields.get(name, [b""])[-1][:200].decode("ascii", "replace")

    return Message(text(b"id"), text(b"event"), b"\n".join(fields.get(b"data", [])))


def _text(problem: Exception) -> str:
    return (" ".join(str(problem).split()) or type(problem).__name__)[:150]
