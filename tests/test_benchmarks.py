"""The benchmarks, which no other test runs, have what they import."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest
from kit.paths import ROOT

from benchmarks.__main__ import COMPARING, LONG, NAMES

MODULES = sorted(path.stem for path in Path(ROOT, "benchmarks").glob("*.py") if path.stem != "__main__")


@pytest.mark.parametrize("name", MODULES)
def test_it_can_be_imported(name: str) -> None:
    module = importlib.import_module(f"benchmarks.{name}")
    assert module.__doc__


def test_each_that_is_named_has_a_main() -> None:
    for name in (*NAMES, *COMPARING, *LONG):
        assert callable(importlib.import_module(f"benchmarks.{name}").main)
