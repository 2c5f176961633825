"""The limits in force: those of the settings, and what `.claude/git-workflow.json` says, where that is stricter.

`{worktrees: {max_concurrent, stale_days}, resources: {min_disk_space_mb, warn_disk_space_mb}}`. Agents write it, so it
cannot raise a limit.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, replace
from typing import Any

from ..errors import FileRefused, FileVanished
from ..files import read_file
from ..json_values import integer_of

_MAX_BYTES = 65_536


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit. `origin`: "default", where the setting was made (`file:line`, a variable, an option), or the path of the
    file that is stricter; `ignored`: what that asked for in vain."""

    value: float
    origin: str = "default"
    ignored: float | None = None


@dataclass(frozen=True, slots=True)
class WorkflowLimits:
    """All limits; `problem`: why the file does not count."""

    max_worktrees: Limit
    stale_days: Limit
    min_disk_space_mb: Limit
    warn_disk_space_mb: Limit
    problem: str | None = None


def limits_in_force(workspace: str, path: str, own: WorkflowLimits) -> WorkflowLimits:
    """The limits, given those of the settings."""
    facts: dict[str, Any] = {}
    problem = None
    try:
        found = json.loads(read_file(workspace, path, _MAX_BYTES).data, parse_int=integer_of)
        if not isinstance(found, dict):
            raise ValueError("it is not an object")
        facts = found
    except FileVanished:
        pass
    except FileRefused as refusal:
        problem = refusal.message
    except (ValueError, RecursionError):
        problem = f"{path} is not JSON."
    worktrees, resources = _object(facts, "worktrees"), _object(facts, "resources")
    return WorkflowLimits(
        _lower(own.max_worktrees, _number(worktrees.get("max_concurrent")), path),
        # In which direction the days are stricter is a matter of taste: they only change how a worktree is shown.
        _taken(own.stale_days, _number(worktrees.get("stale_days")), path),
        _higher(own.min_disk_space_mb, _number(resources.get("min_disk_space_mb")), path),
        _higher(own.warn_disk_space_mb, _number(resources.get("warn_disk_space_mb")), path),
        problem,
    )


def _object(facts: dict[str, Any], name: str) -> dict[str, Any]:
    found = facts.get(name)
    return found if isinstance(found, dict) else {}


def _number(value: Any) -> float | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and math.isfinite(value) and 0 <= value < 1e12 else None


def _lower(own: Limit, other: float | None, path: str) -> Limit:
    if other is None or other == own.value:
        return own
    return Limit(other, path) if other < own.value else replace(own, ignored=other)


def _higher(own: Limit, other: float | None, path: str) -> Limit:
    if other is None or other == own.value:
        return own
    return Limit(other, path) if other > own.value else replace(own, ignored=other)


def _taken(own: Limit, other: float | None, path: str) -> Limit:
    return own if other is None or other <= 0 or other == own.value else Limit(other, path)
