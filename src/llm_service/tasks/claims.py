"""The claims of a task: the files that it says it makes, as texts, and the names that it gives for its project.

Here only the structure of a document is read: which of its keys name files, in lists, mappings and lines of text. What
a text means is for `evidence` to find out. The key in a task file is `artefacts`; in this code an artifact is a
generated file, and a file that a task names is a claim.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from ..files import TypedText

MAX_CLAIMS = 200
_MAX_TEXT = 1_000
_MAX_BLOCK = 100_000
_MAX_DEPTH = 5
_MAX_PROJECTS = 20
_ZONES_S = 14 * 3600
"""A time without a zone may be of one that is so far ahead of UTC."""

_KEYS = ("artefacts", "artifacts")
_RESULT_KEYS = ("artefacts", "artifacts", "artefacts_completed", "artifacts_completed")
_FURTHER_KEYS = (
    "deliverables", "files_created", "files_modified", "files_changed", "artefacts_created", "artifacts_created",
    "artefacts_modified", "artifacts_modified", "artefacts_updated", "artifacts_updated",
)  # fmt: skip
"""What these have besides paths, such as `Unit tests`, is no claim of a file."""
_STRICT_KEYS = frozenset(_FURTHER_KEYS)
_ALL_KEYS = frozenset((*_KEYS, *_RESULT_KEYS, *_FURTHER_KEYS))
_PATH_KEYS = (
    "path", "paths", "file", "files", "filepath", "file_path", "filename", "file_name", "location", "artefact",
    "artifact", "target", "output", "source", "src", "href", "uri", "url", "deliverable", "document",
)  # fmt: skip
_FOLDER_KEYS = ("dir", "folder", "directory", "base", "root", "prefix", "base_path")
_NAME_KEYS = ("name", "title", "id")
_ABOUT = frozenset((
    "description", "desc", "type", "kind", "status", "state", "notes", "note", "purpose", "reason", "why", "lines",
    "size", "summary", "language", "format", "owner", "author", "date", "created_at", "updated_at", "sha", "sha256",
    "commit", "action", "change", "changes", "priority", "required", "comment", "tests", "coverage",
))  # fmt: skip
_GONE = frozenset(("deleted", "delete", "removed", "remove", "dropped"))
_PROJECT_KEYS = (
    "project", "project_name", "projects", "repository", "repo", "initiative", "initiatives", "component", "module",
    "package", "service", "app", "epic", "tags", "labels",
)  # fmt: skip
_PROJECT_LINE = re.compile(
    r"(?im)^[\s>*_#-]*(?:project|projekt|repository|repo|initiative)[*_ ]*[:=：][\s*_`\"']*([^\n`\"',;*]+)"
)
_NO_CLAIM = frozenset(("none", "n/a", "null", "-", "tbd", "todo", "~"))
PLAIN_PATH = re.compile(r"[\w@+-][\w.@+-]*(?:/[\w@+-][\w.@+-]*)*", re.ASCII)
_BULLET = re.compile(r"^(?:[-*•]|\[[ xX]\])\s+")
_EXTENSION = re.compile(r"\.[^\W\d_]\w{0,11}$")
_BETWEEN = re.compile(r"\s*[,;、，；]\s*|\s+(?:and|und|et|y|&|\+|\|)\s+|\s+")
_AROUND = "`'\"*_<>“”„‘’「」"


@dataclass(frozen=True, slots=True)
class Claims:
    """The claims of a task as written. The first `declared` of the texts are from the task itself, the others only from
    its result. `projects` are the names that it gives for its project, the likeliest first; `began` when work may have
    begun at the earliest, in seconds since the epoch, as each of its times says."""

    texts: tuple[str, ...] = ()
    declared: int = 0
    projects: tuple[str, ...] = ()
    began: tuple[float, ...] = ()


_NO_CLAIMS = Claims()


def claims_of(document: Mapping[str, Any]) -> Claims:
    """The claims in a task's document, each text once: its `artefacts`, its `deliverables` and the like, then those
    that only its result names."""
    result = document.get("result")
    nested = result if isinstance(result, Mapping) else {}
    if _ALL_KEYS.isdisjoint(document) and _ALL_KEYS.isdisjoint(nested):
        return _NO_CLAIMS
    found: dict[str, None] = {}
    _add(found, document, _KEYS, strict=False)
    if not _STRICT_KEYS.isdisjoint(document):
        _add(found, document, _FURTHER_KEYS, strict=True)
    count = min(len(found), MAX_CLAIMS)
    if not _ALL_KEYS.isdisjoint(nested):
        _add(found, nested, _RESULT_KEYS, strict=False)
        _add(found, nested, _FURTHER_KEYS, strict=True)
    if not found:
        return _NO_CLAIMS
    return Claims(tuple(islice(found, MAX_CLAIMS)), count, _projects(document), _began(document))


def looks_like_path(text: str) -> bool:
    """False for a sentence: words without a slash or a file extension."""
    return bool(text) and (
        "/" in text or "\\" in text or _EXTENSION.search(text) is not None or not re.search(r"\s", text)
    )


def _add(found: dict[str, None], mapping: Mapping[str, Any], keys: tuple[str, ...], strict: bool) -> None:
    for key in keys:
        value = mapping.get(key)
        if value:
            texts = islice(_texts(value, 0), MAX_CLAIMS)
            found.update((text, None) for text in texts if not strict or _names_a_file(text))


def _names_a_file(text: str) -> bool:
    """True if a word of a text ends like a file, before a line or an anchor, or the text is one word with a slash."""
    words = [re.split("[:#]", word.strip("()[],;:.!?" + _AROUND), maxsplit=1)[0] for word in text.split()]
    return any(map(_EXTENSION.search, words)) or (len(words) == 1 and re.search(r"\w/\w|\w/$", text) is not None)


def _texts(value: Any, depth: int) -> Iterator[str]:
    """The texts in a list, a mapping of lists or lines of text; from a mapping that describes one file, its path."""
    if isinstance(value, TypedText):  # a number or a boolean: `artefacts: 3`, `{done: yes}`
        return
    if isinstance(value, str):
        for line in value[:_MAX_BLOCK].splitlines():
            for part in _split(line):
                text = _BULLET.sub("", part.strip())[:_MAX_TEXT]
                if text and text.lower() not in _NO_CLAIM:
                    yield text
    elif isinstance(value, list) and depth < _MAX_DEPTH:
        for item in value[: MAX_CLAIMS * 2]:
            if isinstance(item, TypedText):
                if isinstance(item.value(), float):  # a file may be called 2.10; 3 is a number of files
                    yield str(item)
            elif type(item) is str and PLAIN_PATH.fullmatch(item) and item.lower() not in _NO_CLAIM:
                yield item
            else:
                yield from _texts(item, depth + 1)
    elif isinstance(value, Mapping) and depth < _MAX_DEPTH:
        yield from _of_mapping(value, depth)


def _of_mapping(value: Mapping[str, Any], depth: int) -> Iterator[str]:
    states = (value.get(key) for key in ("status", "action", "change", "type", "state"))
    if any(isinstance(state, str) and state.lower() in _GONE for state in states):
        return
    folder = next((value[key] for key in _FOLDER_KEYS if _is_name(value.get(key))), None)
    paths = [value[key] for key in _PATH_KEYS if isinstance(value.get(key), list | Mapping) or _is_name(value.get(key))]
    if paths:
        # One of several is the path; of `file: src/a.py, url: https://…` the first.
        texts = list(_texts(paths[0] if not isinstance(paths[0], TypedText) else str(paths[0]), depth + 1))
        yield from (_joined(str(folder), text) if folder else text for text in texts)
        return
    if folder is not None:
        yield str(folder)
        return
    keys = [key for key in value if isinstance(key, str) and ("/" in key or _EXTENSION.search(key) is not None)]
    if keys:  # for YAML `- src/a.py: the module` is a mapping
        for key in islice(value, MAX_CLAIMS):
            inner = value[key]
            is_group = key not in keys or (isinstance(inner, list) and key.endswith("/"))
            if key in keys and is_group:
                yield from (_joined(key, text) for text in _texts(inner, depth + 1))
            elif key in keys:
                yield from _texts(key, depth + 1)
            elif key.lower() not in _ABOUT:
                yield from _texts(inner, depth + 1)
        return
    rest = {key: inner for key, inner in islice(value.items(), MAX_CLAIMS) if str(key).lower() not in _ABOUT}
    texts = [text for key, inner in rest.items() if key not in _NAME_KEYS for text in _texts(inner, depth + 1)]
    named = next((value[key] for key in _NAME_KEYS if _is_name(value.get(key))), None)
    if named is None or any(map(_names_a_file, texts)):
        yield from texts
    else:
        yield str(named)


def _joined(folder: str, text: str) -> str:
    return text if text.startswith(("/", folder)) else f"{folder.rstrip('/')}/{text}"


def _is_name(value: Any) -> bool:
    """True for a text, also for `2.10`, but not for `yes`."""
    return isinstance(value, str) and not (isinstance(value, TypedText) and isinstance(value.value(), bool))


def _split(line: str) -> list[str]:
    """A line of several paths as these, whatever is between them; any other as it is."""
    if PLAIN_PATH.fullmatch(line) or {" ", ",", ";", "、", "，", "；"}.isdisjoint(line):
        return [line]
    if not {"{", "(", "["}.isdisjoint(line):
        return [line]
    parts = [part for part in _BETWEEN.split(_BULLET.sub("", line.strip())) if part]
    return parts if len(parts) > 1 and all(map(_is_one_path, parts)) else [line]


def _is_one_path(part: str) -> bool:
    """True for what can only be a path with a file's name at its end, so that no name with spaces is torn apart."""
    bare = part.strip(_AROUND)
    return _EXTENSION.search(bare) is not None and "://" not in bare and bare.count("/") != len(bare)


def _projects(document: Mapping[str, Any]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    context, metadata = document.get("context"), document.get("metadata")
    for mapping in (document, context, metadata):
        if isinstance(mapping, Mapping):
            for key in _PROJECT_KEYS:
                if (value := mapping.get(key)) is not None:
                    found.update(dict.fromkeys(_names(value)))
    for text in (context, document.get("description")):
        if isinstance(text, str):
            for hit in islice(_PROJECT_LINE.finditer(text[:_MAX_BLOCK]), _MAX_PROJECTS):
                found.update(dict.fromkeys(_names(hit[1])))
    return tuple(islice(found, _MAX_PROJECTS))


def _names(value: Any) -> Iterator[str]:
    """The names in a text, a list or a mapping with a name; of a path or an address the last one."""
    if isinstance(value, Mapping):
        value = [value[key] for key in ("name", "id", "slug", "path", "folder", "repo") if key in value]
    if isinstance(value, list):
        for item in value[:_MAX_PROJECTS]:
            if isinstance(item, str | Mapping):
                yield from _names(item)
    elif isinstance(value, str):
        name = value[:200].strip().rstrip("/").rpartition("/")[2].removesuffix(".git").strip()
        if name and not name.startswith(".") and "\x00" not in name:
            yield str(name)


def _began(document: Mapping[str, Any]) -> tuple[float, ...]:
    found = []
    for key in ("started_at", "assigned_at", "created_at"):
        text = document.get(key)
        if isinstance(text, str) and text:
            try:
                moment = datetime.fromisoformat(text.strip())
                zone_s = _ZONES_S if moment.tzinfo is None else 0
                found.append((moment.replace(tzinfo=UTC) if zone_s else moment).timestamp() - zone_s)
            except (ValueError, OverflowError):
                continue
    return tuple(found)
