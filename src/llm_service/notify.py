"""Messages to addresses that the user set: `Notifier.send(address, text, facts)`, sent from a separate thread.

Addresses often have secrets in them, so only their host is ever logged. A message is a POST of JSON:
`{service, time, text, content, ...facts}`; Slack and Mattermost show `text`, Discord shows `content`. apprise sends to
addresses other than http and https, if it is installed (the settings check that).

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

_QUEUED = 100
_TIMEOUT_S = 10.0
_WAITS_S = (1.0, 5.0, 25.0)
"""Before each further attempt."""
_WORTH_ANOTHER = frozenset({408, 425, 429, 500, 502, 503, 504})
_ANSWER_BYTES = 4_096


@dataclass(frozen=True, slots=True)
class _Message:
    address: str
    text: str
    facts: dict[str, Any]


class Notifier:
    """Sends messages, one after the other. An address that does not answer delays the others, and never its caller."""

    def __init__(self, timeout_s: float = _TIMEOUT_S, waits_s: Sequence[float] = _WAITS_S) -> None:
        self._timeout_s = timeout_s
        self._waits_s = tuple(waits_s)
        self._queue: queue.Queue[_Message | None] = queue.Queue(_QUEUED)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="notifier", daemon=True)

    def start(self) -> None:
        """Begin to send."""
        self._thread.start()

    def stop(self, timeout_s: float = 2.0) -> None:
        """Send what can be sent within the time, without further attempts, then end."""
        self._stopping.set()
        with contextlib.suppress(queue.Full):
            self._queue.put_nowait(None)
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    def send(self, address: str, text: str, facts: dict[str, Any]) -> bool:
        """Send a message soon; False if so many are waiting that it was dropped. Never blocks, raises nothing."""
        try:
            self._queue.put_nowait(_Message(address, text, facts))
        except queue.Full:
            log.warning("A message was dropped: %d are waiting", _QUEUED, extra={"host": host_of(address)})
            return False
        return True

    def _run(self) -> None:
        while True:
            message = self._queue.get()
            if message is None:
                return
            try:
                self._deliver(message)
            except Exception as problem:  # noqa: BLE001 - and its text may hold the address
                log.warning("A message could not be sent", extra=_where(message, type(problem).__name__))
            if self._stopping.is_set() and self._queue.empty():
                return

    def _deliver(self, message: _Message) -> None:
        problem, again = self._attempt(message)
        for wait_s in self._waits_s:
            if problem is None or not again:
                break
            log.info("A message is sent again in %g s", wait_s, extra=_where(message, problem))
            if self._stopping.wait(wait_s):
                break
            problem, again = self._attempt(message)
        if problem is not None:
            log.warning("A message could not be sent", extra=_where(message, problem))

    def _attempt(self, message: _Message) -> tuple[str | None, bool]:
        """(what went wrong, whether another attempt may help); (None, False) when it was sent."""
        if urlsplit(message.address).scheme not in ("http", "https"):
            return _by_apprise(message)
        try:
            with _opener().open(_request(message), timeout=self._timeout_s) as answer:
                answer.read(_ANSWER_BYTES)
            return None, False
        except HTTPError as refusal:
            refusal.close()
            return f"status {refusal.code}", refusal.code in _WORTH_ANOTHER
        except OSError as problem:  # URLError among them, whose reason is the socket's error
            reason = getattr(problem, "reason", problem)
            return str(getattr(reason, "strerror", None) or type(reason).__name__), True
        except http.client.HTTPException as problem:  # an answer that is no HTTP
            return type(problem).__name__, True


def host_of(address: str) -> str:
    """The host of an address, which may be logged."""
    return urlsplit(address).hostname or "unknown"


def _where(message: _Message, problem: str) -> dict[str, str]:
    return {"host": host_of(message.address), "problem": problem}


def _opener() -> urllib.request.OpenerDirector:
    """What opens http and https and nothing else, and follows no redirect: a message goes where the user said."""
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
        **message.facts,
    }
    address = urlunsplit((parts.scheme, place, parts.path, parts.query, ""))
    return urllib.request.Request(address, json.dumps(body).encode(), headers, method="POST")  # noqa: S310 - see _attempt


def _by_apprise(message: _Message) -> tuple[str | None, bool]:
    try:
        apprise: Any = importlib.import_module("apprise")
    except ImportError:
        return "apprise is not installed", False
    sender = apprise.Apprise()
    if not sender.add(message.address):
        return "apprise does not know such addresses", False
    return (None, False) if sender.notify(title="llm-service", body=message.text) else ("apprise failed", True)
