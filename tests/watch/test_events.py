"""What each event of watchdog means: the one path from any emitter to our hints."""

from __future__ import annotations

import os
from typing import Any

import pytest
from kit.hints import CollectedHints
from watchdog import events

from llm_service.watch.events import EVENT_FILTER, EventsLost, HintHandler
from llm_service.watch.hints import HintKind

COMPLETE, CHANGED, GONE = HintKind.COMPLETE, HintKind.CHANGED, HintKind.GONE
DIRECTORY, EVERYTHING = HintKind.DIRECTORY, HintKind.EVERYTHING


def hinted(event: Any, root: str = "/w") -> list[tuple[str, HintKind]]:
    """(path, kind) of the hints that an event gives."""
    hints = CollectedHints()
    HintHandler(root, lambda path: "ignored" not in path, hints).dispatch(event)
    return hints.pairs()


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (events.FileCreatedEvent("/w/a/x"), [("a/x", CHANGED)]),
        (events.FileModifiedEvent("/w/a/x"), [("a/x", CHANGED)]),
        (events.FileAttribEvent("/w/a/x"), [("a/x", CHANGED)]),
        (events.FileClosedEvent("/w/a/x"), [("a/x", COMPLETE)]),
        (events.FileDeletedEvent("/w/a/x"), [("a/x", GONE)]),
        (events.FileMovedEvent("/w/a/x", "/w/y"), [("a/x", GONE), ("y", COMPLETE)]),
        (events.FileMovedEvent("", "/w/y"), [("y", COMPLETE)]),
        (events.FileMovedEvent("/w/y", ""), [("y", GONE)]),
        (events.DirCreatedEvent("/w/a"), [("a", DIRECTORY)]),
        (events.DirAttribEvent("/w/a"), [("a", DIRECTORY)]),
        (events.DirDeletedEvent("/w/a"), [("a", DIRECTORY)]),
        (events.DirMovedEvent("/w/a", "/w/b"), [("a", DIRECTORY), ("b", DIRECTORY)]),
        (events.DirCreatedEvent("/w/ignored"), [("ignored", CHANGED)]),
        (events.DirDeletedEvent("/w/ignored"), [("ignored", GONE)]),
        (events.DirMovedEvent("", "/w/ignored"), [("ignored", COMPLETE)]),
        (events.DirDeletedEvent("/w"), [("", EVERYTHING)]),
        (events.DirMovedEvent("/w", "/elsewhere"), [("", EVERYTHING)]),
        (EventsLost("/w"), [("", EVERYTHING)]),
        (events.FileClosedEvent(b"/w/caf\xe9"), [("caf\udce9", COMPLETE)]),
        (events.FileClosedEvent("/wx/a"), []),
        (events.FileMovedEvent("/elsewhere/a", "/w/a"), [("a", COMPLETE)]),
    ],
    ids=repr,
)
def test_each_event_gives_the_hints_that_it_means(event: Any, expected: list[tuple[str, HintKind]]) -> None:
    assert hinted(event) == expected


def test_a_root_that_ends_in_a_separator_is_the_same_root() -> None:
    assert hinted(events.FileClosedEvent("/x"), root="/") == [("x", COMPLETE)]
    assert hinted(events.DirDeletedEvent("/"), root="/") == [("", EVERYTHING)]


def test_paths_of_windows_become_posix_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sep", "\\")
    assert hinted(events.FileClosedEvent("C:\\w\\a\\x"), root="C:\\w") == [("a/x", COMPLETE)]


def test_we_ask_for_what_changes_files_and_not_for_what_reading_them_does() -> None:
    asked = {kind.__name__ for kind in EVENT_FILTER}
    assert {"FileCreatedEvent", "FileModifiedEvent", "FileClosedEvent", "FileMovedEvent", "FileDeletedEvent"} <= asked
    assert {"DirCreatedEvent", "DirMovedEvent", "DirDeletedEvent", "EventsLost"} <= asked
    assert not {"FileOpenedEvent", "FileClosedNoWriteEvent", "DirModifiedEvent"} & asked
