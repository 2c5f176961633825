"""When changes of artifacts are published: at once while few, else at the end of the window, never twice."""

from __future__ import annotations

import os
from typing import Any

import pytest

from llm_service.artifacts.announcer import ChangeAnnouncer
from llm_service.artifacts.events import ArtifactBatch, ArtifactCreated, ArtifactRemoved, ArtifactUpdated
from llm_service.artifacts.tree import records
from llm_service.artifacts.tree.folder import Change
from llm_service.artifacts.tree.listing import FolderListing
from llm_service.artifacts.tree.tree import ArtifactTree
from llm_service.hub.event import Event

WINDOW_S = 1.0


class Announced:
    """A tree with one project, and what was published of it."""

    def __init__(self) -> None:
        self.tree = ArtifactTree(lambda: "inotify")
        self.events: list[Any] = []
        self.counted: list[str] = []
        self.announcer = ChangeAnnouncer(self.tree, self._add, self.counted.append, WINDOW_S)
        self.tree.apply_folder("p", FolderListing())
        self.tree.set_loaded()

    def _add(self, event: Event) -> None:
        self.events.append(event)

    def write(self, name: str, now: float, began: float | None = None) -> None:
        """A file was written."""
        self.announce(self.tree.apply_file(f"p/{name}", record()), now, began)

    def remove(self, name: str, now: float) -> None:
        """A file was removed."""
        self.announce(self.tree.apply_file(f"p/{name}", None), now)

    def announce(self, change: Change | None, now: float, began: float | None = None, initial: bool = False) -> None:
        """Announce a change."""
        assert change is not None
        self.announcer.announce(change, now, now if began is None else began, initial)

    def kinds(self) -> list[type[Event]]:
        """The kinds of events published since the last call."""
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
def announced() -> Announced:
    return Announced()


def test_a_few_changes_are_published_at_once_and_counted_before(announced: Announced) -> None:
    announced.write("a", 0.0)
    announced.write("a", 0.1)
    announced.remove("a", 0.2)
    assert announced.kinds() == [ArtifactCreated, ArtifactUpdated, ArtifactRemoved]
    assert announced.counted == ["p/a", "p/a"]


def test_the_totals_follow_once_at_the_end_of_the_window(announced: Announced) -> None:
    announced.write("a", 0.0)
    announced.write("b", 0.5)
    announced.events.clear()
    assert announced.announcer.next_due() == WINDOW_S
    announced.announcer.publish_due(0.9)
    assert announced.events == []
    announced.announcer.publish_due(1.0)
    (batch,) = announced.events
    assert (batch.created, batch.folders, batch.totals.files) == (0, (), 2)
    assert announced.announcer.next_due() is None
    announced.announcer.publish_due(9.0)
    assert len(announced.events) == 1


def test_what_exceeds_a_few_waits_for_the_end_of_the_window_and_is_published_once(announced: Announced) -> None:
    for number in range(100):
        announced.write(str(number), 0.0)
    assert announced.kinds() == [ArtifactCreated] * 32
    announced.announcer.publish_due(1.0)
    (batch,) = announced.events
    assert (batch.created, batch.folders, len(batch.sample), batch.totals.files) == (68, ("",), 5, 100)


def test_while_windows_bring_much_the_next_one_reports_nothing_at_once(announced: Announced) -> None:
    for number in range(100):
        announced.write(str(number), 0.0)
    announced.announcer.publish_due(1.0)
    announced.kinds()
    announced.write("first of the next window", 1.1)
    assert announced.events == []
    announced.announcer.publish_due(2.0)
    assert announced.kinds() == [ArtifactBatch]
    announced.write("when it is calm again", 2.1)
    assert announced.kinds() == [ArtifactCreated]


def test_after_a_flood_that_ended_nothing_more_is_published(announced: Announced) -> None:
    for number in range(100):
        announced.write(str(number), 0.0)
    announced.announcer.publish_due(1.0)
    announced.kinds()
    announced.announcer.publish_due(2.0)
    assert announced.events == []
    assert announced.announcer.next_due() is None


def test_what_waits_is_pending_since_it_may_have_been_on_the_disk(announced: Announced) -> None:
    assert announced.announcer.oldest_pending() is None
    announced.write("a", 1.0)
    assert announced.announcer.oldest_pending() is None, "published already; totals are not waited for"
    for number in range(100):
        announced.write(str(number), 1.5, began=1.2)
    assert announced.announcer.oldest_pending() == 1.2
    announced.announcer.publish_all(1.6)
    assert announced.announcer.oldest_pending() is None


def test_lines_counted_later_are_published_with_the_totals(announced: Announced) -> None:
    announced.announcer.add_counted("p")
    announced.announcer.publish_due(1.0)
    assert announced.events == []
    announced.announcer.publish_due(2.0)
    (batch,) = announced.events
    assert batch.totals is not None
    assert batch.created == batch.updated == batch.removed == 0


def test_a_folder_that_went_with_all_in_it_is_published_as_a_number(announced: Announced) -> None:
    announced.announce(
        announced.tree.apply_folder("p/x", FolderListing({str(number): record() for number in range(3)})), 0.0
    )
    announced.announcer.publish_due(1.0)
    announced.kinds()
    announced.announce(announced.tree.apply_folder("p/x", None), 2.0)
    assert announced.events == []
    announced.announcer.publish_due(3.0)
    (batch,) = announced.events
    assert (batch.removed, batch.folders, batch.sample, batch.totals.files) == (3, ("",), (), 0)


def test_a_file_that_is_gone_by_the_end_of_the_window_is_no_sample(announced: Announced) -> None:
    for number in range(40):
        announced.write(str(number), 0.0)
    for number in range(40):
        announced.remove(str(number), 0.5)
    announced.kinds()
    announced.announcer.publish_due(1.0)
    (batch,) = announced.events
    assert (batch.created, batch.removed, batch.sample) == (8, 40, ())


def test_windows_of_projects_are_their_own(announced: Announced) -> None:
    announced.tree.apply_folder("q", FolderListing())
    for number in range(100):
        announced.write(str(number), 0.0)
    announced.kinds()
    announced.announce(announced.tree.apply_file("q/a", record()), 0.5)
    assert announced.kinds() == [ArtifactCreated]
    announced.announcer.publish_due(1.0)
    assert [event.project for event in announced.events] == ["p"]


def test_what_the_first_look_found_is_listed_not_created(announced: Announced) -> None:
    announced.announce(announced.tree.apply_folder("p/x", FolderListing({"a": record()})), 0.0, initial=True)
    announced.announcer.publish_all(0.0)
    (batch,) = announced.events
    assert (batch.listed, batch.created, batch.sample[0].path) == (1, 0, "x/a")
