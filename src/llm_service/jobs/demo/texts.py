"""What the demo program writes: a specification, a plan, tasks, and small modules with tests that really run."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Part:
    """A module of the project: a function that takes numbers, and what it is for."""

    module: str
    title: str
    function: str
    expression: str
    example: tuple[int, int]
    result: int


PARTS = (
    Part("arrivals", "Count the arrivals of a day", "arrivals", "booked - cancelled", (14, 3), 11),
    Part("capacity", "How many berths are free", "free_berths", "max(0, berths - occupied)", (40, 37), 3),
    Part("deposits", "The deposit of a booking in cents", "deposit", "price * percent // 100", (24_000, 20), 4_800),
    Part("tides", "Minutes until a boat may enter", "wait_minutes", "max(0, opens - now)", (615, 540), 75),
    Part("reminders", "Which day a reminder is due", "due_day", "arrival - days_before", (21, 3), 18),
    Part("waiting", "The place in the waiting list", "place", "max(1, ahead + 1 - skipped)", (6, 2), 5),
)
_NAMES = {
    "arrivals": ("booked", "cancelled"),
    "capacity": ("berths", "occupied"),
    "deposits": ("price", "percent"),
    "tides": ("opens", "now"),
    "reminders": ("arrival", "days_before"),
    "waiting": ("ahead", "skipped"),
}


def title_of(specification: str, fallback: str) -> str:
    """The first heading or line of a specification."""
    lines = (line.strip("# \t") for line in specification.splitlines())
    return next((line[:80] for line in lines if line), fallback)


def spec(title: str, specification: str, parts: tuple[Part, ...]) -> str:
    """`spec.md`."""
    stories = "\n".join(f"{n}. **{part.title}** — as the office I see it at once." for n, part in enumerate(parts, 1))
    return f"# {title}\n\n## Input\n\n{specification.strip()}\n\n## User stories\n\n{stories}\n"


def plan(title: str, parts: tuple[Part, ...]) -> str:
    """`plan.md`."""
    modules = "\n".join(f"- `src/{part.module}.py`: {part.title.lower()}" for part in parts)
    return f"# Plan: {title}\n\nPure functions, no dependencies, a test for each.\n\n## Modules\n\n{modules}\n"


def tasks(title: str, parts: tuple[Part, ...], done: int) -> str:
    """`tasks.md`, with the first `done` of them ticked."""
    rows = [
        f"- [{'x' if n < done else ' '}] T{n + 1:03} {part.title} (`src/{part.module}.py`)"
        for n, part in enumerate(parts)
    ]
    return f"# Tasks: {title}\n\n" + "\n".join(rows) + "\n"


def module(part: Part) -> str:
    """The code of a part."""
    first, second = _NAMES[part.module]
    return (
        f'"""{part.title}."""\n\n\n'
        f"def {part.function}({first}: int, {second}: int) -> int:\n"
        f'    """{part.title}."""\n'
        f"    return {part.expression}\n"
    )


def test(part: Part) -> str:
    """A test of it."""
    arguments = ", ".join(map(str, part.example))
    return (
        f"from src.{part.module} import {part.function}\n\n\n"
        f"def test_{part.function}() -> None:\n"
        f"    assert {part.function}({arguments}) == {part.result}\n"
    )


def review(title: str, parts: tuple[Part, ...], passed: int) -> str:
    """`review.md`."""
    return f"# Review: {title}\n\n{len(parts)} modules, {passed} tests passed. No open questions.\n"
