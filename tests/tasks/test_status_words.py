"""A status contradicts its lane only if it is a word of another lane."""

from __future__ import annotations

import pytest

from llm_service.tasks.status_words import contradicts

ORDINARY = {
    "inbox": "new, inbox, pending, todo, to do, To-Do, TO_DO, open, ready, backlog, queued, draft, unassigned, triage,"
    " not started, not yet started, proposed, planned, scheduled, on hold, blocked, deferred,"
    " created, up next, ready for dev",
    "assigned": "assigned, in progress, in_progress, in-progress, In Progress, inprogress, doing, started, active, wip,"
    " work in progress, working, ongoing, on-going, underway, in review, in_review, Under Review, reviewing,"
    " code review, testing, in QA, in development, implementing, paused, waiting, on hold, blocked, stuck, failed,"
    " error, todo, open, needs review, changes requested, waiting for review, ready for review, picked up, claimed,"
    " running, verifying",
    "done": "done, completed, complete, closed, finished, resolved, cancelled, canceled, merged, shipped, released,"
    " deployed, delivered, won't do, won’t fix, wontfix, archived, accepted, verified, fixed, live now, rejected,"
    " obsolete, published, implemented, duplicate, superseded, signed off, success, ✅ done, Done!, skipped",
}
PAIRS = [(lane, word.strip()) for lane, words in ORDINARY.items() for word in words.split(",")]


@pytest.mark.parametrize(("lane", "status"), PAIRS)
def test_an_ordinary_word_does_not_contradict_its_lane(lane: str, status: str) -> None:
    assert not contradicts(status, lane)


@pytest.mark.parametrize(
    ("lane", "status"),
    [
        ("inbox", "done"), ("inbox", "In Progress"), ("inbox", "doing"), ("inbox", "shipped"), ("inbox", "assigned"),
        ("inbox", "won't do"), ("inbox", "in review"), ("assigned", "done"), ("assigned", "closed"),
        ("assigned", "new"), ("assigned", "backlog"), ("assigned", "Not Started"), ("assigned", "shipped"),
        ("done", "new"), ("done", "to do"), ("done", "todo"), ("done", "in_progress"), ("done", "IN-PROGRESS"),
        ("done", "inProgress"), ("done", "doing"), ("done", "in review"), ("done", "blocked"), ("done", "assigned"),
        ("done", "error"), ("done", "pending"), ("done", "[wip]"),
    ],
)  # fmt: skip
def test_a_word_of_another_lane_contradicts(lane: str, status: str) -> None:
    assert contradicts(status, lane)


@pytest.mark.parametrize("status", ["soon", "erledigt", "42", "2.10", "?", "—", "no", "in progress (50 %)"])
def test_a_word_that_no_lane_has_contradicts_nothing(status: str) -> None:
    assert not any(contradicts(status, lane) for lane in ("inbox", "assigned", "done"))


def test_a_lane_of_the_users_own_is_never_contradicted() -> None:
    assert not contradicts("done", "archive")
