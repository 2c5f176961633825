"""Coverage sees what the examples of a property test run, and not what makes them."""

from __future__ import annotations

import sys
from contextlib import suppress
from types import FrameType, SimpleNamespace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from kit.traced_examples import pytest_pyfunc_call


def reached() -> None:
    """Called by each example."""


@given(st.integers())
def for_any_number(number: int) -> None:
    reached()


def test_examples_are_traced_and_what_makes_them_is_not() -> None:
    seen: set[str] = set()

    def tracer(frame: FrameType, event: str, argument: Any) -> None:
        seen.add(frame.f_code.co_name)

    before = sys.gettrace()
    sys.settrace(tracer)
    try:
        running: Any = pytest_pyfunc_call(SimpleNamespace(obj=for_any_number))  # type: ignore[arg-type]
        next(running)
        for_any_number()
        with suppress(StopIteration):
            running.send(None)
        after = sys.gettrace()
    finally:
        sys.settrace(before)
    assert "reached" in seen and "execute_once" not in seen
    assert after is tracer
