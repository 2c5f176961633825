"""What the lines of a log add up to: `add_facts(figures, facts)`; bounded in size."""

from __future__ import annotations

from .model import Facts, Figures

_MOST_TOOLS, _MOST_FILES = 200, 500


def add_facts(figures: Figures, facts: Facts) -> None:
    """Add what one line says."""
    figures.prompts += facts.turn == "prompt" and facts.title is not None
    if facts.todos is not None:
        figures.todos = facts.todos
    for name in facts.tools:
        figures.calls += 1
        if name in figures.tools or len(figures.tools) < _MOST_TOOLS:
            figures.tools[name] = figures.tools.get(name, 0) + 1
    for path, kind in facts.files:
        times = figures.files.pop(path, [0, kind])[0]
        figures.files[path] = [times + 1, kind]
        if len(figures.files) > _MOST_FILES:
            del figures.files[next(iter(figures.files))]
