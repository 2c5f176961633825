"""Which job starts next, and why the others wait: `decide`, pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .model import Request

Blocked = Callable[[Request], str | None]
"""Why a request cannot be run now, no matter which others wait; None if it can."""


@dataclass(frozen=True, slots=True)
class Decision:
    """`start`: the requests to start now, in order. `reasons`: job -> why it waits, for all others."""

    start: tuple[Request, ...]
    reasons: dict[str, str]


def decide(requests: Sequence[Request], running: int, max_concurrent: int, now: str, blocked: Blocked) -> Decision:
    """Requests that wait, in the order in which they were made; what cannot be run is passed by the others."""
    start: list[Request] = []
    reasons: dict[str, str] = {}
    position = 0
    for request in requests:
        if request.not_before is not None and request.not_before > now:
            again = f"It is tried again at {request.not_before}."
            reasons[request.job] = f"{request.put_off} {again}" if request.put_off else again
            continue
        reason = blocked(request)
        if reason is not None:
            reasons[request.job] = reason
        elif running + len(start) < max_concurrent:
            start.append(request)
        else:
            position += 1
            jobs = "1 job runs" if max_concurrent == 1 else f"{running + len(start)} jobs run"
            reasons[request.job] = f"{jobs}, and no more than {max_concurrent} at once; position {position}."
    return Decision(tuple(start), reasons)
