"""Answers for calls that are repeated: kept with the pipeline for 24 hours, found by the caller's key (pure)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ..times import iso_time
from .limits import MAX_REQUESTS, REQUEST_DAYS_S
from .model import Pipeline, Request, seconds_of
from .tool_error import ToolError

_DIGEST = 32


@dataclass(frozen=True, slots=True)
class Call:
    """A call with an idempotency key: the hashes of the key, and of the tool with its arguments."""

    key: str
    call: str

    def answered(self, pipeline: Pipeline, now: float) -> Mapping[str, Any] | None:
        """The answer that this call got before, None if it is new. Raises ToolError if the key was of another call."""
        found = next((one for one in reversed(pipeline.requests) if one.key == self.key), None)
        if found is None or _is_over(found, now):
            return None
        if found.call != self.call:
            raise ToolError(
                "KEY_REUSED",
                "This idempotency_key was used for another call, or with other arguments.",
                "Give a new key for each call, and repeat a call with the same arguments.",
            )
        return found.answer

    def remember(self, pipeline: Pipeline, answer: Mapping[str, Any], now: float) -> Pipeline:
        """The pipeline with the answer of this call, and without those that are over."""
        kept = [one for one in pipeline.requests if one.key != self.key and not _is_over(one, now)]
        request = Request(self.key, self.call, iso_time(now), answer)
        return replace(pipeline, requests=(*kept[1 - MAX_REQUESTS :], request))


def call_of(key: str | None, tool: str, *arguments: Any) -> Call | None:
    """The call for a key, None without one."""
    if key is None:
        return None
    return Call(_hash(key), _hash(json.dumps([tool, *arguments], sort_keys=True, ensure_ascii=True)))


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:_DIGEST]


def _is_over(request: Request, now: float) -> bool:
    at = seconds_of(request.at)
    return at is None or now - at > REQUEST_DAYS_S
