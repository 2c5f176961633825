"""The claims of a task (the files that it says it makes) as texts, and the paths that a text may mean. Pure functions.

Tasks name files as people do: a path below the workspace or below a project, `docs/guide.md (extended)`,
`src/{a,b}.py`, `rules/*refactor*.md`, `ops/`, `src/app.py:12`, a URL, a sentence. The forms come from 200 entries of
real tasks: 9 in 10 are plain paths, most of the others have a remark in brackets. The key in a task file is
`artefacts`; in this code an artifact is a generated file, and a file that a task names is a claim.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from ..files import TypedText

MAX_CLAIMS = 200
_MAX_TEXT = 1_000
_MAX_BLOCK = 100_000
_MAX_DEPTH = 4
_MAX_ALTERNATIVES = 20
_PATH_KEYS = ("path", "file", "name", "artefact", "artifact", "location", "url")
_RESULT_KEYS = ("artefacts", "artifacts", "artefacts_completed", "artifacts_created")
_NO_CLAIM = frozenset(("none", "n/a", "null", "-", "tbd", "todo", "~"))
PLAIN_PATH = re.compile(r"[\w@+-][\w.@+-]*(?:/[\w@+-][\w.@+-]*)*", re.ASCII)
_BULLET = re.compile(r"^(?:[-*•]|\[[ xX]\])\s+")
_LINK = re.compile(r"^\[[^\]]*\]\(([^()\s]+)\)")
_QUOTED = re.compile(r"""^(`{1,3}|"|')(.+?)\1""")
_REMARK = re.compile(r"(?:\s\(|\s(?:[-–—:#|]|->|=>|→)\s|:\s)")
_LINE_NUMBER = re.compile(r"^(.+?)(?::\d+(?:[-:]\d+)?|#L\d+(?:-L?\d+)?)$")
URL = re.compile(r"^[a-zA-Z][a-zA-Z0-9+.-]*://|^mailto:")
_EXTENSION = re.compile(r"\.\w{1,12}$")
_BRACES = re.compile(r"\{([^{},]*,[^{}]*)\}")


@dataclass(frozen=True, slots=True)
class Claims:
    """The claims of a task as written, and the project that it names. The first `declared` of the texts are from the
    task itself, the others only from its result."""

    texts: tuple[str, ...] = ()
    declared: int = 0
    project: str | None = None


_NO_CLAIMS = Claims()


def claims_of(document: Mapping[str, Any]) -> Claims:
    """The claims in a task's document, each file once: its `artefacts`, then those that only its result names."""
    declared = document.get("artefacts", document.get("artifacts"))
    result = document.get("result")
    found = dict.fromkeys(islice(_texts(declared, 0), MAX_CLAIMS)) if declared else {}
    count = len(found)
    if isinstance(result, Mapping) and not result.keys().isdisjoint(_RESULT_KEYS):
        declared_paths = {_without_remark(text) for text in found}
        for key in _RESULT_KEYS:
            texts = islice(_texts(result.get(key), 0), MAX_CLAIMS)
            found.update((text, None) for text in texts if _without_remark(text) not in declared_paths)
    if not found:
        return _NO_CLAIMS
    return Claims(tuple(found)[:MAX_CLAIMS], count, _project(document))


def path_candidates(text: str) -> Iterator[str]:
    """The paths that a text may mean: all of it, then without a remark, then without a line number. The whole text
    comes first because file names may contain spaces and brackets."""
    text = text.strip()
    link = _LINK.match(text)
    if link is not None:
        yield link[1]
        return
    quoted = _QUOTED.match(text)
    if quoted is not None:
        yield quoted[2].strip()
        return
    yield text
    remark = _REMARK.search(text)
    if remark is not None and remark.start() > 0 and not URL.match(text):
        text = text[: remark.start()].rstrip()
        yield text
    number = _LINE_NUMBER.match(text)
    if number is not None:
        yield number[1]


def looks_like_path(text: str) -> bool:
    """False for a sentence: words without a slash or a file extension."""
    return bool(text) and (
        "/" in text or "\\" in text or _EXTENSION.search(text) is not None or not re.search(r"\s", text)
    )


def _texts(value: Any, depth: int) -> Iterator[str]:
    """The texts in a list, a mapping of lists or lines of text; from a mapping that describes one file, its path."""
    if isinstance(value, TypedText):  # a number or a boolean: `artefacts: 3`, `{done: yes}`
        return
    if isinstance(value, str):
        lines = value[:_MAX_BLOCK].splitlines()
        parts = [part for line in lines for part in ([line] if depth else _split_at_commas(line))]
        for part in parts:
            text = _BULLET.sub("", part.strip())[:_MAX_TEXT]
            if text and text.lower() not in _NO_CLAIM:
                yield from _expand_braces(text)
    elif isinstance(value, list) and depth < _MAX_DEPTH:
        for item in value[: MAX_CLAIMS * 2]:
            if isinstance(item, TypedText):
                if _is_name(item):
                    yield str(item)
            elif type(item) is str and PLAIN_PATH.fullmatch(item) and item.lower() not in _NO_CLAIM:
                yield item
            else:
                yield from _texts(item, depth + 1)
    elif isinstance(value, Mapping) and depth < _MAX_DEPTH:
        path = next((value[key] for key in _PATH_KEYS if _is_name(value.get(key))), None)
        if path is not None:
            yield from _texts([path], depth)
            return
        for key, item in list(value.items())[:MAX_CLAIMS]:
            # For YAML `- src/a.py: the module` is a mapping.
            is_path_key = not isinstance(item, list | Mapping) and ("/" in key or _EXTENSION.search(key) is not None)
            yield from _texts(key if is_path_key else item, depth + 1)


def _is_name(value: Any) -> bool:
    """True for a text, also for `2.10`, but not for `yes`."""
    return isinstance(value, str) and not (isinstance(value, TypedText) and isinstance(value.value(), bool))


def _split_at_commas(line: str) -> list[str]:
    parts = line.split(",")
    return parts if all(looks_like_path(part.strip()) for part in parts) else [line]


def _expand_braces(text: str) -> list[str]:
    """`src/{a,b}.py` as two texts; a text that would become more than 20 is returned as it is."""
    found = [text]
    while "{" in found[0] and _BRACES.search(found[0]):
        found = [f"{before}{choice.strip()}{after}" for each in found for before, choice, after in _alternatives(each)]
        if len(found) > _MAX_ALTERNATIVES:
            return [text]
    return found


def _alternatives(text: str) -> Iterator[tuple[str, str, str]]:
    hit = _BRACES.search(text)
    if hit is not None:
        yield from ((text[: hit.start()], alternative, text[hit.end() :]) for alternative in hit[1].split(","))


def _without_remark(text: str) -> str:
    """A text without its remark, by which a result's claim is recognised as one of the task itself."""
    return text if PLAIN_PATH.fullmatch(text) else list(path_candidates(text))[-1].rstrip("/")


def _project(document: Mapping[str, Any]) -> str | None:
    context = document.get("context")
    for mapping in (document, context if isinstance(context, Mapping) else {}):
        name = mapping.get("project")
        if isinstance(name, str) and PLAIN_PATH.fullmatch(name) and "/" not in name:
            return str(name)
    return None
