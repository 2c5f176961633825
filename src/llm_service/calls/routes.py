"""REST routes about LLM calls: they come in, are listed, exported; where they come from."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from flask import Response, request

from ..errors import BadRequest
from ..web.api import MAX_LIMIT, Api, Param, choice, json_body, whole_number
from .core import CallCore
from .exports import FORMATS
from .model import CallRefused, read_call
from .network_ingest import NetworkIngest
from .parameters import FILTERS, call_filter

MAX_CALLS = 10_000


def call_routes(
    api: Api,
    core: Callable[[], CallCore],
    network: Callable[[], NetworkIngest],
    sources: Callable[[], list[dict[str, Any]]],
) -> None:
    """Declare the routes. `core` and `network` raise HistoryUnavailable where calls are not counted."""

    @api.post(
        "/api/telemetry",
        body={"anyOf": [{"type": "object"}, {"type": "array", "items": {"type": "object"}}]},
        answer={"type": "object", "required": ["accepted", "duplicates", "rejected"]},
    )
    def record_calls() -> dict[str, Any]:
        """Count one LLM call or a list of them; what was counted is on the disk when this answers."""
        ingest = network()
        document = json_body()
        documents = document if isinstance(document, list) else [document]
        if len(documents) > MAX_CALLS:
            raise BadRequest(f"At most {MAX_CALLS:,} calls at once, not {len(documents):,}.")
        calls, rejected = [], []
        now_ms = time.time_ns() // 1_000_000
        for index, entry in enumerate(documents):
            try:
                calls.append(read_call(entry, now_ms, arriving=True))
            except CallRefused as refusal:
                rejected.append({"index": index, "error": str(refusal)})
        outcome = ingest.rest(calls, [f"call {entry['index']}: {entry['error']}" for entry in rejected])
        return {"accepted": outcome.accepted, "duplicates": outcome.duplicates, "rejected": rejected}

    @api.get(
        "/api/telemetry/calls",
        *FILTERS,
        Param("limit", f"page size, 1 to {MAX_LIMIT}", kind="integer", default=100),
        Param("cursor", "where to go on: the `cursor` of the page before"),
    )
    def telemetry_calls() -> dict[str, Any]:
        """The calls themselves, newest first, filtered and paged."""
        there = core()
        limit = whole_number("limit", 100, 1, MAX_LIMIT)
        page, cursor = there.queries.page(call_filter(there), limit, request.args.get("cursor"))
        return {"calls": page, "cursor": cursor}

    @api.get("/api/telemetry/sources")
    def telemetry_sources() -> dict[str, Any]:
        """Where calls come from: folders and outlets, how many from each, and the lines that were refused."""
        core()
        return {"sources": sources()}

    @api.get(
        "/api/telemetry/export",
        Param("format", "form of the file", default="csv", choices=tuple(FORMATS)),
        *FILTERS,
    )
    def telemetry_export() -> Response:
        """The calls as a file, in the order in which they arrived; streamed, whatever their number."""
        there = core()
        kind = str(choice("format", tuple(FORMATS), "csv"))
        mimetype, write = FORMATS[kind]
        calls = there.queries.every(call_filter(there))
        headers = {"Content-Disposition": f'attachment; filename="llm-calls.{kind}"', "Cache-Control": "no-store"}
        return Response(write(calls), mimetype=mimetype, headers=headers)
