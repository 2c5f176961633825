"""The messenger: what begins to wait is sent once, together, not in the quiet hours, and only what was chosen."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests
from kit.live import Live, eventually

from llm_service.errors import BadRequest
from llm_service.hub.event import ServiceReady
from llm_service.needs_you.events import NeedClosed, NeedOpened
from llm_service.needs_you.messenger import Messenger
from llm_service.needs_you.model import Need

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC).timestamp()
ADDRESS = "https://hooks.example.org/T0/SECRET"


class Sent:
    """What was sent, and a clock that the test sets."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.now = NOON
        self.is_full = False
        self.looks = 0

    def clock(self) -> float:
        self.looks += 1
        return self.now

    def send(self, address: str, text: str, fields: dict[str, Any]) -> bool:
        assert address == ADDRESS
        if self.is_full:
            return False
        self.texts.append(text)
        return True


@pytest.fixture
def sent() -> Sent:
    """Nothing yet."""
    return Sent()


@pytest.fixture
def make(sent: Sent) -> Iterator[Callable[..., Messenger]]:
    """Make and start a messenger; it is stopped at the end."""
    made: list[Messenger] = []

    def begin(kinds: tuple[str, ...] = ("needs", "failed"), quiet: Any = None, **more: Any) -> Messenger:
        options = {"gather_s": 0.05, "between_s": 0.0, "at_start_s": 10.0, "address": ADDRESS} | more
        one = Messenger(options.pop("address"), kinds, quiet, UTC, sent.send, sent.clock, **options)
        made.append(one)
        one.start()
        one.on_event(ServiceReady(tasks=0, invalid=0, load_ms=1))
        sent.now += 11
        return one

    yield begin
    for one in made:
        one.stop()


def need(number: int, kind: str = "permission") -> Need:
    """Something that waits."""
    return Need(
        id=f"n{number}", kind=kind, source="hooks", title=f"Need {number}", text=None, since="2026-03-10T12:00:00Z",
        certainty="confirmed", rests_on="a test", link="#/needs-you", link_label=None, project=None,
    )  # fmt: skip


def test_what_comes_together_is_one_message_and_only_what_was_chosen(
    sent: Sent, make: Callable[..., Messenger]
) -> None:
    one = make()
    with one._thread.changed:  # so that they come together, however busy the machine is
        for number, kind in enumerate(("permission", "failed", "stale", "budget", "question")):
            one.on_event(NeedOpened(need=need(number, kind)))
    eventually(lambda: sent.texts)
    assert sent.texts == ["3 need you\n• Need 0\n• Need 1\n• Need 4"]
    # The same occasion is not sent twice, however often it is opened again.
    one.on_event(NeedOpened(need=need(0)))
    one.on_event(NeedOpened(need=need(9)))
    eventually(lambda: len(sent.texts) == 2)
    assert sent.texts[1] == "1 needs you\n• Need 9"


def test_what_waited_at_the_start_is_not_sent(sent: Sent, make: Callable[..., Messenger]) -> None:
    one = make()
    sent.now -= 11  # the board has just become complete
    one.on_event(NeedOpened(need=need(1)))
    sent.now += 11
    one.on_event(NeedOpened(need=need(2)))
    eventually(lambda: sent.texts)
    assert sent.texts == ["1 needs you\n• Need 2"]


def test_in_the_quiet_hours_nothing_is_sent_and_then_what_still_waits(
    sent: Sent, make: Callable[..., Messenger]
) -> None:
    one = make(quiet=(11 * 60, 13 * 60), quiet_check_s=0.01)
    one.on_event(NeedOpened(need=need(1)))
    one.on_event(NeedOpened(need=need(2)))
    looks = sent.looks
    eventually(lambda: sent.looks > looks + 5)  # it waits for the end of the quiet hours
    one.on_event(NeedClosed(need=need(1)))
    assert sent.texts == []
    sent.now = NOON + 3600
    eventually(lambda: sent.texts)
    assert sent.texts == ["In the quiet hours: 1 needs you\n• Need 2"]


def test_without_an_address_or_a_kind_it_is_off(sent: Sent, make: Callable[..., Messenger]) -> None:
    assert not make(kinds=()).is_on
    assert not make(address=None).is_on
    with pytest.raises(BadRequest, match="No address is set"):
        make(address=None).try_now()


def test_one_can_be_sent_to_try_but_not_many(sent: Sent, make: Callable[..., Messenger]) -> None:
    one = make(kinds=())
    assert one.try_now() == "hooks.example.org"
    assert len(sent.texts) == 1
    with pytest.raises(BadRequest, match="a moment ago"):
        one.try_now()
    sent.now += 6
    sent.is_full = True
    with pytest.raises(BadRequest, match="dropped"):
        one.try_now()


def test_a_task_that_is_done_is_sent_to_the_address(start: Callable[..., Live], workspace: Path) -> None:
    from http.server import BaseHTTPRequestHandler, HTTPServer

    bodies: list[bytes] = []

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing."""

    server = HTTPServer(("127.0.0.1", 0), Hook)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        live = start(webhook=f"http://127.0.0.1:{server.server_port}/secret", notify=["done"])
        live.write("done/ada/t1.yaml", title="Ship it @everyone")
        live.sync()
        assert b"Ship it \\uff20everyone" in eventually(lambda: bodies)[0]
        answer = requests.post(f"{live.url}/api/notifications/try", json={}, timeout=60)
        assert (answer.status_code, answer.json()) == (200, {"host": "127.0.0.1"})
        eventually(lambda: len(bodies) == 2)
        assert "/secret" not in live.get("/api/settings").text
    finally:
        server.shutdown()
        server.server_close()
