"""A client that moves between dashboards of a board by its cursor: nothing is missed, nothing comes twice."""

from __future__ import annotations

import json
import re
import subprocess
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import quote

import pytest
import requests
from kit.cursors import in_short
from kit.processes import Service

from llm_service.hub.board_settings import MAX_FOLLOWED
from llm_service.hub.event import Event
from llm_service.hub.outbox import MAX_OBSERVERS, Outbox
from llm_service.hub.ring import Envelope, Hub
from llm_service.web.cursor import CURSOR_HEADER, Seen, cursor_text, read_cursor, resume

HERE, THERE = "a" * 16, "b" * 16
_FULL = MAX_OBSERVERS + MAX_FOLLOWED + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved(Event):
    """Other hosts get it."""

    type: ClassVar[str] = "ship.moved"
    topic: ClassVar[str] = "ships"
    shared: ClassVar[bool] = True

    number: int


def hub_of(observer: str) -> Hub:
    return Hub(outbox=Outbox(observer, 7))


def numbers(envelopes: list[Envelope]) -> list[int]:
    return [json.loads(one.text)["number"] for one in envelopes]


def test_a_client_goes_on_where_it_was_and_is_given_nothing_twice() -> None:
    hub = hub_of(HERE)
    hub.moved(THERE, "9-4")
    for number in range(3):
        hub.publish(Moved(number=number))
    # There it got two events of that host that did not come here yet.
    resumed = resume(hub, {HERE: "7-1", THERE: "9-6"})
    assert resumed is not None and numbers(resumed.missed) == [1, 2] and resumed.seq == 3
    later = [hub.relay(Moved(number=position), THERE, f"9-{position}", "") for position in (5, 6, 7)]
    later.append(hub.publish(Moved(number=8)))
    assert [resumed.seen.has(one) for one in later] == [True, True, False, False]
    assert all(resumed.seen.has(one) is False for one in later[2:])
    assert resumed.seen.has(resumed.missed[0]) is False, "that was forgotten with the first one after it"


def test_what_came_while_it_was_looked_at_is_seen() -> None:
    hub = hub_of(HERE)
    hub.publish(Moved(number=1))
    resumed = resume(hub, {HERE: "7-0"})
    assert resumed is not None and all(resumed.seen.has(one) for one in resumed.missed)


@pytest.mark.parametrize(
    "cursor", [{}, {HERE: "6-1"}, {HERE: "7-1"}, {THERE: "9-1"}, {HERE: "7-1", "c" * 16: "1-1", THERE: "9-4"}]
)
def test_who_would_miss_something_needs_a_snapshot(cursor: dict[str, str]) -> None:
    hub = Hub(2, outbox=Outbox(HERE, 7))
    hub.moved(THERE, "9-4")
    for number in range(4):
        hub.publish(Moved(number=number))
    assert resume(hub, cursor) is None


def test_events_that_are_of_no_host_or_of_a_part_are_not_seen() -> None:
    hub = hub_of(HERE)
    seen = Seen({THERE: "9-4", "bad": "x"})
    assert not seen.has(hub.publish(Moved(number=1)))
    assert not seen.has(hub.relay(Moved(number=2), THERE, None, ""))
    assert seen.has(hub.relay(Moved(number=2), THERE, "9-4", ""))
    assert not seen.has(hub.relay(Moved(number=2), THERE, "10-1", ""))
    assert not Seen().has(hub.relay(Moved(number=2), THERE, "9-4", ""))


@pytest.mark.parametrize(
    "value",
    [None, 1, "", "{", "[]", "[" * 15_000, " " * 20_001, {HERE: 1}, {HERE: "x"}, {str(n): "1-1" for n in range(222)}],
)
def test_what_is_no_cursor(value: Any) -> None:
    assert read_cursor(value) == {}


@pytest.mark.parametrize(
    "text", [f"{HERE}7", f"{HERE}-1", f"{HERE}7-1.", f".{HERE}7-1", f"{HERE}7-1\n", f"{HERE}7-1.{'A' * 16}7-1",
             f"{HERE}7-\u0661", f"{HERE}7_0-1", f"{HERE}{'z' * 13}-1", ".".join(f"{n:016x}1-1" for n in range(222))]
)  # fmt: skip
def test_what_is_no_cursor_in_short(text: str) -> None:
    assert read_cursor(text) == {}


def test_a_cursor_is_read_as_text_in_both_forms_and_as_an_object() -> None:
    positions = {HERE: "7-1", THERE: "1796128996123-94"}
    assert read_cursor(cursor_text(positions)) == read_cursor(positions) == positions
    assert read_cursor(f" {cursor_text(positions)}") == positions
    assert read_cursor(f"{HERE}7-1.{THERE}mx4otv6j-2m") == positions


def test_the_short_form_is_as_the_documents_make_it() -> None:
    """The program in docs/reach.md, run by Node."""
    page = (Path(__file__).parents[2] / "docs/reach.md").read_text()
    (lines,) = re.findall(r"^```js\n(const inBase36 = .*?)```", page, re.M | re.S)
    cursor = positions_of(_FULL)
    program = f"const cursor = {json.dumps(cursor)};\n{lines}console.log(short);"
    done = subprocess.run(["node", "-e", program], check=True, capture_output=True, text=True, timeout=60)
    text = done.stdout.strip()
    assert text == in_short(cursor) and quote(text, safe="") == text and len(text) < 7_200


def positions_of(hosts: int) -> dict[str, str]:
    """Hosts that have shared a billion events each."""
    return {f"{number:016x}": f"1796128996{number:03}-{10**9 + number}" for number in range(hosts)}


def test_the_cursor_of_as_many_hosts_as_there_may_be_comes_in_the_header_or_in_short(service: Service) -> None:
    """As JSON in an address it would be too long: the server says so, and what to do. (No board is set up here, so that
    it leads nowhere.)"""
    service.start()
    url, positions = f"{service.url}/api/events", positions_of(_FULL)
    cursor, short = cursor_text(positions), in_short(positions)
    assert read_cursor(cursor) == read_cursor(short) == positions
    for answer in (
        requests.get(url, headers={CURSOR_HEADER: cursor}, timeout=60),
        requests.get(url, params={"cursor": short}, timeout=60),
    ):
        assert (answer.status_code, answer.json()["gap"]) == (200, True)
    with requests.get(f"{service.url}/streams/tasks", params={"cursor": short}, stream=True, timeout=60) as stream:
        assert stream.status_code == 200
    refused = requests.get(url, params={"cursor": cursor}, timeout=60)
    assert (refused.status_code, refused.json()["code"]) == (414, "ADDRESS_TOO_LONG")
    assert "short form" in refused.json()["error"] and CURSOR_HEADER in refused.json()["error"]


def test_a_client_goes_on_where_a_board_is_full() -> None:
    hub, positions = hub_of(HERE), positions_of(_FULL - 1) | {HERE: "7-0"}
    for observer, position in positions.items():
        hub.moved(observer, position)
    hub.publish(Moved(number=1))
    for cursor in (cursor_text(positions), in_short(positions)):
        resumed = resume(hub, read_cursor(cursor))
        assert resumed is not None and numbers(resumed.missed) == [1]


def test_positions_are_known_while_an_event_is_published() -> None:
    """Who connects holds a lock that a subscriber waits for, and asks the hub where the hosts are."""
    hub, lock, entered = hub_of(HERE), threading.Lock(), threading.Event()
    found: list[Any] = []

    def on_envelope(envelope: Envelope) -> None:
        entered.set()
        with lock:
            found.append(envelope)

    def ask() -> None:
        hub.moved(THERE, "9-4")
        found.append((hub.positions(), resume(hub, {HERE: "7-1", THERE: "9-4"})))

    hub.subscribe(on_envelope)
    with lock:
        threading.Thread(target=hub.publish, args=(Moved(number=1),), daemon=True).start()
        assert entered.wait(60)
        asking = threading.Thread(target=ask, daemon=True)
        asking.start()
        asking.join(60)
        assert not asking.is_alive(), "each waits for the other"
    positions, resumed = found[0]
    assert positions == {HERE: "7-1", THERE: "9-4"} and resumed is not None and resumed.missed == []
