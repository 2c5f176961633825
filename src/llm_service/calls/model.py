"""`Call`, one LLM invocation; `validate(call)`, its limits; `read_call(document)`, its generic JSON form.

`prompt_tokens` are all input tokens, including those read from and written to a cache, as in OpenAI's usage and
OpenTelemetry's `gen_ai.usage.*`. Anthropic's usage leaves cached tokens out; readers add them. Costs are whole
nano-dollars (10^-9 US dollar), times are milliseconds since the epoch, UTC.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any, NamedTuple

from .json_fields import (
    MAX_COST_NANOS,
    NANOS,
    CallRefused,
    count,
    first_present,
    integer,
    is_number,
    read_cost,
    text_value,
)
from .served import normalize_geo, normalize_tier
from .usage_shapes import CACHE_READ_NAMES, CACHE_WRITE_NAMES, COMPLETION_NAMES, COUNT_NAMES, with_usage

__all__ = [
    "FLAG_FUTURE", "FLAG_NAMES", "FLAG_SKEWED", "MAX_COST_NANOS", "MAX_LATENCY_MS", "MAX_MESSAGE", "MAX_TEXT",
    "MAX_TOKENS", "MAX_WEB_SEARCHES", "NANOS", "STATUSES", "Call", "CallRefused", "flag_names", "is_plausible_time",
    "read_call", "read_time", "usd", "validate",
]  # fmt: skip

FLAG_FUTURE = 1
"""The timestamp is more than five minutes in the future."""
FLAG_SKEWED = 2
"""The timestamp is before 2020, when there were no such calls: a clock that was not set."""
FLAG_NAMES = {FLAG_FUTURE: "future", FLAG_SKEWED: "skewed"}

STATUSES = ("success", "error", "timeout")
MAX_TOKENS = 100_000_000
"""Per call; ten times the largest context window known."""
MAX_WEB_SEARCHES = 100_000
"""Per call."""
MAX_LATENCY_MS = 7 * 86_400_000
_MAX_AHEAD_MS = 5 * 60_000
_EARLIEST_MS = 1_577_836_800_000  # 2020-01-01
_LATEST_MS = 253_402_300_799_000  # 9999-12-31, the last date of a datetime
MAX_TEXT = 512
_TEXT_FIELDS = (
    ("invocation_id", "id"), ("agent_name", "agent"), ("tool_name", "tool"), ("model_name", "model"),
    ("provider", ""), ("task_id", "task"), ("job_id", ""), ("run_id", ""), ("session_id", "session"),
    ("project", ""), ("privacy_level", ""), ("status", ""), ("service_tier", ""), ("inference_geo", ""),
)  # fmt: skip
"""(name of a text field, alternative name or "")"""
_SEARCH_NAMES = ("web_searches", "web_search_requests")
MAX_MESSAGE = 2_000


class Call(NamedTuple):
    """One invocation, before pricing. A NamedTuple because twenty thousand are created per second."""

    invocation_id: str
    timestamp_ms: int
    agent_name: str | None = None
    tool_name: str | None = None
    model_name: str | None = None
    provider: str | None = None
    task_id: str | None = None
    job_id: str | None = None
    run_id: str | None = None
    session_id: str | None = None
    project: str | None = None
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0
    cache_write_1h_tokens: int = 0
    web_searches: int = 0
    """Searches that the provider ran and bills by number."""
    service_tier: str | None = None
    """What the provider calls it: fast, priority, flex, batch, ...; None: its standard tier."""
    inference_geo: str | None = None
    """Where the model ran if that has its own price ("us"); None: anywhere."""
    unconfirmed: bool = False
    """True: tier and region are what was requested; no source says what was served."""
    cost_nanos: int | None = None
    """The cost that the agent reported, or that an export says (`cost_source`); None: to be priced."""
    latency_ms: int | None = None
    status: str = "success"
    error_message: str | None = None
    privacy_level: str | None = None
    flags: int = 0
    supersedes: bool = False
    """True: a call with the same id is replaced if this one has more completion tokens (streamed responses)."""
    duplicate_id: str | None = None
    """The id under which another source reports the same call, which is counted once: see `store.duplicates`."""
    cost_source: str | None = None
    """From an export, whose cost is stored as it is: priced, reported or unknown. None: reported, or to be priced."""


def usd(nanos: int) -> float:
    """Nano-dollars converted to dollars."""
    return nanos / NANOS


def validate(call: Call, now_ms: int) -> Call:
    """The call with its flags set. Raises CallRefused if a value is outside the limits.

    A reported cost of 0 beside tokens is not believed, from whatever source: programs write it for a model whose price
    they do not know. Such a call is priced; prices of the user's own make it free. What an export says stays.
    """
    (invocation_id, time_ms, *_) = call
    prompt, completion, read, write, write_1h = call[11:16]
    if not 0 < len(invocation_id) <= MAX_TEXT:
        raise CallRefused(f"invocation_id has to have 1 to {MAX_TEXT} characters.")
    if prompt < 0 or completion < 0 or read < 0 or write < 0 or write_1h < 0:
        raise CallRefused("A token count is negative.")
    if prompt > MAX_TOKENS or completion > MAX_TOKENS:
        raise CallRefused(f"A token count is above {MAX_TOKENS:,}.")
    if read + write > prompt or write_1h > write:
        raise CallRefused(
            f"The cached tokens ({read + write:,}) are more than prompt_tokens ({prompt:,}), which includes them."
        )
    if not 0 <= call.web_searches <= MAX_WEB_SEARCHES:
        raise CallRefused(f"web_searches has to be between 0 and {MAX_WEB_SEARCHES:,}.")
    if call.cost_nanos is not None and not 0 <= call.cost_nanos <= MAX_COST_NANOS:
        raise CallRefused(f"A cost has to be between 0 and {MAX_COST_NANOS // NANOS:,} dollars.")
    if call.latency_ms is not None and not 0 <= call.latency_ms <= MAX_LATENCY_MS:
        raise CallRefused("latency_ms has to be between 0 and seven days.")
    if call.status not in STATUSES:
        raise CallRefused(f"status has to be one of {', '.join(STATUSES)}, not “{call.status[:50]}”.")
    if not 0 <= time_ms <= _LATEST_MS:
        raise CallRefused("The time is outside the years 1970 to 9999.")
    if call.cost_nanos == 0 and call.cost_source is None and (prompt or completion):
        call = call._replace(cost_nanos=None)
    if is_plausible_time(time_ms, now_ms):
        return call
    return call._replace(flags=call.flags | (FLAG_FUTURE if time_ms > now_ms + _MAX_AHEAD_MS else FLAG_SKEWED))


def is_plausible_time(time_ms: int, now_ms: int) -> bool:
    """False for a time that sets FLAG_FUTURE or FLAG_SKEWED."""
    return _EARLIEST_MS <= time_ms <= now_ms + _MAX_AHEAD_MS


def read_call(document: object, now_ms: int, live: bool = False) -> Call:
    """A call from its generic JSON form (REST, `work/telemetry/*.jsonl`, MCP). Raises CallRefused.

    Fields are those of docs/telemetry.md; `time`, `model`, `agent`, `tool`, `task`, `session` and Anthropic's names
    are accepted too (`input_tokens`, `output_tokens`, `cache_read_input_tokens`, `cache_creation_input_tokens`; then
    the input tokens do not include the cached ones), and so is a nested `usage` (`with_usage`). Unknown fields are
    ignored. What has no token count is no call, unless it failed or has a cost, and names its model.
    `live`: the call is happening now, so a missing time is now and a missing id is generated. Otherwise the time is
    required, and a missing id is a hash of the content, so that the same line is the same call.
    A call of an export has its cost and flags: they are as exported.
    """
    if not isinstance(document, dict):
        raise CallRefused("A call has to be a JSON object.")
    document = with_usage(document)
    get = document.get
    time = get("timestamp")
    if time is None:
        time = first_present(get, ("time", "timestamp_ms"))
    if time is None:
        if not live:
            raise CallRefused("The timestamp is missing.")
        time_ms = now_ms
    else:
        time_ms = read_time(time)
    prompt, read, write, write_1h = _input_tokens(get)
    (
        invocation_id, agent, tool, model, provider, task, job, run, session, project, privacy, status, tier, geo,
    ) = _text_values(get)  # fmt: skip
    if invocation_id is None:
        invocation_id = f"auto:{uuid.uuid4().hex}" if live and time is None else _content_id(document)
    message = get("error_message")
    cost_nanos, cost_source = read_cost(get)
    call = validate(
        Call(
            invocation_id, time_ms, agent, tool, model, provider, task, job, run, session, project,
            prompt, count(get, COMPLETION_NAMES), read, write, write_1h,
            count(get, _SEARCH_NAMES), normalize_tier(tier), normalize_geo(geo), get("unconfirmed") is True,
            cost_nanos,
            integer(get("latency_ms", get("duration_ms")), "latency_ms"),
            status or "success",
            None if message is None else text_value(message, "error_message", MAX_MESSAGE) or None,
            privacy,
            _flags(get("flags")),
            cost_source=cost_source,
        ),
        now_ms,
    )  # fmt: skip
    happened = call.status != "success" or call.cost_nanos or call.web_searches
    if first_present(get, COUNT_NAMES) is None and not (model and happened):
        raise CallRefused("There is no token count, such as prompt_tokens or completion_tokens: this is no call.")
    return call


def read_time(value: object) -> int:
    """Milliseconds since the epoch from ISO 8601 text (UTC if it has no offset) or a number of s, ms, µs or ns.

    Raises CallRefused.
    """
    if isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            raise CallRefused(f"“{value[:50]}” is not a time in ISO 8601.") from None
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return round(moment.timestamp() * 1000)
    if is_number(value):
        for minimum, unit in ((1e17, 1e6), (1e14, 1e3), (1e11, 1.0)):
            if abs(value) >= minimum:
                return int(value / unit)
        return int(value * 1000)
    raise CallRefused("The timestamp has to be text in ISO 8601 or a number.")


def flag_names(flags: int) -> list[str]:
    """The names of the flags that are set, as in FLAG_NAMES."""
    return [name for flag, name in FLAG_NAMES.items() if flags & flag]


def _input_tokens(get: Any) -> tuple[int, int, int, int]:
    """(prompt tokens including cached ones, cache reads, cache writes, cache writes for one hour)."""
    read = count(get, CACHE_READ_NAMES)
    write = count(get, CACHE_WRITE_NAMES)
    write_1h = count(get, ("cache_write_1h_tokens",))
    if get("prompt_tokens") is not None:
        prompt = count(get, ("prompt_tokens",))
        total = get("total_tokens")
        # The given total shows that prompt_tokens leaves the cached tokens out.
        if read + write and type(total) is int and total == prompt + read + write + count(get, COMPLETION_NAMES):
            prompt += read + write
        return prompt, read, write, write_1h
    prompt = count(get, ("input_tokens",))
    if get("cache_read_input_tokens") is not None or get("cache_creation_input_tokens") is not None:
        prompt += read + write
    return prompt, read, write, write_1h


def _flags(names: object) -> int:
    """The flags in a list of names, as an export has them. Other values are ignored."""
    if not names or not isinstance(names, list):
        return 0
    return sum(flag for flag, name in FLAG_NAMES.items() if name in names)


def _text_values(get: Any) -> list[str | None]:
    """The values of `_TEXT_FIELDS`, in the same order; None where empty or missing."""
    found: list[str | None] = []
    for name, other_name in _TEXT_FIELDS:
        value = get(name)
        if value is None and other_name:
            value = get(other_name)
        if value is not None and not (type(value) is str and len(value) <= MAX_TEXT and value.isascii()):
            value = text_value(value, name, MAX_TEXT if found else 4 * MAX_TEXT)  # an id is refused, never truncated
        found.append(value or None)
    return found


def _content_id(document: Mapping[Any, Any]) -> str:
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), default=str)
    return f"auto:{blake2b(text.encode('utf-8', 'surrogatepass'), digest_size=16).hexdigest()}"
