"""REST routes about LLM calls: count, list and export them, and list their sources."""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import chain, islice
from typing import Any

from flask import Response

from ..errors import BadRequest
from ..web.api import Api, json_body
from ..web.params import CURSOR, PAGE_SIZE, Choice
from .core import CallCore
from .exports import FORMATS
from .model import CallRefused, read_call
from .network_ingest import NetworkIngest
from .parameters import FILTERS, CallsOfJob, call_filter
from .store.sorted_calls import MOST_SORTED, ORDERS, SORTS, Order

MAX_CALLS = 10_000
_SORT = Choice("sort", f"sorted by; by other than time at most {MOST_SORTED:,} calls", SORTS, "time")
_ORDER = Choice(
    "order", "largest, latest or last first, or the other way round; what is not known is last", ORDERS, "desc"
)
_FORMAT = Choice("format", "form of the file", tuple(FORMATS), "csv")


def call_routes(
    api: Api,
    core: Callable[[], CallCore],
    network: Callable[[], NetworkIngest],
    sources: Callable[[], list[dict[str, Any]]],
    calls_of_job: CallsOfJob,
) -> None:
    """Declare the routes. `core` and `network` raise HistoryUnavailable where calls are disabled."""

    @api.post(
        "/api/telemetry",
        body={"anyOf": [{"type": "object"}, {"type": "array", "items": {"type": "object"}}]},
        answer={"type": "object", "required": ["accepted", "duplicates", "rejected"]},
    )
    def record_calls() -> dict[str, Any]:
        """Count one LLM call or a list of them; they are on disk when this responds."""
        ingest = network()
        document = json_body()
        documents = document if isinstance(document, list) else [document]
        if len(documents) > MAX_CALLS:
            raise BadRequest(f"At most {MAX_CALLS:,} calls at once, not {len(documents):,}.")
        calls, rejected = [], []
        now_ms = time.time_ns() // 1_000_000
        for index, entry in enumerate(documents):
            try:
                calls.append(read_call(entry, now_ms, live=True))
            except CallRefused as refusal:
                rejected.append({"index": index, "error": str(refusal)})
        outcome = ingest.ingest_rest(calls, [f"call {entry['index']}: {entry['error']}" for entry in rejected])
        return {"accepted": outcome.accepted, "duplicates": outcome.duplicates, "rejected": rejected}

    @api.get(
        "/api/telemetry/calls",
        *FILTERS,
        _SORT,
        _ORDER,
        PAGE_SIZE,
        CURSOR,
    )
    def telemetry_calls() -> dict[str, Any]:
        """Single calls, newest first or sorted over all that the filters select, and paged."""
        calls = core()
        order = Order(_SORT.value(), _ORDER.value())
        page, cursor = calls.queries.page(call_filter(calls, calls_of_job), PAGE_SIZE.value(), CURSOR.value(), order)
        return {"calls": page, "cursor": cursor}

    @api.get("/api/telemetry/sources")
    def telemetry_sources() -> dict[str, Any]:
        """The sources of calls, folders and network: how many from each, and the lines that were refused."""
        core()
        return {"sources": sources()}

    @api.get(
        "/api/telemetry/export",
        _FORMAT,
        *FILTERS,
    )
    def telemetry_export() -> Response:
        """The calls as a file, in order of arrival; streamed, however many."""
        calls = core()
        kind = _FORMAT.value()
        mimetype, write = FORMATS[kind]
        rows = calls.queries.every(call_filter(calls, calls_of_job))
        # Before the answer begins: what cannot be read is an error with a body, and not half a file.
        first = list(islice(rows, 1))
        headers = {"Content-Disposition": f'attachment; filename="llm-calls.{kind}"', "Cache-Control": "no-store"}
        return Response(write(chain(first, rows)), mimetype=mimetype, headers=headers)
