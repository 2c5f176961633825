"""When changes of artifacts are told: at once while they are few, else at the end of the window, and never twice."""

from __future__ import annotations

import os
from typing import Any

import pytest

from llm_service.artifacts.announcer import ArtifactNews
from llm_service.artifacts.events import ArtifactBatch, ArtifactCreated, ArtifactRemoved, ArtifactUpdated
from llm_service.artifacts.tree import records
from llm_service.artifacts.tree.records import Listing
from llm_service.artifacts.tree.tree import ArtifactTree, Change
from llm_service.hub.event import Event

WINDOW_S = 1.0


class Told:
    """A tree with one project, and what was told of it."""

    def __init__(self) -> None:
        self.tree = ArtifactTree(lambda: "inotify")
        self.events: list[Any] = []
        self.counted: list[str] = []
        self.news = ArtifactNews(self.tree, self._take, self.counted.append, WINDOW_S)
        self.tree.take_folder("p", Listing())
        self.tree.loaded()

    def _take(self, event: Event) -> None:
        self.events.append(event)

    def write(self, name: str, now: float, began: float | None = None) -> None:
        """A file was written."""
        self.take(self.tree.take_file(f"p/{name}", record()), now, began)

    def remove(self, name: str, now: float) -> None:
        """A file was removed."""
        self.take(self.tree.take_file(f"p/{name}", None), now)

    def take(self, change: Change | None, now: float, began: float | None = None, listed: bool = False) -> None:
        """Tell a change."""
        assert change is not None
        self.news.take(change, now, now if began is None else began, listed)

    def kinds(self) -> list[type[Event]]:
        """The kinds of events told since the last call."""
        found = [type(event) for event in self.events]
        self.events.clear()
        return found


def record() -> bytes:
    return (
        records.record_of(os.lstat(__file__), 0, 0)[:8]
        + os.urandom(8)
        + records.record_of(os.lstat(__file__), 0, 0)[16:]
    )


@pytest.fixture
def told() -> Told:
    return Told()


def test_a_few_changes_are_told_at_once_and_counted_before(told: Told) -> None:
    told.write("a", 0.0)
    told.write("a", 0.1)
    told.remove("a", 0.2)
    assert told.kinds() == [ArtifactCreated, ArtifactUpdated, ArtifactRemoved]
    assert told.counted == ["p/a", "p/a"]


def test_the_totals_follow_once_at_the_end_of_the_window(told: Told) -> None:
    told.write("a", 0.0)
    told.write("b", 0.5)
    told.events.clear()
    assert told.news.next_due() == WINDOW_S
    told.news.turn(0.9)
    assert told.events == []
    told.news.turn(1.0)
    (batch,) = told.events
    assert (batch.created, batch.folders, batch.totals.files) == (0, (), 2)
    assert told.news.next_due() is None
    told.news.turn(9.0)
    assert len(told.events) == 1


def test_what_exceeds_a_few_waits_for_the_end_of_the_window_and_is_told_once(told: Told) -> None:
    for number in range(100):
        told.write(str(number), 0.0)
    assert told.kinds() == [ArtifactCreated] * 32
    told.news.turn(1.0)
    (batch,) = told.events
    assert (batch.created, batch.folders, len(batch.sample), batch.totals.files) == (68, ("",), 5, 100)


def test_while_windows_bring_much_the_next_one_tells_nothing_at_once(told: Told) -> None:
    for number in range(100):
        told.write(str(number), 0.0)
    told.news.turn(1.0)
    told.kinds()
    told.write("first of the next window", 1.1)
    assert told.events == []
    told.news.turn(2.0)
    assert told.kinds() == [ArtifactBatch]
    told.write("when it is calm again", 2.1)
    assert told.kinds() == [ArtifactCreated]


def test_after_a_flood_that_ended_nothing_more_is_told(told: Told) -> None:
    for number in range(100):
        told.write(str(number), 0.0)
    told.news.turn(1.0)
    told.kinds()
    told.news.turn(2.0)
    assert told.events == []
    assert told.news.next_due() is None


def test_what_waits_is_open_since_it_may_have_been_on_the_disk(told: Told) -> None:
    assert told.news.oldest_pending() is None
    told.write("a", 1.0)
    assert told.news.oldest_pending() is None, "told already; totals are nobody's to wait for"
    for number in range(100):
        told.write(str(number), 1.5, began=1.2)
    assert told.news.oldest_pending() == 1.2
    told.news.flush(1.6)
    assert told.news.oldest_pending() is None


def test_lines_counted_later_are_told_with_the_totals(told: Told) -> None:
    told.news.counted("p")
    told.news.turn(1.0)
    assert told.events == []
    told.news.turn(2.0)
    (batch,) = told.events
    assert batch.totals is not None
    assert batch.created == batch.updated == batch.removed == 0


def test_a_folder_that_went_with_all_in_it_is_told_as_a_number(told: Told) -> None:
    told.take(told.tree.take_folder("p/x", Listing({str(number): record() for number in range(3)})), 0.0)
    told.news.turn(1.0)
    told.kinds()
    told.take(told.tree.take_folder("p/x", None), 2.0)
    assert told.events == []
    told.news.turn(3.0)
    (batch,) = told.events
    assert (batch.removed, batch.folders, batch.sample, batch.totals.files) == (3, ("",), (), 0)


def test_a_file_that_is_gone_by_the_end_of_the_window_is_no_sample(told: Told) -> None:
    for number in range(40):
        told.write(str(number), 0.0)
    for number in range(40):
        told.remove(str(number), 0.5)
    told.kinds()
    told.news.turn(1.0)
    (batch,) = told.events
    assert (batch.created, batch.removed, batch.sample) == (8, 40, ())


def test_windows_of_projects_are_their_own(told: Told) -> None:
    told.tree.take_folder("q", Listing())
    for number in range(100):
        told.write(str(number), 0.0)
    told.kinds()
    told.take(told.tree.take_file("q/a", record()), 0.5)
    assert told.kinds() == [ArtifactCreated]
    told.news.turn(1.0)
    assert [event.project for event in told.events] == ["p"]


def test_what_the_first_look_found_is_listed_not_created(told: Told) -> None:
    told.take(told.tree.take_folder("p/x", Listing({"a": record()})), 0.0, listed=True)
    told.news.flush(0.0)
    (batch,) = told.events
    assert (batch.listed, batch.created, batch.sample[0].path) == (1, 0, "x/a")
