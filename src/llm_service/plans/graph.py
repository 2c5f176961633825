"""`graph_of(plan)`: the tasks as nodes in layers, what waits for what, the critical path, and cycles. Pure.

Phases are the layers already. In each, tasks that wait for others of it come after them. All of it takes time in
proportion to tasks and edges.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from .components import components
from .model import Plan, PlanTask

MAX_EDGES = 50_000
"""Of more, those of the last tasks are left out."""
_MAX_CYCLES = 100


def graph_of(plan: Plan) -> dict[str, Any]:
    """`{nodes, edges, layers, criticalPath, cycles, missing}`; see docs/plans.md.

    An edge leads from what has to be done first. `kind` is "dependency", "phase" (the task waits for a whole phase) or
    "sequential" (a note says so). The critical path is the longest by duration; tasks that took none yet count as the
    mean of the others. `cycles` are groups of tasks that wait for each other, in a closed walk.
    """
    tasks = {task.id: task for task in plan.tasks}
    edges, missing = _edges(plan, tasks)
    after: dict[str, list[str]] = {task_id: [] for task_id in tasks}
    for begin, end in edges:
        after[begin].append(end)
    component = components(after)
    cycles = _cycles(after, component)
    in_order = edges
    if cycles:
        in_order = {edge: kind for edge, kind in edges.items() if component[edge[0]] != component[edge[1]]}
    order, before = _ordered(tasks, in_order)
    path, duration = _critical_path(tasks, order, before) if in_order else ([], None)
    layers = _layers(plan, order, before)
    on_path = frozenset(path)
    nodes = [
        _node(tasks[task_id], number, row, task_id in on_path)
        for number, layer in enumerate(layers)
        for row, task_id in enumerate(layer["nodes"])
    ]
    return {
        "nodes": nodes,
        "edges": [{"from": begin, "to": end, "kind": kind} for (begin, end), kind in edges.items()],
        "layers": layers,
        "criticalPath": {"tasks": path, "duration": duration},
        "cycles": cycles,
        "missing": missing,
    }


def _node(task: PlanTask, layer: int, row: int, is_on_path: bool) -> dict[str, Any]:
    return {
        "id": task.id,
        "description": task.description[:300],
        "status": task.status,
        "phase": task.phase,
        "layer": layer,
        "row": row,
        "onCriticalPath": is_on_path,
    }


_Edges = dict[tuple[str, str], str]


def _edges(plan: Plan, tasks: Mapping[str, PlanTask]) -> tuple[_Edges, list[dict[str, str]]]:
    """(edge -> kind, dependencies that do not exist)."""
    edges: _Edges = {}
    missing: list[dict[str, str]] = []
    by_phase: dict[str, list[str]] = defaultdict(list)
    for task in plan.tasks:
        by_phase[task.phase].append(task.id)
    for task in plan.tasks:
        for dependency in task.dependencies:
            if len(edges) + len(missing) >= MAX_EDGES:
                break
            if dependency in tasks:
                edges[dependency, task.id] = "dependency"
            elif dependency in by_phase and dependency != task.phase:
                edges |= {(each, task.id): "phase" for each in by_phase[dependency]}
            else:
                missing.append({"task": task.id, "dependency": dependency})
    for begin, end in _sequences(plan):
        if begin in tasks and end in tasks and (begin, end) not in edges:
            edges[begin, end] = "sequential"
    return edges, missing


def _sequences(plan: Plan) -> Iterator[tuple[str, str]]:
    for phase in plan.phases:
        for constraint in phase.notes.constraints if phase.notes is not None else ():
            if constraint.mode == "SEQUENTIAL" and constraint.of == "tasks":
                yield from zip(constraint.ids, constraint.ids[1:], strict=False)


def _cycles(after: Mapping[str, Sequence[str]], component: Mapping[str, int]) -> list[list[str]]:
    """One closed walk through each group of tasks that wait for each other, without its first task again."""
    members: dict[int, list[str]] = defaultdict(list)
    for task_id, number in component.items():
        members[number].append(task_id)
    found = []
    for group in members.values():
        inside = frozenset(group)
        start = group[0]
        if len(group) > 1 or start in after[start]:
            found.append(_walk(start, inside, after))
            if len(found) == _MAX_CYCLES:
                break
    return found


def _walk(start: str, inside: frozenset[str], after: Mapping[str, Sequence[str]]) -> list[str]:
    """The shortest closed walk from a task within its group."""
    came_from: dict[str, str] = {}
    waiting = deque([start])
    while waiting:
        task_id = waiting.popleft()
        for each in after[task_id]:
            if each == start:
                walk = [task_id]
                while walk[-1] != start:
                    walk.append(came_from[walk[-1]])
                return walk[::-1]
            if each in inside and each not in came_from:
                came_from[each] = task_id
                waiting.append(each)
    return [start]


def _ordered(tasks: Iterable[str], edges: Iterable[tuple[str, str]]) -> tuple[list[str], dict[str, list[str]]]:
    """(the ids so that each comes after what it waits for, id -> what it waits for); there are no cycles."""
    before: dict[str, list[str]] = {task_id: [] for task_id in tasks}
    after: dict[str, list[str]] = {task_id: [] for task_id in before}
    for begin, end in edges:
        before[end].append(begin)
        after[begin].append(end)
    open_before = {task_id: len(found) for task_id, found in before.items()}
    order = [task_id for task_id, count in open_before.items() if not count]
    for task_id in order:  # it grows
        for each in after[task_id]:
            open_before[each] -= 1
            if not open_before[each]:
                order.append(each)
    return order, before


def _critical_path(
    tasks: Mapping[str, PlanTask], order: Sequence[str], before: Mapping[str, Sequence[str]]
) -> tuple[list[str], int | None]:
    """(the ids of the longest chain, its duration in ms). None: no duration is known, and the most tasks count."""
    known = [task.duration_ms for task in tasks.values() if task.duration_ms is not None]
    mean = sum(known) / len(known) if known else 1
    ends: dict[str, float] = {}
    came_from: dict[str, str] = {}
    for task_id in order:
        duration = tasks[task_id].duration_ms
        ends[task_id] = mean if duration is None else duration
        if before[task_id]:
            latest = came_from[task_id] = max(before[task_id], key=ends.__getitem__)
            ends[task_id] += ends[latest]
    path = [max(ends, key=ends.__getitem__)]
    while path[-1] in came_from:
        path.append(came_from[path[-1]])
    return path[::-1], round(ends[path[0]]) if known else None


def _layers(plan: Plan, order: Sequence[str], before: Mapping[str, Sequence[str]]) -> list[dict[str, Any]]:
    """`{phase, name, nodes}` of each phase with tasks; its nodes by how many others of it they wait for in a row."""
    phase_of = {task.id: task.phase for task in plan.tasks}
    depths: dict[str, int] = {}
    for task_id in order:
        phase = phase_of[task_id]
        depths[task_id] = max((depths[each] + 1 for each in before[task_id] if phase_of[each] == phase), default=0)
    nodes: dict[str, list[str]] = {phase.key: [] for phase in plan.phases}
    for task in plan.tasks:
        nodes[task.phase].append(task.id)
    return [
        {"phase": phase.key, "name": phase.label, "nodes": sorted(nodes[phase.key], key=depths.__getitem__)}
        for phase in plan.phases
        if nodes[phase.key]
    ]
