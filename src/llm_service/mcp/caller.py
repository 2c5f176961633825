"""Who calls a tool: `caller()`, set for each request of HTTP; over stdio it is the user whose process this is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from ..web.people import LOCAL_ADMIN, Person

_CALLER: ContextVar[Person] = ContextVar("mcp_caller", default=LOCAL_ADMIN)


def caller() -> Person:
    """The person whose agent calls."""
    return _CALLER.get()


@contextmanager
def calling_as(person: Person) -> Iterator[None]:
    """Context manager: what is called in it, also in threads that are started for it, is called by that person."""
    token = _CALLER.set(person)
    try:
        yield
    finally:
        _CALLER.reset(token)
