"""What `pip install .` takes along: the editable install of all other tests does not show that a package is missing."""

from __future__ import annotations

import tomllib

from kit.paths import ROOT

from llm_service.hub import redis_link
from llm_service.mcp import extra as mcp_extra
from llm_service.orchestrators import git_helper

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]


def test_every_package_of_the_sources_is_installed() -> None:
    source = ROOT / "src"
    folders = {path.parent.relative_to(source).as_posix().replace("/", ".") for path in source.rglob("*.py")}
    elsewhere = {name for name in PROJECT["package-dir"] if name}
    assert set(PROJECT["packages"]) - elsewhere == folders


def test_every_module_lies_in_a_package() -> None:
    folders = {path.parent for path in (ROOT / "src").rglob("*.py")}
    assert [str(folder) for folder in folders if not (folder / "__init__.py").is_file()] == []


def test_messages_name_what_the_lists_of_the_extras_require() -> None:
    for extra, named in (("mcp", mcp_extra), ("git", git_helper), ("redis", redis_link)):
        lines = (ROOT / f"requirements-{extra}.txt").read_text(encoding="utf-8").splitlines()
        assert [line for line in lines if not line.startswith("#")] == [named.REQUIREMENT]
