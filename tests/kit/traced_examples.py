"""Coverage of a property test, without that of Hypothesis: only its examples are traced.

A tracer doubles what Python computes, and most of a property test is Hypothesis, which makes the examples. What an
example runs is traced as before, also in the threads that it starts.
"""

from __future__ import annotations

import functools
import sys
import threading
from collections.abc import Callable, Generator
from typing import Any

import pytest


def _set(tracer: Any, tracer_of_threads: Any) -> None:
    threading.settrace(tracer_of_threads)
    sys.settrace(tracer)


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, object, object]:
    """Trace the examples alone, if it is a property test and anything is traced."""
    handle = getattr(pyfuncitem.obj, "hypothesis", None)
    tracers = (sys.gettrace(), threading.gettrace())
    if handle is None or tracers[0] is None:
        return (yield)
    test: Callable[..., object] = handle.inner_test

    @functools.wraps(test)
    def example(*values: object, **named: object) -> object:
        _set(*tracers)
        try:
            return test(*values, **named)
        finally:
            _set(None, None)

    handle.inner_test = example
    _set(None, None)
    try:
        return (yield)
    finally:
        handle.inner_test = test
        _set(*tracers)
