"""The lock files are exact, complete for the bounds, and name no registry."""

from __future__ import annotations

import re
import tomllib

import pytest
from kit.paths import ROOT
from packaging.requirements import Requirement

RUNTIME = ("requirements.txt", "requirements-mcp.txt", "requirements-git.txt", "requirements-redis.txt")
BOUNDS = {"requirements.lock": RUNTIME}
BOUNDS["requirements-dev.lock"] = (*BOUNDS["requirements.lock"], "requirements-dev.txt")


def requirements(name: str) -> list[Requirement]:
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    return [Requirement(line) for line in lines if line and not line.startswith("#")]


def plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def locked(name: str) -> dict[str, str]:
    """The version of each package of a lock file."""
    text = (ROOT / name).read_text(encoding="utf-8")
    return dict(re.findall(r"^([a-z0-9-]+)==(\S+)", text, re.MULTILINE))


@pytest.mark.parametrize("lock", BOUNDS)
def test_every_requirement_is_locked_within_its_bounds(lock: str) -> None:
    build = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["build-system"]["requires"]
    wanted = [one for name in BOUNDS[lock] for one in requirements(name)] + [Requirement(text) for text in build]
    versions = locked(lock)
    stale = [str(one) for one in wanted if not one.specifier.contains(versions.get(plain(one.name), "0"))]
    assert stale == [], "run make lock"


@pytest.mark.parametrize("lock", BOUNDS)
def test_a_lock_file_has_only_exact_versions_with_hashes(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert text.startswith("# Made by `make lock`")
    entries = text.partition("\n")[2].replace(" \\\n", " ").splitlines()
    assert len(entries) > 30
    entry = re.compile(r"[a-z0-9-]+==[0-9a-z.]+( ; [^\\/:@]+?)?(\s+--hash=sha256:[0-9a-f]{64})+")
    assert [line[:80] for line in entries if not entry.fullmatch(line)] == []


def test_both_lock_files_name_the_same_versions() -> None:
    runtime, everything = (locked(name) for name in BOUNDS)
    assert runtime.items() <= everything.items()
    assert len(runtime) < len(everything)
