"""`recorded(document, store)`: a call that an agent reports, as both kinds of sources store it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from ..calls.model import CallRefused, read_call
from ..errors import BadRequest
from .sources import Json


def recorded(document: Mapping[str, Any], store: Callable[[Any], Any]) -> Json:
    """Store a call with `store(call)`. Raises BadRequest if it is none, HistoryUnavailable."""
    try:
        call = read_call(dict(document), time.time_ns() // 1_000_000, live=True)
    except CallRefused as refusal:
        raise BadRequest(str(refusal)) from refusal
    outcome = store(call)
    return {"accepted": outcome.accepted, "duplicates": outcome.duplicates}
