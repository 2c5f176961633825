"""Lists are updated with the changed tasks; they must equal a list that is sorted and filtered again."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_service.errors import BadRequest
from llm_service.tasks.board import TaskBoard, TaskChange
from llm_service.tasks.model import FileFacts, TaskFile, TaskSummary, location_of
from llm_service.tasks.queries import SORTS, TaskList, TaskQuery, search_text
from llm_service.tasks.summary import summarize

LANES = ("inbox", "assigned", "done")


def task_file(path: str, **document: Any) -> TaskFile:
    location = location_of(path)
    assert location is not None
    summary = summarize(location, document, FileFacts(1, 0))
    return TaskFile(summary, repr(document).encode(), None, None, None)


def empty_board() -> TaskBoard:
    return TaskBoard(lambda packed: {}, removal_grace_s=0.0, duplicate_grace_s=0.0)


names = st.sampled_from([f"t{number}" for number in range(8)])
changes = st.lists(
    st.tuples(
        names,
        st.sampled_from(["inbox", "assigned/ada", "done/bob", None]),
        st.fixed_dictionaries(
            {},
            optional={
                "title": st.sampled_from(["a", "b", "B"]),
                "priority": st.sampled_from(["high", "low", "odd", "critical"]),
                "created_at": st.sampled_from(["2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z"]),
                "tags": st.sampled_from([["x"], ["y", "x"]]),
            },
        ),
    ),
    max_size=30,
)


def expected(board: TaskBoard, query: TaskQuery) -> list[TaskSummary]:
    """The whole list, computed in the simplest way."""
    key, descending = SORTS[query.sort]
    return [
        task
        for task in sorted(board.tasks(), key=key, reverse=descending)
        if (not query.lane or task.lane in query.lane)
        and (not query.agent or task.agent in query.agent)
        and (not query.tag or query.tag & set(task.tags))
        and all(word in search_text(task) for word in query.q.lower().split())
    ]


@given(
    changes,
    st.builds(
        TaskQuery,
        lane=st.sampled_from([frozenset(), frozenset({"inbox", "done"})]),
        agent=st.sampled_from([frozenset(), frozenset({"ada"})]),
        tag=st.sampled_from([frozenset(), frozenset({"x"})]),
        q=st.sampled_from(["", "t1", "inbox a"]),
        sort=st.sampled_from(sorted(SORTS)),
        limit=st.integers(1, 4),
    ),
)
def test_pages_of_a_changing_board_add_up_to_the_whole_list(steps: list[Any], query: TaskQuery) -> None:
    board, now = empty_board(), 0.0
    tasks = TaskList(board, LANES)
    where: dict[str, str] = {}
    for name, folder, document in steps:
        now += 1
        if name in where:
            board.apply([TaskChange(where.pop(name), None)], now)
            board.expire(now)
        if folder:
            where[name] = f"{folder}/{name}.yaml"
            board.apply([TaskChange(where[name], task_file(where[name], **document))], now)
        tasks.select(query)  # so that each later answer stands on the one before
    seen: list[TaskSummary] = []
    cursor = None
    while True:
        page = tasks.select(TaskQuery(query.lane, query.agent, tag=query.tag, q=query.q, sort=query.sort,
                                      limit=query.limit, cursor=cursor))  # fmt: skip
        seen += page.tasks
        cursor = page.cursor
        if cursor is None:
            break
    whole = expected(board, query)
    assert seen == whole
    assert page.total == len(whole)
    without_lane = expected(board, TaskQuery(agent=query.agent, tag=query.tag, q=query.q, sort=query.sort))
    assert page.counts == {lane: Counter(task.lane for task in without_lane)[lane] for lane in LANES}


def test_a_page_continues_after_a_task_that_was_removed() -> None:
    board = empty_board()
    for name in ("a", "b", "c"):
        board.apply([TaskChange(f"inbox/{name}.yaml", task_file(f"inbox/{name}.yaml"))], 0.0)
    tasks = TaskList(board, LANES)
    first = tasks.select(TaskQuery(sort="id", limit=2))
    board.apply([TaskChange("inbox/b.yaml", None)], 1.0)
    board.expire(1.0)
    rest = tasks.select(TaskQuery(sort="id", limit=2, cursor=first.cursor))
    assert [task.id for task in rest.tasks] == ["c"]


@pytest.mark.parametrize("cursor", ["", "x", "W10", "WyJpZCIsIDFd", "é", "a" * 5000])
def test_an_unknown_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(BadRequest):
        TaskList(empty_board(), LANES).select(TaskQuery(sort="id", cursor=cursor or "-"))
