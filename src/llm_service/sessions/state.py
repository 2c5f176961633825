"""What a session does now, by its log alone: `state_of(glance, ...)`, pure. Hooks know better where they report."""

from __future__ import annotations

from .model import Glance

QUIET_S = 60.0
"""After a message and so long without a line, its turn is over: a call of a tool would have followed."""
SILENT_S = 900.0
"""What a model is asked for may take so long without a line, and so may a sub-agent."""
PENDING_S = 180.0
"""Most programs give a command two minutes. A tool that has no result for longer may wait for a permission, which is in
no log: only hooks tell that."""
_AGENTS = frozenset(("Task", "Agent", "agent", "task", "subtask", "spawn_agent", "wait", "wait_agent"))
"""Tools that wait for a sub-agent, which has a log of its own."""

State = tuple[str, str, str]
"""(state, certainty, what it rests on), in the words of the feature `hooks`."""


def state_of(glance: Glance, silent_s: float) -> State:
    """The state of a session whose log was written to `silent_s` ago."""
    since = f"its log was written to {_duration(silent_s)} ago"
    if glance.turn == "question":
        return "question", "derived", "the last call in its log asks a person and has no answer"
    if glance.turn == "failed":
        return "failed", "derived", "the last line of its log is an error"
    if glance.turn == "ended":
        return "idle", "derived", "its log says that the turn ended"
    if glance.turn == "interrupted":
        return "idle", "derived", "its log says that the turn was interrupted"
    if glance.turn == "text" and silent_s >= QUIET_S:
        return (
            "idle",
            "derived",
            f"the last line of its log is a message, and nothing followed for {_duration(silent_s)}",
        )
    if not glance.turn:
        return "idle", "cannot tell", f"its log says nothing about it; {since}"
    if glance.turn == "tool" and silent_s >= PENDING_S and not _AGENTS.intersection(glance.pending):
        names = f" ({', '.join(dict.fromkeys(glance.pending))})" if glance.pending else ""
        said = f"the last use of a tool in its log{names} has no result for {_duration(silent_s)}"
        return "working", "cannot tell", f"{said}: it may run, wait for a permission, or be gone"
    if silent_s < SILENT_S:
        return "working", "derived", since
    return "working", "cannot tell", f"its log ends in the middle of a turn; {since}, so it may be gone"


def _duration(seconds: float) -> str:
    if seconds < 120:
        return f"{max(0, seconds):.0f} s"
    if seconds < 7_200:
        return f"{seconds / 60:.0f} minutes"
    return f"{seconds / 3_600:.0f} hours" if seconds < 172_800 else f"{seconds / 86_400:.0f} days"
