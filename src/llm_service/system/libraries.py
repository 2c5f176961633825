"""Which libraries the dashboard consists of: `python_packages()` and `vendored(folder)`, with versions and licences."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path

_US = "llm-service"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_CLASSIFIER = "License :: OSI Approved :: "
_MOST = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Library:
    """A library: `kind` is "python" or "page"; `licence` is None where its metadata say none."""

    name: str
    version: str
    licence: str | None
    kind: str


@cache
def python_packages() -> tuple[Library, ...]:
    """The installed packages that we need, directly or by way of others, by name; all of the environment where we are
    not installed as a package ourselves."""
    installed = {_key(one.name): one for one in metadata.distributions() if one.name}
    wanted = _needed(installed) if _key(_US) in installed else installed.keys()
    found = (installed[key] for key in sorted(wanted) if key in installed and key != _key(_US))
    return tuple(
        Library(name=one.name, version=one.version, licence=_licence(one), kind="python") for one in found
    )[:_MOST]  # fmt: skip


@cache
def vendored(folder: Path) -> tuple[Library, ...]:
    """The libraries of the page, as the manifest in this folder has them; none if it cannot be read."""
    try:
        rows = json.loads((folder / "vendor/manifest.json").read_text(encoding="utf-8"))["files"]
        found = {(row["name"], row["version"]): row["licence"] for row in rows}
    except (OSError, ValueError, KeyError, TypeError):
        return ()
    return tuple(
        Library(name=name, version=version, licence=licence, kind="page")
        for (name, version), licence in sorted(found.items())
    )


def _needed(installed: dict[str, metadata.Distribution]) -> set[str]:
    """The keys of what we need; what an extra needs counts where it is installed."""
    seen, waiting = set[str](), [_key(_US)]
    while waiting:
        key = waiting.pop()
        if key in seen or key not in installed:
            continue
        seen.add(key)
        waiting += _required(installed[key])
    return seen


def _required(package: metadata.Distribution) -> Iterator[str]:
    for line in package.requires or ():
        if match := _NAME.match(line):
            yield _key(match[0])


def _key(name: str) -> str:
    """The name in normal form (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _licence(package: metadata.Distribution) -> str | None:
    """By SPDX where it is said so, else the classifier, else the first line of the text."""
    facts = package.metadata
    if expression := _first(facts.get_all("License-Expression")):
        return expression[:80]
    classified = [
        text.removeprefix(_CLASSIFIER) for text in facts.get_all("Classifier") or () if text.startswith(_CLASSIFIER)
    ]
    if classified:
        return ", ".join(classified)[:80]
    text = _first(facts.get_all("License"))
    return text.splitlines()[0][:80] if text else None


def _first(values: list[str] | None) -> str:
    return str(values[0]).strip() if values else ""
