"""Query parameters that choose calls: time range and filters, as routes and exports take them."""

from __future__ import annotations

from flask import request

from ..errors import BadRequest
from ..web.api import Param, text_set
from .core import CallCore
from .model import STATUSES
from .store.queries import SOURCES, CallFilter

RANGE = (
    Param("from", "a date or time in ISO 8601; without an offset in the service's time zone"),
    Param("to", "up to this date (included) or time"),
)
FILTERS = (
    Param("model", "only these models (comma-separated or repeated; `-`: calls that name none)"),
    Param("agent", "only these agents"),
    Param("task", "only these tasks"),
    Param("project", "only these projects"),
    Param("session", "only these sessions"),
    Param("status", "only calls that ended so", choices=STATUSES),
    Param("cost", "only calls whose cost comes from there", choices=SOURCES),
    *RANGE,
)


def time_range(core: CallCore) -> tuple[int | None, int | None]:
    """(beginning, end) of the request in seconds since the epoch. Raises BadRequest."""
    return core.time_range(request.args.get("from"), request.args.get("to"))


def call_filter(core: CallCore) -> CallFilter:
    """Which calls the request asks for. Raises BadRequest."""
    names = [(name, text_set(name)) for name in ("model", "agent", "task", "project", "session")]
    first, end = time_range(core)
    for name, choices in (("status", STATUSES), ("cost", SOURCES)):
        for value in text_set(name):
            if value not in choices:
                raise BadRequest(f"`{name}` has to be one of {', '.join(choices)}, not “{value[:50]}”.")
    return CallFilter(
        names=tuple(
            (name, frozenset("" if value == "-" else value for value in chosen)) for name, chosen in names if chosen
        ),
        status=text_set("status"),
        cost=text_set("cost"),
        first=first,
        end=end,
    )
