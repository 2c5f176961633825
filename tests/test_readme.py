"""The generated tables are up to date, and the links of all pages have a target."""

from __future__ import annotations

import importlib.util
import re

import pytest
from kit.paths import ROOT

SCRIPT = ROOT / "scripts/readme_tables.py"
PAGES = sorted(path.relative_to(ROOT).as_posix() for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])


def anchors(text: str) -> set[str]:
    """The anchors of the headings of a page."""
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading).strip().lower().replace(" ", "-") for heading in headings}


def test_the_tables_of_the_reference_are_not_stale() -> None:
    spec = importlib.util.spec_from_file_location("readme_tables", SCRIPT)
    assert spec and spec.loader
    tables = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tables)
    text = tables.PAGE.read_text(encoding="utf-8")
    assert tables.render(text) == text, "run scripts/readme_tables.py"


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 150


@pytest.mark.parametrize("page", PAGES)
def test_every_link_of_a_page_has_a_target(page: str) -> None:
    folder = (ROOT / page).parent
    broken = []
    for link in re.findall(r"\]\(([^)\s]+)\)", (ROOT / page).read_text(encoding="utf-8")):
        if re.match(r"[a-z]+:", link):
            continue
        name, _, anchor = link.partition("#")
        target = folder / name if name else ROOT / page
        if not target.exists() or (anchor and anchor not in anchors(target.read_text(encoding="utf-8"))):
            broken.append(link)
    assert broken == []


def test_the_readme_names_every_page_of_the_docs() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [page for page in PAGES if page != "README.md" and f"]({page})" not in text] == []


def test_the_pictures_are_there_in_both_themes_and_small() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    named = re.findall(r'(?:src|srcset)="(docs/pictures/[\w-]+\.webp)"', text)
    assert sorted(named) == sorted(f"docs/pictures/{path.name}" for path in (ROOT / "docs/pictures").iterdir())
    assert {name.removesuffix(".webp").rpartition("-")[2] for name in named} == {"light", "dark"}
    for name in named:
        picture = (ROOT / name).read_bytes()
        assert picture[8:12] == b"WEBP" and len(picture) < 200_000, name
