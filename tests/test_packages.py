"""What `pip install .` takes along: an editable install, which all other tests run, shows no package that is missing."""

from __future__ import annotations

import tomllib

from kit.paths import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]


def test_every_package_of_the_sources_is_installed() -> None:
    source = ROOT / "src"
    folders = {path.parent.relative_to(source).as_posix().replace("/", ".") for path in source.rglob("*.py")}
    elsewhere = {name for name in PROJECT["package-dir"] if name}
    assert set(PROJECT["packages"]) - elsewhere == folders


def test_every_module_lies_in_a_package() -> None:
    folders = {path.parent for path in (ROOT / "src").rglob("*.py")}
    assert [str(folder) for folder in folders if not (folder / "__init__.py").is_file()] == []
