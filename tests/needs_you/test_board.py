"""The list of all sources: what is published when, and that no source holds up the others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from kit.live import eventually

from llm_service.hub.event import Event
from llm_service.needs_you.board import Found, NeedBoard
from llm_service.needs_you.model import AtWork, Need, SourceState

NEED = Need(
    id="n1", kind="failed", source="jobs", title="T", text=None, since="2026-11-20T12:00:00.000Z",
    certainty="confirmed", rests_on="R", link=None, link_label=None, project="shop",
)  # fmt: skip
STATE = SourceState(name="one", is_on=True, tells_of_agents=True, text="")


class Sources:
    """Two sources that find what the test says."""

    def __init__(self) -> None:
        self.found = {"one": Found([], STATE), "two": Found([], replace(STATE, name="two"))}
        self.published: list[Event] = []
        self.board = NeedBoard(
            {name: lambda name=name: self.look(name) for name in self.found},  # type: ignore[misc]
            self.published.append,
        )

    def look(self, name: str) -> Found:
        """What it finds now."""
        if self.found[name].state.text == "broken":
            raise RuntimeError("the source is broken")
        return self.found[name]

    def find(self, name: str, *needs: Need, **changes: object) -> None:
        """From now on, a source finds this."""
        self.found[name] = replace(self.found[name], needs=needs, **changes)  # type: ignore[arg-type]
        self.board.wake(name)

    def types(self) -> list[str]:
        """What was published."""
        return [event.type for event in self.published]


@pytest.fixture
def sources() -> Iterator[Sources]:
    """Running, and looked at once."""
    made = Sources()
    made.board.start()
    eventually(lambda: len(made.board.states()) == 2)
    eventually(lambda: made.types() == ["need.summary"])
    made.published.clear()
    yield made
    made.board.stop()


def test_what_opens_changes_and_closes_is_published_once(sources: Sources) -> None:
    sources.find("one", NEED)
    eventually(lambda: sources.types() == ["need.opened"])
    sources.find("one", replace(NEED, certainty="derived"))
    eventually(lambda: sources.types() == ["need.opened", "need.changed"])
    sources.find("one")
    eventually(lambda: sources.types() == ["need.opened", "need.changed", "need.closed"])
    assert {getattr(event, "project", None) for event in sources.published} == {"shop"}
    assert sources.board.needs() == []


def test_who_works_is_news_too(sources: Sources) -> None:
    sources.find("two", at_work=[AtWork(project=None, is_certain=True)])
    eventually(lambda: sources.types() == ["need.summary"])
    assert len(sources.board.at_work()) == 1
    sources.find("two", state=replace(STATE, name="two", is_on=False))
    eventually(lambda: sources.types() == ["need.summary"] * 2)


def test_a_source_that_fails_holds_up_no_other_and_loses_nothing(sources: Sources) -> None:
    sources.find("one", NEED)
    eventually(lambda: sources.board.needs() == [NEED])
    sources.find("one", NEED, state=replace(STATE, text="broken"))
    sources.find("two", replace(NEED, id="n2", since="2026-11-19T12:00:00.000Z"))
    eventually(lambda: [need.id for need in sources.board.needs()] == ["n2", "n1"])


def test_of_each_source_the_oldest_are_listed(sources: Sources, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("llm_service.needs_you.board.MOST_NEEDS", 3)
    many = [replace(NEED, id=str(number), since=f"2026-11-{number:02}T00:00:00.000Z") for number in range(9, 0, -1)]
    sources.find("one", *many)
    sources.find("two", NEED)
    eventually(lambda: [need.id for need in sources.board.needs()] == ["1", "2", "3", "n1"])


def test_time_alone_makes_it_look_again() -> None:
    looked = list[int]()
    times = iter([100.0] * 3)

    def look() -> Found:
        looked.append(1)
        return Found([], STATE, next_at=100.2 if len(looked) == 1 else None)

    board = NeedBoard({"one": look}, lambda event: None, lambda: next(times, 100.0))
    board.start()
    eventually(lambda: len(looked) >= 2)
    board.stop()
