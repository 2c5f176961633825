"""Checks what agents give to the tools: a value that can be stored, or a `ToolError` that says what is expected."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from ..jobs.reader import is_project
from .ids import is_id
from .limits import MAX_ID, MAX_META_BYTES, MAX_NAME, MAX_TEXT
from .model import BROKEN, JOB_STATUSES, PIPELINE_STATUSES
from .store import unknown_pipeline
from .tool_error import ToolError

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_CONTROL_IN_TEXT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x84\x86-\x9f]")
_ENDS = ("success", "failed", "canceled")
_MOST_ATTEMPTS = 10_000
_MAX_DEPTH = 8


def line(name: str, value: Any, most: int = MAX_ID) -> str | None:
    """A text in one line, None for none."""
    if value is None:
        return None
    if not isinstance(value, str):
        raise invalid(f"{name} has to be a text.", f"Give {name} as a text.")
    text = " ".join(_CONTROL.sub(" ", _utf8(value)).split())
    if len(text) > most:
        raise invalid(f"{name} has {len(text):,} characters, more than {most:,}.", f"Shorten {name}.")
    return text or None


def required_line(name: str, value: Any, most: int = MAX_NAME) -> str:
    """A text in one line that is not empty."""
    found = line(name, value, most)
    if found is None:
        raise invalid(f"{name} is missing.", f"Give {name}.")
    return found


def text(name: str, value: Any) -> str | None:
    """A text of several lines, None for none."""
    if value is None:
        return None
    if not isinstance(value, str):
        raise invalid(f"{name} has to be a text.", f"Give {name} as a text.")
    found = _CONTROL_IN_TEXT.sub(" ", _utf8(value).replace("\r\n", "\n").replace("\r", "\n")).strip()
    if len(found) > MAX_TEXT:
        raise invalid(
            f"{name} has {len(found):,} characters, more than {MAX_TEXT:,}.",
            f"Shorten {name}; what is longer belongs into the job's log (append_job_log).",
        )
    return found or None


def project(value: Any) -> str | None:
    """The name of a project, None for none."""
    found = line("project", value)
    if found is not None and not is_project(found):
        raise invalid("project has to be the name of a folder.", "Give the project's folder name, without a path.")
    return found


def meta(value: Any) -> dict[str, Any]:
    """An object of plain JSON."""
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise invalid("meta has to be an object.", 'Give an object such as {"session_id": "..."}.')
    try:
        encoded = json.dumps(value, allow_nan=False, ensure_ascii=False).encode("utf-8", "replace")
        found: dict[str, Any] = json.loads(encoded)
    except (ValueError, TypeError, RecursionError) as problem:
        raise invalid(
            f"meta is not plain JSON: {problem}.", "Give texts, numbers, lists and objects only."
        ) from problem
    if len(encoded) > MAX_META_BYTES:
        raise invalid(f"meta has {len(encoded):,} bytes, more than {MAX_META_BYTES:,}.", "Shorten meta.")
    _check_meta(found, 1)
    return found


def _check_meta(value: Any, depth: int) -> None:
    if depth > _MAX_DEPTH:
        raise invalid(f"meta is nested deeper than {_MAX_DEPTH} levels.", "Give a flatter object.")
    for key, item in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        if isinstance(key, str) and len(key) > MAX_NAME:
            raise invalid(f"A key of meta has more than {MAX_NAME} characters.", "Shorten it.")
        if isinstance(item, int | float) and not isinstance(item, bool) and abs(item) > 2**53:
            raise invalid("meta has a number beyond 2^53, which JSON does not carry exactly.", "Give it as a text.")
        _check_meta(item, depth + 1)


def job_status(value: Any) -> str | None:
    """A status of a job, None for none; `failure` is `failed`."""
    return _one_of("status", value, JOB_STATUSES)


def final_status(value: Any) -> str | None:
    """A status that a pipeline is finished with, None for none."""
    return _one_of("status", value, _ENDS)


def listed_status(value: Any) -> str | None:
    """A status of pipelines to list, None for all."""
    return _one_of("status", value, (*PIPELINE_STATUSES, BROKEN))


def score(value: Any) -> int | None:
    """A score, None for none."""
    return _number("score", value, 0, 100)


def attempt(value: Any) -> int | None:
    """The number of an attempt, None for none."""
    return _number("attempt", value, 1, _MOST_ATTEMPTS)


def page(value: Any) -> int:
    """The number of a page."""
    return _number("page", value, 1, 1_000_000) or 1


def pipeline_id(value: Any) -> str:
    """The id of a pipeline."""
    if not isinstance(value, str) or not is_id(value.strip().lower()):
        raise unknown_pipeline(value)
    return value.strip().lower()


def key(value: Any) -> str | None:
    """An idempotency key, None for none."""
    if value is None:
        return None
    if not isinstance(value, str) or not value.strip() or len(value) > MAX_NAME:
        raise invalid(
            f"idempotency_key has to be a text of 1 to {MAX_NAME} characters.",
            "Give a UUID that is new for each call, and the same when the call is repeated.",
        )
    return value


def invalid(sentence: str, what_to_do: str) -> ToolError:
    """The error for an argument."""
    return ToolError("INVALID", sentence, what_to_do)


def _one_of(name: str, value: Any, known: tuple[str, ...]) -> str | None:
    if value is None:
        return None
    found = "failed" if value == "failure" else value
    if found not in known:
        raise invalid(f"{name} cannot be {str(value)[:50]!r}.", f"Give one of {', '.join(known)}.")
    return str(found)


def _number(name: str, value: Any, least: int, most: int) -> int | None:
    if value is None:
        return None
    if type(value) is not int or not least <= value <= most:
        raise invalid(f"{name} cannot be {str(value)[:50]}.", f"Give a whole number from {least} to {most:,}.")
    return value


def _utf8(value: str) -> str:
    return value.encode("utf-8", "replace").decode()
