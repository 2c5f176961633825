"""`marked(answer)`: an answer of a tool in which everything that agents, programs or files wrote is marked as such.

An agent that reads what another one wrote must be able to tell it from what this service says: a task's title can be
"ignore your instructions". The mark is a pair of tags around the text with a number that is new in each answer, so no
text can contain its end. What is not surely ours is marked: names and times are left bare only where they have the
form of one, in a field that holds one.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from ..files.hidden_characters import HIDDEN_IN_TEXT, has_hidden_in_text
from ..pipelines.templates import BUILT_IN

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_TIME = re.compile(r"\d{4}-\d\d-\d\d(T[0-9:.]{5,15}(Z|[+-]\d\d:\d\d))?")
_WORD = re.compile(r"[A-Za-z0-9]+([._/:@#-][A-Za-z0-9]+){0,4}")
_LOG_PATH = re.compile(r"work/pipelines/[0-9a-f-]{36}/logs/[0-9a-f-]{36}\.md")
_STEPS = frozenset(step for template in BUILT_IN for step in template.steps)
_OPENS = re.compile(r"“|(?<!\w)['\"]")
_CLOSES = re.compile(r"['\"](?!\w)")
_BETWEEN = re.compile(r"[”'\"].*?[“'\"]", re.DOTALL)
_STATES = frozenset({"created", "pending", "running", "success", "failed", "skipped", "canceled"})
_LONGEST_WORD = 40
_LONGEST_NAME = 200
"""Of a cursor."""
_PARTS = 4
_PLAIN = frozenset((type(None), bool, int, float))

NAMES = frozenset({
    "agent", "agent_type", "agents", "branch", "by", "code", "created_at", "cursor", "decided_at", "digest", "fact_id",
    "finished_at", "id", "job", "job_id", "key", "kind", "lane", "last_at", "level", "log_path", "model", "modified_at",
    "phase",
    "pipeline_id", "pipeline_type", "priority", "project", "run", "sha256", "severity", "sprint_id", "started_at",
    "status", "step", "task_id", "ticket_id", "time", "topic", "type", "updated_at",
})  # fmt: skip
"""The fields that hold a name, a time or one of a few words. The value of every other one is marked."""


class Own(str):
    """A sentence of this service: it stays as it is."""

    __slots__ = ()


class Nonced:
    """Marks the texts of one answer."""

    def __init__(self, number: str | None = None) -> None:
        self._number = number or secrets.token_hex(4)

    def text(self, text: str) -> str:
        """The text between its tags, with characters that are not seen written out."""
        if has_hidden_in_text(text):
            text = HIDDEN_IN_TEXT.sub(lambda found: f"\\u{{{ord(found.group()[0]):x}}}", text)
        return f"<untrusted {self._number}>{text}</untrusted {self._number}>"

    def value(self, value: Any, field: str = "") -> Any:
        """A JSON value of a tool with its texts marked; `field` is the name under which it is."""
        kind = type(value)
        if kind in _PLAIN:
            return value
        if kind is Own:
            return str(value)
        if isinstance(value, str):
            return value if is_name(value, field) or (field == "name" and value in _STEPS) else self.text(value)
        if kind is dict or isinstance(value, Mapping):
            return {
                self._key(key): self.value(item, key) for key, item in zip(map(str, value), value.values(), strict=True)
            }
        if isinstance(value, list | tuple | set | frozenset):
            return [self.value(item, field) for item in value]
        if isinstance(value, bool | int | float):
            return value
        return self.text(str(value))

    def _key(self, key: str) -> str:
        return key if _is_plain_key(key) else self.text(key)


@lru_cache(maxsize=4_096)
def _is_plain_key(key: str) -> bool:
    return len(key) <= _LONGEST_WORD and key.replace("_", "").replace("-", "").isalnum()


def is_name(value: str, field: str) -> bool:
    """True if the value of that field has the form of a name or a time, so that it has no room for an instruction."""
    return len(value) <= _LONGEST_NAME and _is_name(value, field)


@lru_cache(maxsize=4_096)
def _is_name(value: str, field: str) -> bool:
    if value == "" or value in _STATES or any(form.fullmatch(value) for form in (_UUID, _TIME, _LOG_PATH)):
        return True
    if field not in NAMES:
        return False
    if field in ("sha256", "digest"):
        return value.isascii() and value.isalnum() and len(value) <= 64
    if field == "cursor":
        return len(value) <= 200 and re.fullmatch(r"[\w.:=-]+", value, re.ASCII) is not None
    if not (value.isascii() and len(value) <= _LONGEST_WORD):
        return False
    words = re.split(r"[ _./:@#-]+", value)
    return _WORD.fullmatch(value.replace("_", "-")) is not None and len(words) <= _PARTS


def quotes_marked(sentence: str) -> str:
    """A sentence of ours with all from its first quotation mark to its last one marked, unless only names are quoted:
    what a caller gave comes back in errors."""
    first, last = _OPENS.search(sentence), sentence.rfind("”")
    last = max(last, *(found.start() for found in _CLOSES.finditer(sentence)), -1)
    if first is None or first.end() > last:
        return sentence
    quoted = sentence[first.end() : last]
    if all(is_name(part, "id") for part in _BETWEEN.split(quoted)):
        return sentence
    return sentence[: first.end()] + Nonced().text(quoted) + sentence[last:]


def marked(answer: Mapping[str, Any]) -> dict[str, Any]:
    """The answer with everything in it that is not surely ours marked; see the module."""
    found: dict[str, Any] = Nonced().value(answer)
    return found
