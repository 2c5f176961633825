"""One LLM invocation as an agent reported it: the value, its bounds, and the generic JSON form of it.

Tokens follow the convention of OpenAI and of OpenTelemetry's `gen_ai.usage.*`: `prompt_tokens` are all input
tokens, those read from and written to a cache included. Anthropic's usage leaves them out; readers add them.
Money is whole nano-dollars (10^-9 US dollar), time is milliseconds since the epoch, UTC.
"""

from __future__ import annotations

import json
import math
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any, NamedTuple, TypeGuard

NANOS = 1_000_000_000
"""Nano-dollars in a dollar."""

FLAG_FUTURE = 1
"""The call says that it happens more than five minutes from now."""
FLAG_SKEWED = 2
"""The call says that it happened before there were such calls: a clock that was not set."""
FLAG_NAMES = {FLAG_FUTURE: "future", FLAG_SKEWED: "skewed"}

STATUSES = ("success", "error", "timeout")
MAX_TOKENS = 100_000_000
"""More in one call is absurd: ten times the largest context window known."""
MAX_COST_NANOS = 100_000 * NANOS
MAX_LATENCY_MS = 7 * 86_400_000
_AHEAD_MS = 5 * 60_000
_FIRST_MS = 1_577_836_800_000  # 2020-01-01
_LAST_MS = 253_402_300_799_000  # 9999-12-31, the last that a datetime can hold
MAX_TEXT = 512
_TEXTS = (
    ("invocation_id", "id"), ("agent_name", "agent"), ("tool_name", "tool"), ("model_name", "model"),
    ("provider", ""), ("task_id", "task"), ("job_id", ""), ("run_id", ""), ("session_id", "session"),
    ("project", ""), ("privacy_level", ""), ("status", ""),
)  # fmt: skip
"""Names of text fields, each with another name under which it is taken."""
_COMPLETION = ("completion_tokens", "output_tokens")
_CACHE_READ = ("cache_read_tokens", "cache_read_input_tokens", "cached_tokens")
_CACHE_WRITE = ("cache_write_tokens", "cache_creation_input_tokens")
MAX_MESSAGE = 2_000
_LARGEST = 10**30


class CallRefused(ValueError):
    """A call that cannot be counted; the text is the reason, one sentence."""


class Call(NamedTuple):
    """One invocation, before pricing. A NamedTuple because twenty thousand a second are made of them."""

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
    cost_nanos: int | None = None
    """What the agent itself reported; None: to be priced."""
    latency_ms: int | None = None
    status: str = "success"
    error_message: str | None = None
    privacy_level: str | None = None
    flags: int = 0
    supersedes: bool = False
    """A later sighting of the same id that has more completion tokens replaces this one: streamed duplicates."""
    twin_id: str | None = None
    """Under which id another way in tells of this call, which is counted once: see `domain.twins`."""


def usd(nanos: int) -> float:
    """Nano-dollars as dollars."""
    return nanos / NANOS


def checked(call: Call, now_ms: int) -> Call:
    """The call with its flags set. Raises CallRefused for what no call can be."""
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
    if call.cost_nanos is not None and not 0 <= call.cost_nanos <= MAX_COST_NANOS:
        raise CallRefused(f"A cost has to lie between 0 and {MAX_COST_NANOS // NANOS:,} dollars.")
    if call.latency_ms is not None and not 0 <= call.latency_ms <= MAX_LATENCY_MS:
        raise CallRefused("latency_ms has to lie between 0 and seven days.")
    if call.status not in STATUSES:
        raise CallRefused(f"status has to be one of {', '.join(STATUSES)}, not “{call.status[:50]}”.")
    if not 0 <= time_ms <= _LAST_MS:
        raise CallRefused("The time lies outside the years 1970 to 9999.")
    if is_usual_time(time_ms, now_ms):
        return call
    return call._replace(flags=call.flags | (FLAG_FUTURE if time_ms > now_ms + _AHEAD_MS else FLAG_SKEWED))


def is_usual_time(time_ms: int, now_ms: int) -> bool:
    """True for a time that no flag is set for."""
    return _FIRST_MS <= time_ms <= now_ms + _AHEAD_MS


def read_call(document: object, now_ms: int, arriving: bool = False) -> Call:
    """A call from its generic JSON form (REST, `work/telemetry/*.jsonl`, MCP). Raises CallRefused.

    Fields are those of the telemetry contract; also taken are `time`, `model`, `agent`, `tool`, `task`,
    `session`, and Anthropic's names (`input_tokens`, `output_tokens`, `cache_read_input_tokens`,
    `cache_creation_input_tokens`; then the input tokens do not include the cached ones). Others are ignored.
    `arriving`: the call happens now, so that a missing time is now and a missing id a new one. Otherwise the
    time is needed, and a missing id is made of the content, so that the same line is the same call.
    """
    if not isinstance(document, dict):
        raise CallRefused("A call has to be a JSON object.")
    get = document.get
    time = get("timestamp")
    if time is None:
        time = _first(get, ("time", "timestamp_ms"))
    if time is None:
        if not arriving:
            raise CallRefused("There is no timestamp.")
        time_ms = now_ms
    else:
        time_ms = read_time(time)
    prompt, read, write, write_1h = _input_tokens(get)
    invocation_id, agent, tool, model, provider, task, job, run, session, project, privacy, status = _texts(get)
    if invocation_id is None:
        invocation_id = f"auto:{uuid.uuid4().hex}" if arriving and time is None else _content_id(document)
    message = get("error_message")
    return checked(
        Call(
            invocation_id, time_ms, agent, tool, model, provider, task, job, run, session, project,
            prompt, _count(get, _COMPLETION), read, write, write_1h,
            None if get("cost_source") == "priced" else _money(get("cost_usd")),  # an export of ours: priced anew
            _whole(get("latency_ms", get("duration_ms")), "latency_ms"),
            status or "success",
            None if message is None else _text(message, "error_message", MAX_MESSAGE),
            privacy,
        ),
        now_ms,
    )  # fmt: skip


def read_time(value: object) -> int:
    """Milliseconds since the epoch from an ISO 8601 text (no offset: UTC) or a number (s, ms, µs or ns).

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
    if _is_number(value):
        for least, unit in ((1e17, 1e6), (1e14, 1e3), (1e11, 1.0)):
            if abs(value) >= least:
                return int(value / unit)
        return int(value * 1000)
    raise CallRefused("The timestamp has to be an ISO 8601 text or a number.")


def flag_names(flags: int) -> list[str]:
    """The names of the flags that are set."""
    return [name for flag, name in FLAG_NAMES.items() if flags & flag]


def _input_tokens(get: Any) -> tuple[int, int, int, int]:
    """(prompt tokens with the cached ones, cache reads, cache writes, writes for one hour)."""
    read = _count(get, _CACHE_READ)
    write = _count(get, _CACHE_WRITE)
    write_1h = _count(get, ("cache_write_1h_tokens",))
    if get("prompt_tokens") is not None:
        prompt = _count(get, ("prompt_tokens",))
        total = get("total_tokens")
        # Said without the cached tokens: the sum given tells.
        if read + write and type(total) is int and total == prompt + read + write + _count(get, _COMPLETION):
            prompt += read + write
        return prompt, read, write, write_1h
    prompt = _count(get, ("input_tokens",))
    if get("cache_read_input_tokens") is not None or get("cache_creation_input_tokens") is not None:
        prompt += read + write
    return prompt, read, write, write_1h


def _count(get: Any, names: tuple[str, ...]) -> int:
    value = _first(get, names)
    if type(value) is int:
        return value
    return _whole(value, names[0]) or 0


def _whole(value: object, name: str) -> int | None:
    if value is None or type(value) is int:
        return value
    if isinstance(value, float) and _is_number(value):
        return round(value)
    raise CallRefused(f"{name} has to be a number, not {_shown(value)}.")


def _is_number(value: object) -> TypeGuard[int | float]:
    if type(value) is int:
        return -_LARGEST < value < _LARGEST  # larger ones have no float, and are no time, count or price
    return isinstance(value, float) and math.isfinite(value)


def _money(value: object) -> int | None:
    if value is None:
        return None
    if _is_number(value):
        if abs(value) > MAX_COST_NANOS:
            raise CallRefused("cost_usd is absurd.")
        return round(value * NANOS)
    raise CallRefused(f"cost_usd has to be a number, not {_shown(value)}.")


def _texts(get: Any) -> list[str | None]:
    """The values of `_TEXTS`, in that order."""
    found: list[str | None] = []
    for name, alias in _TEXTS:
        value = get(name)
        if value is None and alias:
            value = get(alias)
        if value is not None and not (type(value) is str and len(value) <= MAX_TEXT and value.isascii()):
            value = _text(value, name, MAX_TEXT if found else 4 * MAX_TEXT)  # an id is refused, never cut
        found.append(value or None)
    return found


def _text(value: object, name: str, limit: int) -> str | None:
    if type(value) is str:
        if not value.isascii():  # a lone surrogate, which JSON can escape, is no text that can be stored or sent
            value = value.encode("utf-8", "replace").decode()
        return value if len(value) <= limit else value[: limit - 1] + "…"
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    raise CallRefused(f"{name} has to be a text, not {_shown(value)}.")


def _first(get: Any, names: tuple[str, ...]) -> Any:
    for name in names:
        value = get(name)
        if value is not None:
            return value
    return None


def _shown(value: object) -> str:
    return repr(value)[:50]


def _content_id(document: Mapping[Any, Any]) -> str:
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), default=str)
    return f"auto:{blake2b(text.encode('utf-8', 'surrogatepass'), digest_size=16).hexdigest()}"
