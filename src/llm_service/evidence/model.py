"""Evidence: what a task says it makes, and how that compares with what lies on the disk. Values and pure functions.

Tasks name their artefacts as people do: a path below the workspace or below a project, `docs/guide.md (extended)`,
`src/{a,b}.py`, `rules/*refactor*.md`, `ops/`, `src/app.py:12`, an address, a sentence. Forms and frequencies: 200
entries of real tasks; 9 in 10 are plain paths, the rest mostly carries a remark in brackets.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any, Literal
from urllib.parse import unquote

State = Literal["present", "empty", "missing", "unchanged", "outside", "refused"]

CLAIMS_KEPT = 200
_LONGEST = 1_000
_LONGEST_TEXT = 100_000
_DEEPEST = 4
_BRACES_KEPT = 20
_PATH_KEYS = ("path", "file", "name", "artefact", "artifact", "location", "url")
_RESULT_KEYS = ("artefacts", "artifacts", "artefacts_completed", "artifacts_created")

_NONE = frozenset(("none", "n/a", "null", "-", "tbd", "todo", "~"))

_PLAIN = re.compile(r"[\w@+-][\w.@+-]*(?:/[\w@+-][\w.@+-]*)*", re.ASCII)
_BULLET = re.compile(r"^(?:[-*•]|\[[ xX]\])\s+")
_LINK = re.compile(r"^\[[^\]]*\]\(([^()\s]+)\)")
_QUOTED = re.compile(r"""^(`{1,3}|"|')(.+?)\1""")
_REMARK = re.compile(r"(?:\s\(|\s(?:[-–—:#|]|->|=>|→)\s|:\s)")
_LINE_NUMBER = re.compile(r"^(.+?)(?::\d+(?:[-:]\d+)?|#L\d+(?:-L?\d+)?)$")
_ADDRESS = re.compile(r"^[a-zA-Z][a-zA-Z0-9+.-]*://|^mailto:")
_DRIVE = re.compile(r"^[a-zA-Z]:[\\/]")
_ENDING = re.compile(r"\.\w{1,12}$")
_BRACES = re.compile(r"\{([^{},]*,[^{}]*)\}")
_PATTERN = re.compile(r"[*?]|\[[^\]/]{1,50}\]")


@dataclass(frozen=True, slots=True)
class Claims:
    """What a task says it makes: texts as written, and the project that it names. `declared` of them stand in the task
    itself, the others in its result only."""

    texts: tuple[str, ...] = ()
    declared: int = 0
    project: str | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """Where an artefact may lie: relative paths, the likeliest first. With `refused` it is not looked for: `outside`
    the workspace, or "refused" because `reason`."""

    paths: tuple[str, ...]
    refused: State | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Artefact:
    """One artefact of a task, compared with the disk.

    `path` is what the task says, `found` where it lies relative to `root` (None if nowhere), `matches` how many files a
    pattern stands for, `kind` "file" or "folder". `project` and `artifact_path` name it among the artifacts.
    """

    path: str
    state: State
    declared: bool
    kind: str | None = None
    size_bytes: int | None = None
    modified_at: str | None = None
    found: str | None = None
    matches: int | None = None
    reason: str | None = None
    project: str | None = None
    artifact_path: str | None = None


@dataclass(frozen=True, slots=True)
class EvidenceCounts:
    """How many artefacts of a task are there. `present` counts all that are, the `empty` and the `unchanged` among
    them; `refused` those that are not looked at: outside the workspace, behind a link, an address, no path."""

    total: int
    present: int
    empty: int
    missing: int
    unchanged: int
    refused: int


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


def target_of(text: str, workspace: str) -> Target:
    """Where to look for what a text names; `workspace` is an absolute path."""
    if _PLAIN.fullmatch(text):
        return Target((text,))
    paths: dict[str, None] = {}
    refusal: Target | None = None
    for candidate in _candidates(text):
        one = _normal(candidate, workspace)
        if isinstance(one, str):
            paths[one] = None
        else:
            refusal = refusal or one
    if paths:
        return Target(tuple(paths))
    return refusal or Target((), "refused", "it is no path")


def is_pattern(path: str) -> bool:
    """True if a path has wildcards."""
    return ("*" in path or "?" in path or "[" in path) and _PATTERN.search(path) is not None


def state_of(size_bytes: int, mtime_ns: int, began: datetime | None) -> State:
    """What is said of something that is there; `size_bytes` of a folder is the number of its entries."""
    if size_bytes == 0:
        return "empty"
    if began is not None and mtime_ns < began.timestamp() * 1e9:
        return "unchanged"
    return "present"


def began_at(*times: str | None) -> datetime | None:
    """The first of some texts that is a time: when work on a task began. A bare date begins at midnight UTC."""
    for text in times:
        if text:
            try:
                moment = datetime.fromisoformat(text)
                return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
            except ValueError:
                continue
    return None


def count(artefacts: list[Artefact]) -> EvidenceCounts:
    """The counts of a task."""
    states = [artefact.state for artefact in artefacts]
    empty, unchanged, missing = (states.count(state) for state in ("empty", "unchanged", "missing"))
    return EvidenceCounts(
        total=len(states),
        present=states.count("present") + empty + unchanged,
        empty=empty,
        missing=missing,
        unchanged=unchanged,
        refused=states.count("outside") + states.count("refused"),
    )


_NOTHING = Claims()


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
            if type(item) is str and _PLAIN.fullmatch(item) and item.lower() not in _NONE:
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
    return parts if all(_looks_like_path(part.strip()) for part in parts) else [line]


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
    return text if _PLAIN.fullmatch(text) else list(_candidates(text))[-1].rstrip("/")


def _project(document: Mapping[str, Any]) -> str | None:
    context = document.get("context")
    for place in (document, context if isinstance(context, Mapping) else {}):
        name = place.get("project")
        if isinstance(name, str) and _PLAIN.fullmatch(name) and "/" not in name:
            return name
    return None


def _candidates(text: str) -> Iterator[str]:
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
    if remark is not None and remark.start() > 0 and not _ADDRESS.match(text):
        text = text[: remark.start()].rstrip()
        yield text
    number = _LINE_NUMBER.match(text)
    if number is not None:
        yield number[1]


def _normal(text: str, workspace: str) -> str | Target:
    """A path below the workspace without `.` and `..`, or why there is none."""
    if text.startswith("file://"):
        text = unquote(text[7:])
    if _ADDRESS.match(text):
        return Target((), "refused", "it is an address")
    if _DRIVE.match(text) or text.startswith("~"):
        return _OUTSIDE
    if "\\" in text and "/" not in text:
        text = text.replace("\\", "/")
    if text.startswith("/"):
        if text != workspace and not text.startswith(workspace.rstrip("/") + "/"):
            return _OUTSIDE
        text = text[len(workspace) :]
    elif not _looks_like_path(text):
        return Target((), "refused", "it is no path")
    parts: list[str] = []
    for part in text.split("/"):
        if part == "..":
            if not parts:
                return _OUTSIDE
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts) or Target((), "refused", "it is the workspace itself")


def _looks_like_path(text: str) -> bool:
    """False for what reads like a sentence: words without a slash or an ending."""
    return bool(text) and (
        "/" in text or "\\" in text or _ENDING.search(text) is not None or not re.search(r"\s", text)
    )


_OUTSIDE = Target((), "outside", "it lies outside the workspace")
