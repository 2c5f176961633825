"""The graph of a plan: layers, edges, the critical path and cycles, against slow and simple judges."""

from __future__ import annotations

import itertools
import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from kit.plans import status_of, task

from llm_service.plans.components import components
from llm_service.plans.graph import graph_of
from llm_service.plans.merge import merge
from llm_service.plans.plan_file import read_plan
from llm_service.plans.sources import PlanSource, StatusSource
from llm_service.plans.status_file import read_status


def graph(tasks: list[dict[str, Any]], plan: str = "## Phase 1: A\n- [ ] 1.1 x\n") -> dict[str, Any]:
    source = PlanSource("docs/plans/p.md", read_plan(plan), "2026-11-20T08:00:00.000Z")
    return graph_of(merge("p", source, StatusSource(None, read_status(json.dumps(status_of(tasks)).encode()))))


def test_phases_are_layers_and_tasks_come_after_what_they_wait_for() -> None:
    found = graph(
        [
            task("1.1", dependencies=["1.3"]),
            task("1.2"),
            task("1.3"),
            task("2.1", dependencies=["1.1", "9.9"]),
        ]
    )
    assert [(layer["name"], layer["nodes"]) for layer in found["layers"]] == [
        ("Phase 1: A", ["1.2", "1.3", "1.1"]), ("Phase 2", ["2.1"]),
    ]  # fmt: skip
    assert found["edges"] == [
        {"from": "1.3", "to": "1.1", "kind": "dependency"}, {"from": "1.1", "to": "2.1", "kind": "dependency"},
    ]  # fmt: skip
    assert found["missing"] == [{"task": "2.1", "dependency": "9.9"}]
    assert [(node["id"], node["layer"], node["row"]) for node in found["nodes"]] == [
        ("1.2", 0, 0), ("1.3", 0, 1), ("1.1", 0, 2), ("2.1", 1, 0),
    ]  # fmt: skip
    assert found["criticalPath"] == {"tasks": ["1.3", "1.1", "2.1"], "duration": None}


def test_the_critical_path_is_the_longest_by_duration() -> None:
    found = graph(
        [
            task("1.1", duration=100), task("1.2", duration=10), task("1.3", duration=10, dependencies=["1.2"]),
            task("2.1", duration=5, dependencies=["1.1"]), task("2.2", duration=5, dependencies=["1.3"]),
        ]
    )  # fmt: skip
    assert found["criticalPath"] == {"tasks": ["1.1", "2.1"], "duration": 105}
    assert [node["id"] for node in found["nodes"] if node["onCriticalPath"]] == ["1.1", "2.1"]


def test_a_dependency_on_a_phase_waits_for_all_its_tasks() -> None:
    found = graph([task("1.1"), task("1.2"), task("2.1", dependencies=["1"])])
    assert {(edge["from"], edge["to"], edge["kind"]) for edge in found["edges"]} == {
        ("1.1", "2.1", "phase"), ("1.2", "2.1", "phase"),
    }  # fmt: skip


def test_a_note_makes_tasks_wait_for_each_other() -> None:
    plan = (
        "## Phase 1: A\n**Execution Note:** Tasks 1.1-1.3 are [SEQUENTIAL] - x\n- [ ] 1.1 a\n- [ ] 1.2 b\n- [ ] 1.3 c\n"
    )
    found = graph([task("1.1"), task("1.2", dependencies=["1.1"]), task("1.3")], plan)
    assert [(edge["from"], edge["to"], edge["kind"]) for edge in found["edges"]] == [
        ("1.1", "1.2", "dependency"), ("1.2", "1.3", "sequential"),
    ]  # fmt: skip


def test_cycles_are_named_and_do_not_hide_the_rest() -> None:
    found = graph(
        [
            task("1.1", dependencies=["1.3"]), task("1.2", dependencies=["1.1"]), task("1.3", dependencies=["1.2"]),
            task("1.4", dependencies=["1.4"]), task("2.1", dependencies=["1.3"]),
        ]
    )  # fmt: skip
    assert found["cycles"] == [["1.1", "1.2", "1.3"], ["1.4"]]
    assert found["criticalPath"]["tasks"] == ["1.3", "2.1"]
    assert len(found["nodes"]) == 5


def test_a_chain_of_thousands_needs_no_recursion() -> None:
    count = 5_000
    tasks = [task(f"1.{number}", dependencies=[f"1.{number - 1}"] if number else []) for number in range(count)]
    found = graph(tasks)
    assert len(found["criticalPath"]["tasks"]) == count
    tasks[0]["dependencies"] = [f"1.{count - 1}"]
    assert [len(cycle) for cycle in graph(tasks)["cycles"]] == [count]


EDGES = st.lists(st.tuples(st.integers(1, 7), st.integers(1, 7)), max_size=14)


@given(EDGES)
def test_components_are_those_that_reach_each_other(edges: list[tuple[int, int]]) -> None:
    nodes = [str(number) for number in range(1, 8)]
    after = {node: [str(end) for begin, end in edges if str(begin) == node] for node in nodes}
    reached = {(node, node) for node in nodes} | {(begin, end) for begin in nodes for end in after[begin]}
    for middle, begin, end in itertools.product(nodes, nodes, nodes):  # Warshall
        if (begin, middle) in reached and (middle, end) in reached:
            reached.add((begin, end))
    found = components(after)
    for one, other in itertools.combinations(nodes, 2):
        assert (found[one] == found[other]) == ((one, other) in reached and (other, one) in reached)


@given(EDGES, st.lists(st.integers(0, 50), min_size=7, max_size=7))
def test_the_critical_path_is_that_of_trying_all(edges: list[tuple[int, int]], durations: list[int]) -> None:
    forward = {(begin, end) for begin, end in edges if begin < end}
    tasks = [
        task(f"1.{n}", dependencies=[f"1.{begin}" for begin, end in forward if end == n], duration=durations[n - 1])
        for n in range(1, 8)
    ]

    def longest(node: int) -> int:
        return durations[node - 1] + max((longest(begin) for begin, end in forward if end == node), default=0)

    found = graph(tasks)
    path = [int(each.partition(".")[2]) for each in found["criticalPath"]["tasks"]]
    if not forward:
        assert path == []
        return
    assert found["criticalPath"]["duration"] == max(longest(node) for node in range(1, 8))
    assert sum(durations[node - 1] for node in path) == found["criticalPath"]["duration"]
    assert set(itertools.pairwise(path)) <= forward


@given(EDGES)
def test_every_cycle_is_a_closed_walk(edges: list[tuple[int, int]]) -> None:
    tasks = [task(f"1.{n}", dependencies=[f"1.{begin}" for begin, end in edges if end == n]) for n in range(1, 8)]
    found = graph(tasks)
    known = {(edge["from"], edge["to"]) for edge in found["edges"]}
    for cycle in found["cycles"]:
        assert set(itertools.pairwise([*cycle, cycle[0]])) <= known
    assert sorted(node["id"] for node in found["nodes"]) == [f"1.{n}" for n in range(1, 8)]
