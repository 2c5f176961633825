"""`read_declared(workspace)`: the MCP servers of a workspace's `.mcp.json`, which agents can write."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import FileRefused, FileVanished
from ..files import decode, printable, read_file
from .json_edit import NotJson, parse
from .model import DeclaredServer, url_problem

FILE = ".mcp.json"
_MAX_BYTES = 262_144
_MOST = 100
_NAME = re.compile(r"[\w.-]{1,64}")
_ENV_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}")
_LONGEST = 10_000
_MOST_ARGUMENTS = 200


@dataclass(frozen=True, slots=True)
class DeclarationProblem:
    """Something in `.mcp.json` that cannot be used, and why."""

    where: str
    reason: str


class _Unusable(ValueError):
    """Why an entry is no server."""


def read_declared(workspace: str) -> tuple[list[DeclaredServer], list[DeclarationProblem]]:
    """The servers, and what cannot be used. A missing file declares none."""
    try:
        value = parse(decode(read_file(workspace, FILE, _MAX_BYTES).data).text)
    except FileVanished:
        return [], []
    except FileRefused as problem:
        return [], [DeclarationProblem(FILE, problem.message)]
    except (NotJson, RecursionError) as problem:
        return [], [DeclarationProblem(FILE, f"It is no JSON: {problem}.")]
    entries = value.get("mcpServers") if isinstance(value, dict) else None
    if not isinstance(entries, dict):
        return [], [DeclarationProblem(FILE, "It has no `mcpServers`.")]
    found, problems = [], []
    for name, entry in list(entries.items())[:_MOST]:
        try:
            found.append(_server(name, entry))
        except _Unusable as problem:
            problems.append(DeclarationProblem(f"{FILE}: {printable(name)[:100]}", f"It {problem}."))
    if len(entries) > _MOST:
        problems.append(DeclarationProblem(FILE, f"It has {len(entries):,} servers; the first {_MOST} are shown."))
    return found, problems


def filled(text: str, environ: Mapping[str, str]) -> str:
    """The text with `${NAME}` and `${NAME:-default}` replaced, as Claude Code does. Raises KeyError with the name."""

    def value(found: re.Match[str]) -> str:
        known = environ.get(found[1], found[2])
        if known is None:
            raise KeyError(found[1])
        return known

    return _VARIABLE.sub(value, text)


def _server(name: str, entry: Any) -> DeclaredServer:
    if _NAME.fullmatch(name) is None:
        raise _Unusable("has a name that is not of letters, digits, `_`, `.` and `-`")
    if not isinstance(entry, dict):
        raise _Unusable("is no object")
    command, url = entry.get("command"), entry.get("url")
    if url is not None:
        if not isinstance(url, str) or (_VARIABLE.search(url) is None and url_problem(url)):
            raise _Unusable("has a `url` that is no http:// or https:// address")
        return DeclaredServer(name=name, origin="workspace", url=url, headers=_texts(entry, "headers"))
    arguments = entry.get("args", [])
    if not isinstance(command, str) or not _is_text(command) or not command.strip():
        raise _Unusable("has a `command` that is no program" if command else "has neither `command` nor `url`")
    if not isinstance(arguments, list) or len(arguments) > _MOST_ARGUMENTS or not all(map(_is_text, arguments)):
        raise _Unusable("has `args` that are no list of texts")
    env = _texts(entry, "env")
    if not all(map(_ENV_NAME.fullmatch, env)):
        raise _Unusable("has an `env` with names that are none of variables")
    return DeclaredServer(name=name, origin="workspace", argv=(command, *arguments), env=env)


def _texts(entry: Mapping[str, Any], key: str) -> dict[str, str]:
    found = entry.get(key)
    if found is None:
        return {}
    if not isinstance(found, dict) or len(found) > _MOST_ARGUMENTS or not all(map(_is_text, found.values())):
        raise _Unusable(f"has `{key}` that are no mapping of names to texts")
    return dict(found)


def _is_text(value: Any) -> bool:
    return (
        isinstance(value, str)
        and len(value) <= _LONGEST
        and "\0" not in value
        and not any("\ud800" <= character <= "\udfff" for character in value)
    )
