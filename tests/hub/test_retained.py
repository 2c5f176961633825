"""What floods is retained apart: it pushes out no others, and who does not want it does not miss it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from hypothesis import given
from hypothesis import strategies as st

from llm_service.hub.event import Event, ServiceProgress
from llm_service.hub.ring import Envelope, Hub


@dataclass(frozen=True, slots=True, kw_only=True)
class Line(Event):
    """A line of a log."""

    type: ClassVar[str] = "run.output"
    topic: ClassVar[str] = "logs"
    rooms: ClassVar[tuple[str, ...]] = ("logs:<job>",)
    floods: ClassVar[bool] = True

    job: str = "one"


@dataclass(frozen=True, slots=True, kw_only=True)
class Task(Event):
    """A task."""

    type: ClassVar[str] = "task.created"
    topic: ClassVar[str] = "tasks"

    id: str = "one"


def numbers(found: list[Envelope] | None) -> list[int] | None:
    return None if found is None else [envelope.seq for envelope in found]


def test_a_flood_pushes_out_no_others() -> None:
    hub = Hub(capacity=3)
    hub.publish(Task())
    for _ in range(50):
        hub.publish(Line())
    hub.publish(Task())
    assert numbers(hub.since(0, topics=("tasks",))) == [1, 49, 50, 51, 52]
    assert [numbers(hub.since(0, topics=(topic,))) for topic in ("all", "logs", "logs:two")] == [None] * 3
    assert numbers(hub.since(48, topics=("logs",))) == [49, 50, 51, 52]
    assert numbers(hub.since(0)) is None
    for _ in range(3):
        hub.publish(Task())
    assert numbers(hub.since(0, topics=("tasks",))) is None


def test_a_flood_is_bounded_in_bytes_and_its_latest_event_is_always_there() -> None:
    hub = Hub(flood_bytes=1)
    for _ in range(9):
        hub.publish(Line())
    assert numbers(hub.since(8)) == [9]
    assert numbers(hub.since(7)) is None
    assert numbers(hub.since(0, topics=("costs",))) == [9]


@given(st.lists(st.booleans(), max_size=40), st.integers(1, 6), st.integers(0, 45), st.sampled_from(["all", "tasks"]))
def test_what_a_client_gets_is_complete_or_a_gap(kinds: list[bool], capacity: int, since: int, topic: str) -> None:
    hub = Hub(capacity)
    for is_line in kinds:
        hub.publish(Line() if is_line else Task())
    wanted = [seq for seq, is_line in enumerate(kinds, 1) if topic == "all" or not is_line]
    retained = {
        seq
        for flood in (True, False)
        for seq in [seq for seq, is_line in enumerate(kinds, 1) if is_line is flood][-capacity:]
    }
    later = [seq for seq in wanted if seq > since]
    found = numbers(hub.since(since, topics=(topic,)))
    if since > len(kinds) or not retained.issuperset(later):
        assert found is None
    else:
        assert found is not None and found == sorted(found)
        assert [seq for seq in found if seq in wanted] == later
        assert found[-1:] == ([len(kinds)] if since < len(kinds) else [])


def test_the_newest_are_found_among_many_others() -> None:
    hub = Hub()
    for number in range(5):
        hub.publish(Task())
        for _ in range(number * 10):
            hub.publish(Line())
    hub.publish(ServiceProgress(done=1, total=2))
    tasks = [1, 2, 13, 34, 65]
    assert numbers(hub.newest(9, lambda one: one.type == "task.created")) == tasks
    assert numbers(hub.newest(2, lambda one: one.type == "task.created")) == tasks[-2:]
    assert numbers(hub.newest(0, lambda one: True)) == []
    assert numbers(hub.newest(3, lambda one: True)) == [hub.seq - 2, hub.seq - 1, hub.seq]
