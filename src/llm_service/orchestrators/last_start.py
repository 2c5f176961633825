"""`LastStarts`: the answer of the last start of each plan, for who asked for the same while it was under way."""

from __future__ import annotations

import time
from dataclasses import dataclass

from ..errors import StartFailed
from .model import Outcome, StartOrder


@dataclass(frozen=True, slots=True)
class _Answer:
    order: StartOrder
    at: float
    result: Outcome | StartFailed


class LastStarts:
    """Of one plan one thread at a time: under the lock of the plan.

    Of 100 who press start at the same time, 99 wait for the first. If its program has ended by then, because it failed
    or had nothing to do, they get its answer: each of them would otherwise start it again.
    """

    def __init__(self) -> None:
        self._answers: dict[str, _Answer] = {}

    def put(self, plan: str, order: StartOrder, result: Outcome | StartFailed) -> None:
        """Take the answer of a start."""
        self._answers[plan] = _Answer(order, time.monotonic(), result)

    def same(self, plan: str, order: StartOrder, asked_at: float) -> Outcome | None:
        """The answer of the same start, if that was under way at a time (of `time.monotonic`). Raises StartFailed."""
        answer = self._answers.get(plan)
        if answer is None or answer.order != order or answer.at < asked_at:
            return None
        if isinstance(answer.result, StartFailed):
            raise StartFailed(answer.result.message, **answer.result.details)
        return answer.result
