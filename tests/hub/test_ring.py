"""The ring of numbered events."""

from __future__ import annotations

import json
import threading
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_service.hub.event import ServiceProgress, projects_of
from llm_service.hub.ring import Hub, encode


def fact(number: int = 0) -> ServiceProgress:
    return ServiceProgress(done=number, total=9)


def test_events_are_numbered_from_one_and_have_an_envelope() -> None:
    hub = Hub(clock=lambda: 0.0)
    envelope = hub.publish(fact(3))
    assert json.loads(envelope.text) == {
        "seq": 1,
        "epoch": hub.epoch,
        "type": "service.progress",
        "time": "1970-01-01T00:00:00.000Z",
        "done": 3,
        "total": 9,
    }
    assert (hub.seq, envelope.seq, envelope.type, envelope.topic) == (1, 1, "service.progress", "service")
    assert hub.epoch == "1"


def test_what_is_sent_is_compact() -> None:
    assert encode({"a": [1, {"b": None}]}) == '{"a":[1,{"b":null}]}'


@given(st.integers(0, 40), st.integers(1, 20), st.integers(0, 45))
def test_since_returns_exactly_the_later_events_or_none_for_a_gap(published: int, capacity: int, since: int) -> None:
    hub = Hub(capacity)
    for number in range(published):
        hub.publish(fact(number))
    rest = hub.since(since)
    kept_from = max(0, published - capacity)
    if kept_from <= since <= published:
        assert rest is not None
        assert [envelope.seq for envelope in rest] == list(range(since + 1, published + 1))
    else:
        assert rest is None


@given(st.lists(st.integers(0, 10**30), max_size=30), st.integers(1, 20), st.integers(1, 2_000))
def test_the_ring_retains_the_newest_events_within_its_bounds(numbers: list[int], capacity: int, size: int) -> None:
    hub = Hub(capacity, max_bytes=size)
    texts = [hub.publish(fact(number)).text for number in numbers]
    retained = next(found for since in range(len(texts) + 1) if (found := hub.since(since)) is not None)
    expected: list[str] = []
    for text in reversed(texts):  # the newest first, as long as both bounds hold; the latest always
        if expected and (len(expected) == capacity or len("".join([*expected, text])) > size):
            break
        expected.insert(0, text)
    assert [envelope.text for envelope in retained] == expected


def test_another_epoch_is_a_gap() -> None:
    hub = Hub()
    hub.publish(fact())
    assert hub.since(0, "another") is None
    assert hub.since(0, hub.epoch) is not None


def test_an_epoch_is_a_number_of_milliseconds() -> None:
    assert Hub(clock=lambda: 1.5).epoch == "1500"
    assert Hub(epoch="7").publish(fact()).text.startswith('{"seq":1,"epoch":"7",')


def test_wait_returns_when_an_event_comes_and_when_the_hub_closes() -> None:
    hub = Hub()
    results: list[bool] = []
    waiting = threading.Thread(target=lambda: results.append(hub.wait(0, 60)))
    waiting.start()
    hub.publish(fact())
    waiting.join(timeout=60)
    assert results == [True]
    closing = threading.Thread(target=lambda: results.append(hub.wait(1, 60)))
    closing.start()
    hub.stop()
    closing.join(timeout=60)
    assert results == [True, False]


def test_subscribers_get_every_event_in_order_also_from_many_threads() -> None:
    hub = Hub()
    seen: list[int] = []
    hub.subscribe(lambda envelope: seen.append(envelope.seq))
    threads = [threading.Thread(target=lambda: [hub.publish(fact()) for _ in range(200)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == list(range(1, 801))


def test_nan_and_infinity_are_refused_rather_than_sent() -> None:
    with pytest.raises(ValueError, match="JSON"):
        encode({"x": float("nan")})


def test_an_event_concerns_clients_of_its_topic_and_of_all_and_one_of_the_service_everybody() -> None:
    envelope = Hub().publish(fact())
    assert envelope.concerns(["tasks"]) and envelope.concerns([])
    costs = replace(envelope, topic="costs")
    assert [costs.concerns(topics) for topics in (["costs"], ["all"], ["tasks"], [])] == [True, True, False, False]


def test_an_event_about_projects_concerns_those_who_may_see_all_of_them() -> None:
    about_none = Hub().publish(fact())
    about_two = replace(about_none, projects=("shop", "secret"))
    for projects in (None, frozenset({"shop", "secret", "other"})):
        assert about_none.concerns(["all"], projects) and about_two.concerns(["all"], projects)
    for projects in (frozenset({"shop"}), frozenset({"secret"}), frozenset()):
        assert about_none.concerns(["all"], projects) and not about_two.concerns(["all"], projects)
    assert not replace(about_two, topic="service").concerns([], frozenset())
    assert not replace(about_two, topic="tasks").concerns(["costs"], None)


def test_the_projects_of_an_event_are_its_own_and_the_one_it_came_from() -> None:
    class About:
        def __init__(self, **values: str | None) -> None:
            self.__dict__.update(values)

    assert projects_of(fact()) == ()
    for values, projects in [
        ({"project": "a"}, ("a",)),
        ({"project": "a", "previous_project": "a"}, ("a",)),
        ({"project": "a", "previous_project": "b"}, ("a", "b")),
        ({"project": None, "previous_project": "b"}, ()),
        ({"project": "a", "previous_project": None}, ("a",)),
    ]:
        assert projects_of(About(**values)) == projects  # type: ignore[arg-type]


def test_a_closed_hub_says_so_and_no_longer_lets_anybody_wait() -> None:
    hub = Hub()
    assert hub.closed is False
    hub.stop()
    assert hub.closed
    assert hub.wait(0, 60) is False


@pytest.mark.timeout(60)
def test_who_waits_for_an_event_that_does_not_come_goes_on_when_the_time_is_over() -> None:
    assert Hub().wait(0, 0.01) is False


def test_since_gives_at_most_as_many_as_asked_for() -> None:
    hub = Hub(4)
    for number in range(6):
        hub.publish(fact(number))
    assert [envelope.seq for envelope in hub.since(3, limit=2) or []] == [4, 5]
    assert hub.since(3, limit=0) == []
