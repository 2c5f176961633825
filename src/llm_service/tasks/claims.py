"""What a task says it makes: its claims, as texts, and the paths that a text may mean. Values and pure functions.

Tasks name files as people do: a path below the workspace or below a project, `docs/guide.md (extended)`,
`src/{a,b}.py`, `rules/*refactor*.md`, `ops/`, `src/app.py:12`, an address, a sentence. Forms and frequencies: 200
entries of real tasks; 9 in 10 are plain paths, the rest mostly carries a remark in brackets. The key in the file is
`artefacts`; here an artifact is a generated file, and what a task names are its claims.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

CLAIMS_KEPT = 200
_LONGEST = 1_000
_LONGEST_TEXT = 100_000
_DEEPEST = 4
_BRACES_KEPT = 20
_PATH_KEYS = ("path", "file", "name", "artefact", "artifact", "location", "url")
_RESULT_KEYS = ("artefacts", "artifacts", "artefacts_completed", "artifacts_created")
_NONE = frozenset(("none", "n/a", "null", "-", "tbd", "todo", "~"))
PLAIN_PATH = re.compile(r"[\w@+-][\w.@+-]*(?:/[\w@+-][\w.@+-]*)*", re.ASCII)
_BULLET = re.compile(r"^(?:[-*•]|\[[ xX]\])\s+")
_LINK = re.compile(r"^\[[^\]]*\]\(([^()\s]+)\)")
_QUOTED = re.compile(r"""^(`{1,3}|"|')(.+?)\1""")
_REMARK = re.compile(r"(?:\s\(|\s(?:[-–—:#|]|->|=>|→)\s|:\s)")
_LINE_NUMBER = re.compile(r"^(.+?)(?::\d+(?:[-:]\d+)?|#L\d+(?:-L?\d+)?)$")
ADDRESS = re.compile(r"^[a-zA-Z][a-zA-Z0-9+.-]*://|^mailto:")
_ENDING = re.compile(r"\.\w{1,12}$")
_BRACES = re.compile(r"\{([^{},]*,[^{}]*)\}")


@dataclass(frozen=True, slots=True)
class Claims:
    """What a task says it makes: texts as written, and the project that it names. `declared` of them stand in the task
    itself, the others in its result only."""

    texts: tuple[str, ...] = ()
    declared: int = 0
    project: str | None = None


_NOTHING = Claims()


def claims_of(document: Mapping[str, Any]) -> Claims:
    """What a task's document claims, each thing once: its `artefacts`, then those that only its result names."""
    declared = document.get("artefacts", document.get("artifacts"))
    result = document.get("result")
    found = dict.fromkeys(islice(_texts(declared, 0), CLAIMS_KEPT)) if declared else {}
    count = len(found)
    if isinstance(result, Mapping) and not result.keys().isdisjoint(_RESULT_KEYS):
        known = {_bare(text) for text in found}
        for key in _RESULT_KEYS:
            told = islice(_texts(result.get(key), 0), CLAIMS_KEPT)
            found.update((text, None) for text in told if _bare(text) not in known)
    if not found:
        return _NOTHING
    return Claims(tuple(found)[:CLAIMS_KEPT], count, _project(document))


def candidates(text: str) -> Iterator[str]:
    """A text, then with less and less that may be a remark; names of files may hold blanks and brackets."""
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
    if remark is not None and remark.start() > 0 and not ADDRESS.match(text):
        text = text[: remark.start()].rstrip()
        yield text
    number = _LINE_NUMBER.match(text)
    if number is not None:
        yield number[1]


def looks_like_path(text: str) -> bool:
    """False for what reads like a sentence: words without a slash or an ending."""
    return bool(text) and (
        "/" in text or "\\" in text or _ENDING.search(text) is not None or not re.search(r"\s", text)
    )


def _texts(value: Any, depth: int) -> Iterator[str]:
    """The texts in a list, a mapping of lists, or lines of text; of a mapping that describes one file, its path."""
    if isinstance(value, str):
        parts = [part for line in value[:_LONGEST_TEXT].splitlines() for part in ([line] if depth else _commas(line))]
        for part in parts:
            text = _BULLET.sub("", part.strip())[:_LONGEST]
            if text and text.lower() not in _NONE:
                yield from _braces(text)
    elif isinstance(value, list) and depth < _DEEPEST:
        for item in value[: CLAIMS_KEPT * 2]:
            if type(item) is str and PLAIN_PATH.fullmatch(item) and item.lower() not in _NONE:
                yield item
            else:
                yield from _texts(item, depth + 1)
    elif isinstance(value, Mapping) and depth < _DEEPEST:
        path = next((value[key] for key in _PATH_KEYS if isinstance(value.get(key), str)), None)
        if path is not None:
            yield from _texts(path, depth + 1)
            return
        for key, item in list(value.items())[:CLAIMS_KEPT]:
            # `- src/a.py: the module` is a mapping to YAML.
            is_told = not isinstance(item, list | Mapping) and ("/" in key or _ENDING.search(key) is not None)
            yield from _texts(key if is_told else item, depth + 1)


def _commas(line: str) -> list[str]:
    parts = line.split(",")
    return parts if all(looks_like_path(part.strip()) for part in parts) else [line]


def _braces(text: str) -> list[str]:
    """`src/{a,b}.py` as two; what would be more than 20 stays as it is."""
    found = [text]
    while "{" in found[0] and _BRACES.search(found[0]):
        found = [f"{before}{choice.strip()}{after}" for each in found for before, choice, after in _choices(each)]
        if len(found) > _BRACES_KEPT:
            return [text]
    return found


def _choices(text: str) -> Iterator[tuple[str, str, str]]:
    hit = _BRACES.search(text)
    if hit is not None:
        yield from ((text[: hit.start()], choice, text[hit.end() :]) for choice in hit[1].split(","))


def _bare(text: str) -> str:
    """A text without its remark: by it two mentions of one thing are known as such."""
    return text if PLAIN_PATH.fullmatch(text) else list(candidates(text))[-1].rstrip("/")


def _project(document: Mapping[str, Any]) -> str | None:
    context = document.get("context")
    for place in (document, context if isinstance(context, Mapping) else {}):
        name = place.get("project")
        if isinstance(name, str) and PLAIN_PATH.fullmatch(name) and "/" not in name:
            return name
    return None
