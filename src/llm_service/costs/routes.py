"""REST routes about LLM calls and what they cost."""

from __future__ import annotations

from typing import Any

from flask import Response, request

from ..calendar_days import Calendar
from ..calls.exports import FORMATS
from ..calls.model import STATUSES, CallRefused, read_call
from ..calls.store.queries import SOURCES, CallFilter
from ..calls.store.totals import DIMENSIONS
from ..errors import BadRequest, HistoryUnavailable
from ..web.api import MAX_LIMIT, Api, Param, json_body, text_set, whole_number
from ..web.parts import Parts, TelemetryParts
from .queries import BUCKETS
from .summary import series_of, totals_of

MAX_CALLS = 10_000
_NAMED = DIMENSIONS[1:]
_BY = Param("by", "what to tell apart", choices=_NAMED)
_RANGE = (
    Param("from", "a date or time in ISO 8601; without an offset in the service's time zone"),
    Param("to", "up to this date (included) or time"),
)
_FILTERS = (
    Param("model", "only these models (comma-separated or repeated; `-`: calls that name none)"),
    Param("agent", "only these agents"),
    Param("task", "only these tasks"),
    Param("project", "only these projects"),
    Param("session", "only these sessions"),
    Param("status", "only calls that ended so", choices=STATUSES),
    Param("cost", "only calls whose cost comes from there", choices=SOURCES),
    *_RANGE,
)


def telemetry_routes(api: Api, parts: Parts) -> None:
    """Declare the routes."""

    @api.get("/api/telemetry")
    def telemetry_summary() -> dict[str, Any]:
        """Costs, calls and tokens of today, this month and ever; coverage, forecast, budgets."""
        return _there(parts).costs.summary()

    @api.post(
        "/api/telemetry",
        body={"anyOf": [{"type": "object"}, {"type": "array", "items": {"type": "object"}}]},
        answer={"type": "object", "required": ["accepted", "duplicates", "rejected"]},
    )
    def record_calls() -> dict[str, Any]:
        """Count one LLM call or a list of them; what was counted is on the disk when this answers."""
        there = _there(parts)
        document = json_body()
        documents = document if isinstance(document, list) else [document]
        if len(documents) > MAX_CALLS:
            raise BadRequest(f"At most {MAX_CALLS:,} calls at once, not {len(documents):,}.")
        calls, rejected = [], []
        now_ms = there.costs.now_s() * 1000
        for index, entry in enumerate(documents):
            try:
                calls.append(read_call(entry, now_ms, arriving=True))
            except CallRefused as refusal:
                rejected.append({"index": index, "error": str(refusal)})
        outcome = there.record(calls, [f"call {entry['index']}: {entry['error']}" for entry in rejected])
        return {"accepted": outcome.accepted, "duplicates": outcome.duplicates, "rejected": rejected}

    @api.get(
        "/api/telemetry/trends",
        Param("bucket", "length of a step", default="day", choices=BUCKETS),
        *_RANGE,
        _BY,
        Param("top", "so many series, the rest in one, 1 to 50", kind="integer", default=8),
    )
    def telemetry_trends() -> dict[str, Any]:
        """Cost, calls and tokens over time, as one series or by model, agent, task or project."""
        there = _there(parts)
        bucket = _choice("bucket", BUCKETS, "day")
        by = _choice("by", _NAMED, None)
        calendar = there.calendar
        first, end = _range(calendar)
        end = end if end is not None else there.costs.now_s() + 1
        starts, series = there.costs.queries.trends(str(bucket), first, end, by, whole_number("top", 8, 1, 50))
        return {
            "bucket": bucket,
            "by": by,
            "timezone": there.costs.zone_name,
            "from": calendar.text(starts[0]) if starts else None,
            "to": calendar.text(end),
            "buckets": [calendar.text(start) for start in starts],
            "series": series_of(series),
        }

    @api.get("/api/telemetry/models", *_RANGE)
    def telemetry_models() -> dict[str, Any]:
        """Each model's share of the cost, tokens, latency p50 and p95, errors, calls without a price."""
        there = _there(parts)
        first, end = _range(there.calendar)
        return {**_said(), "models": there.costs.queries.models(first, end)}

    @api.get(
        "/api/telemetry/totals",
        Param("by", "what to tell apart", choices=_NAMED, default="agent"),
        *_RANGE,
        Param("limit", f"at most so many, 1 to {MAX_LIMIT}", kind="integer", default=100),
    )
    def telemetry_totals() -> dict[str, Any]:
        """What each agent, task, project or model comes to, the dearest first."""
        there = _there(parts)
        by = str(_choice("by", _NAMED, "agent"))
        rows = there.costs.queries.by_name(by, *_range(there.calendar), limit=whole_number("limit", 100, 1, MAX_LIMIT))
        return {"by": by, **_said(), "totals": totals_of(rows)}

    @api.get(
        "/api/telemetry/calls",
        *_FILTERS,
        Param("limit", f"page size, 1 to {MAX_LIMIT}", kind="integer", default=100),
        Param("cursor", "where to go on: the `cursor` of the page before"),
    )
    def telemetry_calls() -> dict[str, Any]:
        """The calls themselves, newest first, filtered and paged."""
        there = _there(parts)
        limit = whole_number("limit", 100, 1, MAX_LIMIT)
        page, cursor = there.costs.queries.calls.page(_filter(there.calendar), limit, request.args.get("cursor"))
        return {"calls": page, "cursor": cursor}

    @api.get("/api/telemetry/sources")
    def telemetry_sources() -> dict[str, Any]:
        """Where calls come from: folders and outlets, how many from each, and the lines that were refused."""
        return {"sources": _there(parts).sources()}

    @api.get(
        "/api/telemetry/export",
        Param("format", "form of the file", default="csv", choices=tuple(FORMATS)),
        *_FILTERS,
    )
    def telemetry_export() -> Response:
        """The calls as a file, in the order in which they arrived; streamed, whatever their number."""
        there = _there(parts)
        kind = str(_choice("format", tuple(FORMATS), "csv"))
        mimetype, write = FORMATS[kind]
        calls = there.costs.queries.calls.every(_filter(there.calendar))
        headers = {"Content-Disposition": f'attachment; filename="llm-calls.{kind}"', "Cache-Control": "no-store"}
        return Response(write(calls), mimetype=mimetype, headers=headers)


def _there(parts: Parts) -> TelemetryParts:
    if parts.telemetry is None:
        raise HistoryUnavailable("Telemetry is off: the settings `telemetry` and `history` switch it on.")
    return parts.telemetry


def _choice(name: str, choices: tuple[str, ...], default: str | None) -> str | None:
    value = request.args.get(name) or default
    if value is not None and value not in choices:
        raise BadRequest(f"`{name}` has to be one of {', '.join(choices)}, not “{value[:50]}”.")
    return value


def _range(calendar: Calendar) -> tuple[int | None, int | None]:
    first, end = request.args.get("from"), request.args.get("to")
    return (
        calendar.read(first, "from") if first else None,
        calendar.read(end, "to", end=True) if end else None,
    )


def _said() -> dict[str, str | None]:
    return {"from": request.args.get("from"), "to": request.args.get("to")}


def _filter(calendar: Calendar) -> CallFilter:
    names = [(name, text_set(name)) for name in ("model", "agent", "task", "project", "session")]
    first, end = _range(calendar)
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
