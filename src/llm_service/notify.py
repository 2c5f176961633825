"""Messages to addresses that the user set: `Notifier.send(address, text, fields)`, sent in the background.

Addresses often contain secrets, so only their host is logged. A message is a POST of JSON,
`{service, time, text, content, ...fields}`; Slack and Mattermost show `text`, Discord shows `content`. Addresses other
than http and https are passed to apprise, if it is installed (the settings check that).

Why apprise (2.3) is optional and does not send to http: it takes 14 MB with seven dependencies, and 186 ms to import.
For a webhook it follows a redirect to another host with the message, logs the path of the address (a secret of Slack
and Discord) at the debug level, does not try again after a 503 unless the address says so, and sends no fields of ours.
desktop-notifier (6.2) shows messages on the machine that runs the service, which is often a server, and needs D-Bus.
"""

from __future__ import annotations

import base64
import contextlib
import http.client
import importlib
import json
import logging
import queue
import threading
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.error import HTTPError
from urllib.parse import unquote, urlsplit, urlunsplit

log = logging.getLogger(__name__)

_QUEUE_SIZE = 100
_TIMEOUT_S = 10.0
_RETRY_DELAYS_S = (1.0, 5.0, 25.0)
_RETRYABLE_STATUSES = frozenset({408, 425, 429, 500, 502, 503, 504})
_MAX_RESPONSE_BYTES = 4_096


@dataclass(frozen=True, slots=True)
class _Message:
    address: str
    text: str
    fields: dict[str, Any]


class Notifier:
    """Sends messages one after the other in a thread, which begins with the first message: most dashboards send none. A
    slow address delays the other messages, never a caller."""

    def __init__(self, timeout_s: float = _TIMEOUT_S, retry_delays_s: Sequence[float] = _RETRY_DELAYS_S) -> None:
        self._timeout_s = timeout_s
        self._retry_delays_s = tuple(retry_delays_s)
        self._queue: queue.Queue[_Message | None] = queue.Queue(_QUEUE_SIZE)
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._is_started = False
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Start sending."""
        with self._lock:
            self._is_started = True
            self._begin()

    def stop(self, timeout_s: float = 2.0) -> None:
        """Send the queued messages without further retries, waiting up to `timeout_s`, and end the thread."""
        with self._lock:
            self._is_started, thread = False, self._thread
        self._stopping.set()
        with contextlib.suppress(queue.Full):
            self._queue.put_nowait(None)
        if thread is not None:
            thread.join(timeout_s)

    def send(self, address: str, text: str, fields: dict[str, Any]) -> bool:
        """Queue a message; False if the queue was full and the message was dropped. Never blocks, raises nothing."""
        try:
            self._queue.put_nowait(_Message(address, text, fields))
        except queue.Full:
            log.warning("A message was dropped: %d are queued", _QUEUE_SIZE, extra={"host": host_of(address)})
            return False
        with self._lock:
            self._begin()
        return True

    def _begin(self) -> None:
        if self._is_started and self._thread is None and not self._queue.empty():
            self._thread = threading.Thread(target=self._run, name="notifier", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        while True:
            message = self._queue.get()
            if message is None:
                return
            try:
                self._deliver(message)
            except Exception as problem:  # noqa: BLE001 - its text may contain the address
                log.warning("A message could not be sent", extra=_log_fields(message, type(problem).__name__))
            if self._stopping.is_set() and self._queue.empty():
                return

    def _deliver(self, message: _Message) -> None:
        problem, can_retry = self._attempt(message)
        for delay_s in self._retry_delays_s:
            if problem is None or not can_retry:
                break
            log.info("A message could not be sent, trying again in %g s", delay_s, extra=_log_fields(message, problem))
            if self._stopping.wait(delay_s):
                break
            problem, can_retry = self._attempt(message)
        if problem is not None:
            log.warning("A message could not be sent", extra=_log_fields(message, problem))

    def _attempt(self, message: _Message) -> tuple[str | None, bool]:
        """(what went wrong, whether to try again); (None, False) when it was sent."""
        if urlsplit(message.address).scheme not in ("http", "https"):
            return _send_by_apprise(message)
        try:
            with _http_opener().open(_request(message), timeout=self._timeout_s) as response:
                response.read(_MAX_RESPONSE_BYTES)
            return None, False
        except HTTPError as error:
            error.close()
            return f"status {error.code}", error.code in _RETRYABLE_STATUSES
        except OSError as problem:  # also URLError, whose reason is the socket's error
            reason = getattr(problem, "reason", problem)
            return str(getattr(reason, "strerror", None) or type(reason).__name__), True
        except http.client.HTTPException as problem:  # the response is not HTTP
            return type(problem).__name__, True


def host_of(address: str) -> str:
    """The host of an address: the only part that may be logged."""
    return urlsplit(address).hostname or "unknown"


def _log_fields(message: _Message, problem: str) -> dict[str, str]:
    return {"host": host_of(message.address), "problem": problem}


def _http_opener() -> urllib.request.OpenerDirector:
    """An opener for http and https only that follows no redirect: a message goes only where the user said."""
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        urllib.request.UnknownHandler(),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
    ):
        opener.add_handler(handler)
    return opener


def _request(message: _Message) -> urllib.request.Request:
    parts = urlsplit(message.address)
    headers = {"Content-Type": "application/json", "User-Agent": "llm-service"}
    if parts.username is not None:
        user = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        headers["Authorization"] = f"Basic {base64.b64encode(user.encode()).decode()}"
    place = parts.netloc.rpartition("@")[2]
    body = {
        "service": "llm-service-dashboard",
        "time": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "text": message.text,
        "content": message.text,
        **message.fields,
    }
    address = urlunsplit((parts.scheme, place, parts.path, parts.query, ""))
    return urllib.request.Request(address, json.dumps(body).encode(), headers, method="POST")  # noqa: S310 - see _attempt


def _send_by_apprise(message: _Message) -> tuple[str | None, bool]:
    try:
        apprise: Any = importlib.import_module("apprise")
    except ImportError:
        return "apprise is not installed", False
    sender = apprise.Apprise()
    if not sender.add(message.address):
        return "apprise does not know such addresses", False
    return (None, False) if sender.notify(title="llm-service", body=message.text) else ("apprise failed", True)
