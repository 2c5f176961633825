"""Lists are updated with the changed tasks; they must equal a list that is sorted and filtered again."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_service.errors import BadRequest
from llm_service.tasks.board import TaskBoard, TaskChange
from llm_service.tasks.model import FileFacts, TaskFile, TaskSummary, location_of
from llm_service.tasks.queries import (
    SORTS,
    TaskList,
    TaskPage,
    TaskQuery,
    decode_cursor,
    encode_cursor,
    search_text,
)
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


def listed(*documents: dict[str, Any]) -> TaskList:
    """A list of tasks t0, t1, ... in the inbox with these documents."""
    board = empty_board()
    for number, document in enumerate(documents):
        path = document.pop("path", f"inbox/t{number}.yaml")
        board.apply([TaskChange(path, task_file(path, **document))], 0.0)
    return TaskList(board, LANES)


def found(tasks: TaskList, **query: Any) -> list[str]:
    """The ids that a query finds, by id."""
    return [task.id for task in tasks.select(TaskQuery(sort=query.pop("sort", "id"), **query)).tasks]


def test_each_filter_selects_by_its_field() -> None:
    tasks = listed(
        {"status": "Doing", "priority": "High", "agent": "ada", "tags": ["2.10", "x"]},
        {"status": "new", "agent": "bob", "tags": ["2.1"], "error": "boom"},
        {"priority": "low", "error": "none"},
    )
    assert found(tasks, status=frozenset({"DOING"})) == ["t0"]
    assert found(tasks, status=frozenset({"doing", "new"})) == ["t0", "t1"]
    assert found(tasks, status=frozenset({""})) == ["t2"]
    assert found(tasks, priority=frozenset({"HIGH"})) == ["t0"]
    assert found(tasks, priority=frozenset({"normal", "low"})) == ["t1", "t2"]
    assert found(tasks, agent=frozenset({"ada"})) == ["t0"]
    assert found(tasks, agent=frozenset({""})) == ["t2"]
    assert found(tasks, tag=frozenset({"2.1"})) == ["t1"]
    assert found(tasks, tag=frozenset({"x", "2.1"})) == ["t0", "t1"]
    assert found(tasks, flag=frozenset({"has_error"})) == ["t1"]
    assert found(tasks, lane=frozenset({"done"})) == []


def test_all_short_fields_are_searched_and_all_words_have_to_occur() -> None:
    fields = {
        "id": "AA1", "title": "BB1", "agent": "CC1", "status": "DD1", "priority": "EE1", "batch": "FF1",
        "milestone": "GG1",
        "initiative": "HH1", "specification": "II1", "mode": "JJ1", "tags": ["KK1", "LL1"], "path": "inbox/MM1.yaml",
    }  # fmt: skip
    tasks = listed(dict(fields), {"description": "aa1"})
    for text in [*(value for key, value in fields.items() if key != "tags"), "KK1", "LL1", "mm1 aa1", "Jj1\tbb1  KK1"]:
        assert found(tasks, q=text) == ["AA1"], text
    assert found(tasks, q="aa1 nowhere") == []
    # Fields do not run into each other.
    assert found(tasks, q="aa1bb1") == []
    assert found(tasks, q="cc1bb1") == []


def test_a_search_sees_the_task_as_it_is_now() -> None:
    board = empty_board()
    tasks = TaskList(board, LANES)
    for number in range(3):
        board.apply([TaskChange("inbox/t.yaml", task_file("inbox/t.yaml", title=f"number {number}"))], float(number))
        assert found(tasks, q=f"number {number}") == ["t"]
        assert found(tasks, q=f"number {number - 1}") == []


def test_the_texts_of_tasks_that_are_gone_do_not_pile_up() -> None:
    board = empty_board()
    tasks = TaskList(board, LANES)
    for number in range(1_200):
        path = f"inbox/t{number}.yaml"
        board.apply([TaskChange(path, task_file(path))], float(number))
        tasks.select(TaskQuery(q="t"))
        board.apply([TaskChange(path, None)], float(number))
        board.expire(float(number))
    assert len(tasks._texts) <= 1_002


def test_a_time_that_is_none_counts_as_the_last_change() -> None:
    # The files of these tests were modified in 1970.
    tasks = listed({"created_at": "1969-12-31"}, {"created_at": "soon"}, {"created_at": "Jan 2, 1970"}, {})
    assert found(tasks, sort="oldest") == ["t0", "t1", "t3", "t2"]
    assert found(tasks, sort="newest") == ["t2", "t3", "t1", "t0"]


def test_unknown_priorities_come_last_and_titles_ignore_letter_case() -> None:
    tasks = listed(
        {"priority": "urgent", "title": "b"}, {"priority": "low", "title": "C"}, {"priority": "critical", "title": "A"}
    )
    assert found(tasks, sort="priority") == ["t2", "t1", "t0"]
    assert found(tasks, sort="title") == ["t2", "t0", "t1"]


def test_a_page_has_100_tasks_and_the_last_one_no_cursor() -> None:
    tasks = listed(*({} for _ in range(101)))
    page = tasks.select(TaskQuery())
    assert (len(page.tasks), page.total, page.counts["inbox"]) == (100, 101, 101)
    assert page.cursor is not None
    assert tasks.select(TaskQuery(limit=101)).cursor is None
    assert len(tasks.select(TaskQuery(cursor=page.cursor)).tasks) == 1
    assert tasks.select(TaskQuery(q="nothing", cursor=page.cursor)) == TaskPage(
        (), {"inbox": 0, "assigned": 0, "done": 0}, 0, None
    )


def test_a_sort_that_does_not_exist_is_named() -> None:
    with pytest.raises(BadRequest) as caught:
        listed().select(TaskQuery(sort="size"))
    assert caught.value.message == "There is no sort “size”."
    assert caught.value.details == {"known": ["newest", "oldest", "changed", "priority", "title", "id"]}


@pytest.mark.parametrize(
    ("sort", "key"),
    [("id", ("a", "b")), ("id", (1,)), ("priority", ("1", "a")), ("priority", (1,)), ("title", ("a",)),
     ("newest", (1, "a")),
     ("newest", ("a", None)), ("changed", ("a", "b", "c"))],
)  # fmt: skip
def test_a_cursor_with_another_key_is_refused(sort: str, key: tuple[Any, ...]) -> None:
    with pytest.raises(BadRequest, match="This cursor does not belong to this list; start again without one"):
        decode_cursor(encode_cursor(sort, key), sort)


@pytest.mark.parametrize(
    ("sort", "key"), [("id", ("ä/😀",)), ("priority", (2, "a")), ("title", ("", "a")), ("newest", ("2", "a"))]
)
def test_a_cursor_has_its_key_and_belongs_to_its_sort(sort: str, key: tuple[Any, ...]) -> None:
    cursor = encode_cursor(sort, key)
    assert decode_cursor(cursor, sort) == key
    assert re.fullmatch(r"[\w-]+", cursor)
    with pytest.raises(BadRequest):
        decode_cursor(cursor, "oldest")
