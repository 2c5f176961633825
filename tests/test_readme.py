"""The README's generated tables match the code."""

from __future__ import annotations

import importlib.util
from pathlib import Path

SCRIPT = Path(__file__).parents[1] / "scripts/readme_tables.py"


def test_the_tables_of_the_readme_are_up_to_date() -> None:
    spec = importlib.util.spec_from_file_location("readme_tables", SCRIPT)
    assert spec and spec.loader
    tables = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tables)
    text = tables.README.read_text(encoding="utf-8")
    assert tables.render(text) == text, "run scripts/readme_tables.py"
