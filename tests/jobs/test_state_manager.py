"""What is shown of a job is brought up to date at the right moments, and nothing is left over."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_service.jobs.state_manager import DashboardStateManager, EventKind, Updates

PARTS = ("logs_panel", "phase_indicator", "job_progress")
WINDOWS = {"logs_panel": 0.5, "phase_indicator": 0.0, "job_progress": 1.0}
CHANGES: dict[EventKind, tuple[str, ...]] = {
    "line": ("logs_panel", "job_progress"),
    "progress": ("job_progress",),
    "phase": ("phase_indicator", "job_progress"),
    "end": PARTS,
}


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def manager(clock: Clock) -> DashboardStateManager:
    return DashboardStateManager(clock)


def due(updates: Updates) -> list[str]:
    return [part for part in PARTS if updates[part]]  # type: ignore[literal-required]


def test_the_first_change_is_due_at_once(manager: DashboardStateManager) -> None:
    assert due(manager.calculate_updates("a", "line")) == ["logs_panel", "job_progress"]


def test_what_follows_within_a_window_is_due_at_its_end(manager: DashboardStateManager, clock: Clock) -> None:
    manager.calculate_updates("a", "line")
    clock.now += 0.1
    assert due(manager.calculate_updates("a", "line")) == []
    assert manager.next_due("a") == 1_000.5
    clock.now = 1_000.5
    assert due(manager.calculate_updates("a")) == ["logs_panel"]
    assert manager.next_due("a") == 1_001.0
    clock.now = 1_001.0
    assert due(manager.calculate_updates("a")) == ["job_progress"]
    assert manager.next_due("a") is None


def test_a_phase_is_due_at_once_with_its_figures(manager: DashboardStateManager, clock: Clock) -> None:
    manager.calculate_updates("a", "line")
    clock.now += 0.01
    assert due(manager.calculate_updates("a", "phase")) == ["phase_indicator", "job_progress"]
    clock.now += 0.01
    assert due(manager.calculate_updates("a", "phase")) == ["phase_indicator", "job_progress"]


def test_the_end_flushes_what_waits(manager: DashboardStateManager, clock: Clock) -> None:
    manager.calculate_updates("a", "line")
    manager.calculate_updates("a", "line")
    assert due(manager.calculate_updates("a", "end")) == list(PARTS)
    assert manager.next_due("a") is None


def test_force_shows_everything(manager: DashboardStateManager) -> None:
    assert due(manager.calculate_updates("a", force=True)) == list(PARTS)
    assert due(manager.calculate_updates("a", "progress", force=True)) == list(PARTS)


def test_without_an_event_nothing_is_due(manager: DashboardStateManager) -> None:
    assert due(manager.calculate_updates("a")) == []


def test_jobs_do_not_delay_each_other(manager: DashboardStateManager) -> None:
    manager.calculate_updates("a", "line")
    assert due(manager.calculate_updates("b", "line")) == ["logs_panel", "job_progress"]


def test_an_insight_is_due_every_15_minutes(manager: DashboardStateManager, clock: Clock) -> None:
    assert manager.should_generate_insight("a")
    assert manager.should_generate_insight("b")
    clock.now += 899.9
    assert not manager.should_generate_insight("a")
    clock.now += 0.1
    assert manager.should_generate_insight("a")
    assert not manager.should_generate_insight("a")


def test_a_job_that_is_gone_is_forgotten(manager: DashboardStateManager) -> None:
    manager.calculate_updates("a", "line")
    manager.calculate_updates("a", "line")
    manager.forget("a")
    assert list(manager.waiting()) == []


steps = st.lists(
    st.tuples(st.sampled_from(["line", "line", "line", "progress", "phase", "end"]), st.floats(0, 3)), max_size=60
)


@given(steps)
def test_the_last_lines_of_a_burst_are_never_left_over(steps: list[tuple[EventKind, float]]) -> None:
    clock = Clock()
    manager = DashboardStateManager(clock)
    unseen: dict[str, float] = {}  # part -> when its oldest change happened that was not shown
    shown: dict[str, list[float]] = {part: [] for part in PARTS}

    def take(updates: Updates) -> None:
        for part in due(updates):
            shown[part].append(clock.now)
            unseen.pop(part, None)

    def pass_time(until: float) -> None:
        while (at := manager.next_due("a")) is not None and at <= until:
            clock.now = max(clock.now, at)
            take(manager.calculate_updates("a"))
        clock.now = max(clock.now, until)

    for event, wait_s in steps:
        pass_time(clock.now + wait_s)
        for part in CHANGES[event]:
            unseen.setdefault(part, clock.now)
        take(manager.calculate_updates("a", event))
        assert all(clock.now - since <= WINDOWS[part] + 1e-9 for part, since in unseen.items())
        assert "phase_indicator" not in unseen
        if event == "end":
            assert not unseen
    pass_time(clock.now + 2)
    assert not unseen
    assert manager.next_due("a") is None
    if not any(event in ("phase", "end") for event, _ in steps):
        for part, times in shown.items():
            gaps = [later - earlier for earlier, later in itertools.pairwise(times)]
            assert all(gap >= WINDOWS[part] - 1e-9 for gap in gaps), part
