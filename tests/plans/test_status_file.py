"""Status files: every oddity of their writers, and any JSON at all."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kit.plans import status_of, task

from llm_service.plans.model import TASK_STATUSES, PlanTask, StatusFile
from llm_service.plans.shapes import task_json
from llm_service.plans.status_file import MAX_TASKS, NotAStatus, ReadTasks, phase_of, read_status
from llm_service.plans.status_values import count_of, seconds_of, time_of
from llm_service.web.json_text import json_text


def read(*tasks: Any, **fields: Any) -> StatusFile:
    return read_status(json.dumps(status_of((), **fields) | {"tasks": list(tasks)}).encode())


def one(**fields: Any) -> PlanTask:
    return read({"id": "1.1", "phase": "Phase 1: A", "status": "pending"} | fields).tasks[0]


def test_a_status_file_is_read() -> None:
    found = read(
        {
            "id": "1.1", "phase": "Phase 1: Parser", "description": "Read", "status": "completed",
            "dependencies": [], "dependents": ["1.2"], "startedAt": "2026-11-20T08:00:00Z",
            "completedAt": "2026-11-20T08:01:00.000Z", "duration": 60_000, "notes": "done", "error": "no",
            "retryCount": 2, "findingsPath": "findings/1-1.md", "lastError": "first try",
            "executionConstraints": {"sequential": True},
        },
        runs=[{"runId": "run-1", "startedAt": "2026-11-20T08:00:00Z", "completedAt": None, "tasksCompleted": 1}],
        currentPhase="Phase 1: Parser",
    )  # fmt: skip
    assert found.tasks == (
        PlanTask(
            "1.1", "1", "Read", "completed", (), ("1.2",), "2026-11-20T08:00:00Z", "2026-11-20T08:01:00.000Z", 60_000,
            "done", "no", "findings/1-1.md", 2, "first try", {"sequential": True},
        ),
    )  # fmt: skip
    assert found.phase_names == (("1", "Parser"),)
    assert [(run.run_id, run.completed_at, run.tasks_completed) for run in found.runs] == [("run-1", None, 1)]
    assert (found.plan_name, found.current_phase, found.problems) == ("Tide import", "Phase 1: Parser", ())


@pytest.mark.parametrize(
    ("value", "key", "name"),
    [
        ("Phase 2: Build", "2", "Build"),
        ("phase 02 – Build", "2", "Build"),
        ("Phase 3", "3", ""),
        ("2", "2", ""),
        (2, "2", ""),
        ("Infrastructure Setup", "Infrastructure Setup", "Infrastructure Setup"),
        ("Phase one", "Phase one", "Phase one"),
        (None, "", ""),
        (True, "", ""),
        (["1"], "", ""),
    ],
)
def test_phases_are_named_in_many_ways(value: Any, key: str, name: str) -> None:
    assert phase_of(value) == (key, name)


@pytest.mark.parametrize(
    ("fields", "name", "value"),
    [
        ({"id": "V1"}, "id", "V1"),
        ({"id": 1.1}, "id", "1.1"),
        ({"id": " 1.1 "}, "id", "1.1"),
        ({"id": None}, "id", "#1"),
        ({"id": ["1"]}, "id", "#1"),
        ({"id": ""}, "id", "#1"),
        ({"phase": "1"}, "phase", "1"),
        ({"phase": None}, "phase", "1"),
        ({"phase": "Setup"}, "phase", "Setup"),
        ({"id": "V1", "phase": None}, "phase", ""),
        ({"title": "A title"}, "description", "A title"),
        ({"description": 5, "title": "A title"}, "description", "A title"),
        ({"notes": True}, "notes", None),
        ({"notes": {"a": 1}}, "notes", None),
        ({"notes": "half \ud83d of one"}, "notes", "half \ufffd of one"),
        ({"notes": "x" * 30_000}, "notes", "x" * 20_000),
        ({"error": ["x"]}, "error", None),
        ({"dependencies": "1.1"}, "dependencies", ()),
        ({"dependencies": ["1.1", 1.2, None, "1.1", {}]}, "dependencies", ("1.1", "1.2")),
        ({"duration": "12"}, "duration_ms", None),
        ({"duration": -1}, "duration_ms", None),
        ({"duration": 12.7}, "duration_ms", 12),
        ({"duration": 1e300}, "duration_ms", None),
        ({"duration": True}, "duration_ms", None),
        ({"retryCount": None}, "retry_count", 0),
        ({"startedAt": "yesterday"}, "started_at", None),
        ({"startedAt": "2026-11-20"}, "started_at", "2026-11-20"),
        ({"startedAt": "2026-12-26T21:46:52-06:00"}, "started_at", "2026-12-26T21:46:52-06:00"),
        ({"startedAt": 1_795_161_600_000}, "started_at", "2026-11-20T08:00:00.000Z"),
        ({"startedAt": "2026-99-99T00:00:00Z"}, "started_at", None),
        ({"status": "in-progress"}, "status", "in_progress"),
        ({"status": "DONE"}, "status", "completed"),
        ({"status": "perhaps"}, "status", "pending"),
        ({"status": None}, "status", "pending"),
        ({"status": ["completed"]}, "status", "pending"),
        ({"executionConstraints": []}, "constraints", None),
        ({"executionConstraints": "x" * 5_000}, "constraints", None),
        ({"findingsPath": None}, "findings_path", None),
    ],
)
def test_every_oddity_of_a_task_has_a_meaning(fields: dict[str, Any], name: str, value: Any) -> None:
    assert getattr(one(**fields), name) == value


@pytest.mark.parametrize(
    ("tasks", "problem"),
    [
        ([{"id": None, "status": "pending"}], "Task 1 of the list has no id."),
        ([5], "Task 1 of the list is no object."),
        ([task("1.1", "perhaps")], "Task 1.1 has the status “perhaps”, which is taken for pending."),
        ([task("1.1", "done")], "Task 1.1 has the status “done”, which is taken for completed."),
        ([task("1.1"), task("1.1")], "The id 1.1 is there more than once."),
    ],
)
def test_what_cannot_be_used_is_said(tasks: list[Any], problem: str) -> None:
    assert read(*tasks).problems == (problem,)


def test_two_tasks_with_one_id_are_both_there() -> None:
    assert [each.id for each in read(task("1.1"), task("1.1", "failed")).tasks] == ["1.1", "1.1#2"]


def test_runs_have_two_dialects_and_need_not_end() -> None:
    runs = read(runs=[{"id": "r1"}, {"runId": "r2", "completedAt": "2026-11-20T08:00:00Z"}, {}, 7]).runs
    assert [(run.run_id, run.completed_at) for run in runs] == [
        ("r1", None),
        ("r2", "2026-11-20T08:00:00Z"),
        ("#3", None),
    ]


def test_the_name_of_a_phase_may_be_beside_it() -> None:
    assert read(task("1.1", phase="1", phaseName="Parser")).phase_names == (("1", "Parser"),)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[]",
        b"5",
        b"null",
        b'{"tasks": [}',
        b"[" * 200_000,
        b'{"a":' * 100_000,
        b"\x00",
        b"\xff\xfe",
        b"not json",
    ],
)
def test_what_is_no_json_object_is_refused(data: bytes) -> None:
    with pytest.raises(NotAStatus):
        read_status(data)


@pytest.mark.parametrize(
    "data",
    [
        b'\xef\xbb\xbf{"tasks": [{"id": "1.1"}]}',
        b'{"tasks": [{"id": "1.1", "notes": "\xff\xfe"}]}',
        b'{"tasks": [{"id": "1.1", "duration": NaN}]}',
        b'{"tasks": [{"id": "1.1", "notes": "\\ud83d"}]}',
        b'{"tasks": [{"id": "1.1", "duration": 1' + b"0" * 400 + b"}]}",
    ],
)
def test_what_is_nearly_json_is_read(data: bytes) -> None:
    assert [each.id for each in read_status(data).tasks] == ["1.1"]


def test_a_file_without_tasks_says_so() -> None:
    assert read_status(b"{}").problems == ("It has no list of tasks.",)


def test_there_is_a_limit_of_tasks() -> None:
    found = read(*({"id": f"1.{number}", "status": "pending"} for number in range(MAX_TASKS + 1)))
    assert (len(found.tasks), found.problems) == (
        MAX_TASKS,
        ("It has 20,001 tasks, of which the first 20,000 are shown.",),
    )


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
KEYS = (
    "id", "phase", "description", "title", "status", "dependencies", "dependents", "startedAt", "completedAt",
    "duration", "notes", "error", "findingsPath", "retryCount", "lastError", "executionConstraints", "phaseName",
)  # fmt: skip
ODD_TASKS = st.dictionaries(
    st.sampled_from(KEYS), JSON | st.sampled_from([*TASK_STATUSES, "1.1", "1.2", "Phase 1: A", "2026-11-20T08:00:00Z"])
)
ODD_FILES = st.fixed_dictionaries(
    {"tasks": st.lists(ODD_TASKS | JSON, max_size=6)},
    optional={"summary": JSON, "runs": JSON, "currentPhase": JSON, "lastUpdatedAt": JSON, "planName": JSON},
)


@given(ODD_FILES)
def test_any_json_becomes_tasks_with_each_id_once(value: dict[str, Any]) -> None:
    found = read_status(json.dumps(value).encode())
    ids = [each.id for each in found.tasks]
    assert len(ids) == len(set(ids))
    assert {each.status for each in found.tasks} <= set(TASK_STATUSES)
    assert len(found.tasks) == sum(isinstance(item, dict) for item in value["tasks"])
    json.dumps([repr(each) for each in found.tasks], allow_nan=False)


@given(st.lists(ODD_FILES, min_size=2, max_size=5))
def test_what_is_known_of_the_last_state_changes_nothing(states: list[dict[str, Any]]) -> None:
    known: ReadTasks = {}
    for state in states:
        data = json.dumps(state).encode()
        assert read_status(data, known) == read_status(data)


@pytest.mark.parametrize(
    "changed",
    [
        {"notes": "new"}, {"status": "failed"}, {"status": "done"}, {"duration": 5}, {"dependencies": ["1.2"]},
        {"phase": "Phase 2: B"}, {"id": "1.3"},
    ],
)  # fmt: skip
def test_a_task_that_changed_is_read_again(changed: dict[str, Any]) -> None:
    known: ReadTasks = {}
    first = json.dumps(status_of([task("1.1"), task("1.2")])).encode()
    then = json.dumps(status_of([task("1.1") | changed, task("1.2")])).encode()
    before = read_status(first, known)
    after = read_status(then, known)
    assert after == read_status(then) != before
    assert after.tasks[1] is before.tasks[1]


@pytest.mark.parametrize("number", ["1e400", "-1e400", "9" * 400, "-" + "9" * 400, "9" * 5_000, "NaN", "Infinity"])
def test_a_number_that_cannot_be_read_is_said_and_leaves_the_rest(number: str) -> None:
    text = """{"tasks": [{"id": "1.1", "status": "completed", "duration": N, "retryCount": N, "startedAt": N,
        "dependencies": [N, "1.0"], "executionConstraints": {"most": N}}, {"id": N, "status": N, "phase": N}],
        "summary": {"completed": N}, "runs": [{"runId": N, "tasksFailed": N}]}"""
    found = read_status(text.replace("N", number).encode())
    first, second = found.tasks
    assert (first.id, first.status, first.dependencies) == ("1.1", "completed", ("1.0",))
    assert (first.duration_ms, first.retry_count, first.started_at) == (None, 0, None)
    assert (second.id, second.status) == ("#2", "pending")
    if len(number.strip("-")) != 400:  # msgspec reads that one
        assert found.problems[0].startswith(f"The number {number[:8]}") and len(found.problems[0]) < 60
    assert json_text(task_json(first)) == json.dumps(task_json(first), separators=(",", ":"), allow_nan=False)


def test_a_large_whole_number_is_read_also_beside_half_of_a_character() -> None:
    text = '{"tasks": [{"id": 99999999999999999999, "status": "pending", "duration": 5, "error": "\\ud800"}]}'
    (found,) = read_status(text.encode()).tasks
    assert (found.id, found.duration_ms, found.error) == ("1e+20", 5, "\ufffd")


@given(st.binary(max_size=200))
def test_any_bytes_are_a_status_or_refused(data: bytes) -> None:
    try:
        read_status(data)
    except NotAStatus as problem:
        assert str(problem).startswith("It is not")


def test_times_are_understood() -> None:
    assert seconds_of("2026-11-20T08:00:00") == seconds_of("2026-11-20T08:00:00Z") == 1_795_161_600
    assert seconds_of("2026-11-20T09:00:00+01:00") == 1_795_161_600
    assert [seconds_of(text) for text in ("", "x" * 50, "0000-00-00T00:00")] == [None, None, None]
    assert time_of(0) is None
    assert count_of(float("nan")) is None
