"""Query parameters that select calls: `RANGE` and `FILTERS`, and what a request says in them."""

from __future__ import annotations

from collections.abc import Callable

from ..web.params import OptionalText, Text, Texts
from .core import CallCore
from .model import STATUSES
from .store.job_calls import JobCalls
from .store.queries import COST_SOURCES, CallFilter
from .store.week_hours import WEEKDAYS, WeekHours

_FROM = OptionalText("from", "a date or time in ISO 8601; without an offset in the service's time zone")
_TO = OptionalText("to", "up to this date (included) or time")
RANGE = (_FROM, _TO)
_NAMES = (
    Texts(
        "model", "only these models (comma-separated or repeated; `\\,`: a comma of a name; `-`: calls that name none)"
    ),
    Texts("agent", "only these agents"),
    Texts("task", "only these tasks"),
    Texts("project", "only these projects"),
    Texts("session", "only these sessions"),
)
_JOB = Text("job", "only those that the cost of this job is of: with its id, or of its sessions, in its last run")
_STATUS = Texts("status", "only calls with this status", choices=STATUSES)
_COST = Texts("cost", "only calls whose cost has this source", choices=COST_SOURCES)
_WEEKDAY = Texts("weekday", "only calls of these days of the week, in the service's time zone", choices=WEEKDAYS)
_HOUR = Texts(
    "hour", "only calls that began in these hours of the day, in the same", choices=tuple(map(str, range(24)))
)
FILTERS = (*_NAMES, _JOB, _STATUS, _COST, _WEEKDAY, _HOUR, *RANGE)

CallsOfJob = Callable[[str], JobCalls]
"""Which calls are those of the job with an id."""


def time_range(core: CallCore) -> tuple[int | None, int | None]:
    """(start, end) of the request in seconds since the epoch, None where unbounded. Raises BadRequest."""
    return core.time_range(_FROM.value(), _TO.value())


def call_filter(core: CallCore, calls_of_job: CallsOfJob) -> CallFilter:
    """The filter that the request asks for. Raises BadRequest, and what `calls_of_job` raises."""
    first, end = time_range(core)
    selected = [(param.name, param.value()) for param in _NAMES]
    return CallFilter(
        names=tuple(
            (name, frozenset("" if value == "-" else value for value in values)) for name, values in selected if values
        ),
        status=_STATUS.value(),
        cost=_COST.value(),
        first=first,
        end=end,
        week_hours=_week_hours(core),
        job=calls_of_job(job) if (job := _JOB.value()) else None,
    )


def _week_hours(core: CallCore) -> WeekHours | None:
    weekdays, hours = _WEEKDAY.value(), _HOUR.value()
    if not weekdays and not hours:
        return None
    return WeekHours(core.calendar, frozenset(map(WEEKDAYS.index, weekdays)), frozenset(map(int, hours)))
