"""What tasks write where they name files, on a real disk: what is there is found, what is no file is never missing."""

from __future__ import annotations

import os
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from llm_service.evidence.finder import Finder
from llm_service.evidence.model import ClaimEvidence
from llm_service.evidence.namesakes import Namesakes
from llm_service.evidence.places import Places
from llm_service.evidence.resolver import ClaimResolver
from llm_service.settings.load import Settings
from llm_service.tasks.claims import claims_of

FILES = (
    "src/app.py",
    "src/deep/er/mod_1.py",
    "docs/guide.md",
    "docs/two words.md",
    "docs/Grüße.md",
    "docs/报告.md",
    "pages/[id]/page.tsx",
    "pages/(shop)/list.tsx",
    "tests/test_app.py",
    ".github/workflows/ci.yml",
    "Makefile",
    "a-b_c/d.e.f.json",
    "src/lib@2/x+y.ts",
)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with one project that has all of these files."""
    workspace = tmp_path_factory.mktemp("workspace")
    for name in FILES:
        file = workspace / "generated_projects/quay" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("text\n")
    (workspace / "work/collaboration/done").mkdir(parents=True)
    return workspace


def resolver_of(workspace: Path, **options: Any) -> ClaimResolver:
    root = str(workspace / "generated_projects")
    places = Places(
        Settings(workspace=str(workspace)), lambda: root, None, options.pop("task_files", lambda name: None)
    )
    return ClaimResolver(places, None, Namesakes(str(workspace), lambda: root, None), **options)


def check(workspace: Path, claimed: Any, project: Any = "quay", **fields: Any) -> list[ClaimEvidence]:
    claims = claims_of({"artefacts": claimed, "project": project} | fields)
    with Finder() as finder:
        return [result for result, _ in resolver_of(workspace).check(finder, claims, with_artifact=True)]


def found(workspace: Path, claimed: Any, project: Any = "quay", **fields: Any) -> list[str]:
    """The files that were found, by their paths in the project."""
    results = check(workspace, claimed, project, **fields)
    return [str(one.found).removeprefix("generated_projects/quay/") for one in results if one.found]


BEFORE = (
    "",
    "",
    "- ",
    "* [x] ",
    "1. ",
    "2) ",
    "✅ ",
    "✓ ",
    "🆕 ",
    "+ ",
    "M ",
    "?? ",
    "NEW: ",
    "NEW ",
    "Created ",
    "Updated: ",
    "file: ",
    "path=",
    "see ",
    "Die Datei ",
    "Neue Datei: ",
    "已创建",
    "新建文件：",
    "Fichier créé : ",
    "added `x` and ",
    "| ",
    "old/name.py -> ",
    "Wrote tests, docs and ",
    "a) ",
    "→ ",
    "Módulo ",
    "HEAD:",
    "12 3 ",
    "create mode 100644 ",
)
AROUND = (
    ("", ""),
    ("", ""),
    ("`", "`"),
    ("**", "**"),
    ("**`", "`**"),
    ("“", "”"),
    ("„", "“"),
    ("«", "»"),
    ("「", "」"),
    ("《", "》"),
    ('"', '"'),
    ("'", "'"),
    ("<", ">"),
    ("(", ")"),
    ("[the file](", ")"),
    ("[x](<", ">)"),
    ('{"path": "', '"}'),
    ("***", "***"),
)
POSITIONS = (
    "",
    "",
    ":12",
    ":12:5",
    ":L10",
    "#L3-L9",
    "#L3",
    "#10",
    "#heading",
    "::TestX::test_y[a-1]",
    ":main",
    "(10,5)",
    "?plain=1#L3",
    "§2",
    "+10",
    "@abc1234",
)
AFTER = (
    "",
    "",
    " (new)",
    " (9 tests, all pass)",
    " - the module",
    " -- the module",
    " — extended",
    ": the module",
    ".",
    ",",
    "!",
    " ✅",
    "，已完成",
    " wurde angelegt",
    " line 12",
    " | 12 ++--",
    " // new",
    " # new",
    " <- new",
    " [new]",
    " → done",
    " +12/-3",
    " ... and more",
    "\u200b",
    "; done",
    " (see the log)",
)


@given(
    st.sampled_from(FILES),
    st.sampled_from(BEFORE),
    st.sampled_from(AROUND),
    st.sampled_from(POSITIONS),
    st.sampled_from(AFTER),
    st.sampled_from(("", "", "./", "quay/", "generated_projects/quay/", "b/", "/")),
)
@settings(max_examples=400, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_a_real_path_is_found_whatever_is_around_it(
    place: Path, name: str, before: str, around: tuple[str, str], position: str, after: str, start: str
) -> None:
    text = f"{before}{around[0]}{start}{name}{position}{around[1]}{after}"
    assert found(place, [text]) == [name], text


@pytest.mark.parametrize("name", [name for name in FILES if name.isascii() and " " not in name and "(" not in name])
def test_a_path_is_found_as_other_systems_write_it(place: Path, name: str) -> None:
    backslashes = name.replace("/", "\\")
    for text in (
        backslashes,
        f".\\{backslashes}",
        f"C:\\work\\quay\\{backslashes}",
        f"~/work/quay/{name}",
        f"file://{place}/{name}",
        f"{place}/generated_projects/quay/{name}",
        f"/home/bob/ws/generated_projects/quay/{name}",
        f"../quay/{name}",
        f"https://github.com/o/quay/blob/main/generated_projects/quay/{name}#L3",
        f"{place.name}/generated_projects/quay/{name}",
        f"${{ROOT}}/generated_projects/quay/{name}",
        f".../generated_projects/quay/{name}",
    ):
        if "generated" in text or name.count("/"):
            assert found(place, [text]) in ([name], [f"{name}"]), text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("docs/two%20words.md", "docs/two words.md"),
        ("[g](docs/two%20words.md)", "docs/two words.md"),
        ("docs/two\\ words.md", "docs/two words.md"),
        ("Created docs/two words.md (new)", "docs/two words.md"),
        ("docs/two words.md:12", "docs/two words.md"),
        (unicodedata.normalize("NFD", "docs/Grüße.md"), "docs/Grüße.md"),
        (f"已更新{unicodedata.normalize('NFD', 'docs/Grüße.md')}", "docs/Grüße.md"),
        ("src / app.py", "src/app.py"),
        ("rename src/{old => app}.py (95%)", "src/app.py"),
        ("rename {lib => src}/app.py (100%)", "src/app.py"),
        ("diff --git a/src/app.py b/src/app.py", "src/app.py"),
        ("src/old.py→src/app.py", "src/app.py"),
        ("src/old.py => src/app.py", "src/app.py"),
        ("src.deep.er.mod_1", "src/deep/er/mod_1.py"),
        ("@/app.py", "src/app.py"),
        ("src/gone.py (now src/app.py)", "src/app.py"),
        ("$ python src/app.py --help", "src/app.py"),
        ("src/app.py&nbsp;new", "src/app.py"),
        ("**/mod_?.py", "src/deep/er/mod_1.py"),
        ("Quay/src/app.py", "src/app.py"),
    ],
)
def test_further_forms_are_found(place: Path, text: str, expected: str) -> None:
    assert found(place, [text]) == [expected]


NO_FILES = (
    "see https://example.com/x",
    "git@github.com:o/r.git",
    "ssh://git@host/o/r.git",
    "PR#12",
    "#42",
    "org/repo#42",
    "abc1234",
    "9f8e7d6c5b4a39281706f5e4d3c2b1a098765432",
    "commit abc1234",
    "v1.2.0",
    "v1.2.0-rc.1",
    "3.14",
    "ADR-045",
    "feature/foo",
    "branch feature/foo",
    "ghcr.io/org/app:1.2",
    "docker.io/library/python:3.12",
    "python:3.12-slim",
    "npm package @org/x",
    "@org/x",
    "@org/x.js",
    "GET /api/orders",
    "/api/orders",
    "/v1/orders.json",
    "CI/CD pipeline",
    "CI/CD",
    "TCP/IP",
    "and/or",
    "Unit and/or integration tests",
    "Tests: 12/12 passing",
    "12/12",
    "95%",
    "2026-11-30",
    "30/11/2026",
    "None (analysis only)",
    "n/a - review only",
    "N/A (review)",
    "…",
    "...",
    "report",
    "urn:x:y",
    "me@example.com",
    "localhost:8080/api",
    "10.0.0.1/24",
    "example.com/docs/a.html",
    "docs.python.org/3/library",
    "openai/gpt-4o",
    "Node.js",
    "Node.js upgrade",
    "e.g.",
    "os.path.join",
    "utils.helper()",
    "app.main:create_app",
    "numpy==1.26.4",
    "JIRA-123",
    "%USERPROFILE%\\x",
    "path/to/file.py",
    "{{project}}/x.py",
    "<project>/src/x.py",
    "src/<name>.py",
    "src/…",
    "docs/YYYY-MM-DD-report.md",
    "docs/ADR-XXX-title.md",
    "keine (nur Analyse)",
    "无",
    "see above",
    "s3://bucket/key.csv",
    "src/gone.py (not created)",
    "deleted: src/gone.py",
    "D src/gone.py",
    "src/gone.py (replaces src/app.py)",
)


@pytest.mark.parametrize("text", NO_FILES)
def test_what_is_no_file_is_never_missing(place: Path, text: str) -> None:
    assert {one.state for one in check(place, [text])} <= {"unknown", "outside", "refused"}


@pytest.mark.parametrize(
    "text",
    [
        "src/gone.py",
        "`src/gone.py`",
        "- src/gone.py",
        "gone.py",
        "docs/gone/",
        "src/gone",
        "src/gone.{py,js}",
        "**/*.rs",
        ".env.example",
        "Dockerfile",
        "src/*.rs",
        "generated_projects/quay/src/gone.py",
        "no/such/folder/x.md",
    ],
)
def test_what_is_only_a_path_is_missing(place: Path, text: str) -> None:
    assert [(one.path, one.state) for one in check(place, [text])] == [(text.removeprefix("- "), "missing")]


def test_the_only_file_of_that_name_is_named(place: Path) -> None:
    (missing,) = check(place, ["lib/mod_1.py"])
    assert missing.state == "missing"
    assert missing.reason == "A file of that name lies at generated_projects/quay/src/deep/er/mod_1.py"
    (bare,) = check(place, ["mod_1.py"])
    assert (bare.state, bare.reason) == ("unknown", missing.reason)
    (remark,) = check(place, ["lib/mod_1.py (new)"])
    assert (remark.state, remark.reason) == ("unknown", missing.reason)


def test_of_two_files_of_that_name_none_is_named(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "x.py").write_text("text")
    assert [(one.state, one.reason) for one in check(tmp_path, ["x.py", "lib/x.py"])] == [("missing", None)] * 2


@pytest.mark.parametrize(
    "fields",
    [
        {"project": "Quay"},
        {"project": "QUAY "},
        {"project": "generated_projects/quay"},
        {"project": {"name": "quay"}},
        {"project": "https://github.com/o/quay.git"},
        {"context": {"repository": "quay"}},
        {"initiative": "quay"},
        {"tags": ["urgent", "quay"]},
        {"projects": ["other", "quay"]},
        {"context": "**Project:** quay\nText"},
        {"metadata": {"repo": "o/quay"}},
    ],
)
def test_the_project_is_recognised_in_other_spellings(place: Path, fields: dict[str, Any]) -> None:
    claims = claims_of({"artefacts": ["src/app.py"]} | fields)
    with Finder() as finder:
        assert [one.state for one, _ in resolver_of(place).check(finder, claims)] == ["present"]


def test_a_task_file_is_found_where_it_moved_to(place: Path) -> None:
    moved = place / "work/collaboration/done/ada/t1.yaml"
    moved.parent.mkdir(exist_ok=True)
    moved.write_text("id: t1\n")
    resolver = resolver_of(place, task_files=lambda name: "done/ada/t1.yaml" if name == "t1.yaml" else None)
    claims = claims_of({"artefacts": ["work/collaboration/inbox/t1.yaml", "work/collaboration/assigned/bob/t1.yaml"]})
    with Finder() as finder:
        assert [one.state for one, _ in resolver.check(finder, claims)] == ["present"]  # both are one file


def test_a_file_counts_once_however_often_it_is_named(place: Path) -> None:
    names = [
        "src/app.py",
        "./src/app.py",
        "generated_projects/quay/src/app.py",
        "src/app.py:12",
        "Created `src/app.py`",
    ]
    assert [one.path for one in check(place, names)] == ["src/app.py"]
    assert len(check(place, ["src/gone.py", "./src/gone.py", "`src/gone.py`"])) == 1
    assert len(check(place, ["src/app.py", "src/*.py", "docs/guide.md"])) == 3


def test_of_alternatives_in_braces_is_said_which_is_not_there(place: Path) -> None:
    (one,) = check(place, ["src/{app,gone}.py"])
    assert (one.state, one.matches, one.reason) == ("present", 1, "src/gone.py is not there")
    assert [one.matches for one in check(place, ["{src,docs}/**/*.{py,md}"])] == [6]


@pytest.mark.parametrize("name", ["__init__.py", "py.typed", ".gitkeep", ".nojekyll", "cache.stamp"])
def test_a_file_that_is_empty_on_purpose_is_present(tmp_path: Path, name: str) -> None:
    (tmp_path / name).touch()
    (tmp_path / "notes.md").touch()
    assert [one.state for one in check(tmp_path, [f"./{name}", "./notes.md"])] == ["present", "empty"]


def test_two_paths_in_one_item_are_two_claims(place: Path) -> None:
    for between in ("; ", ", ", " and ", " + ", " und ", " ", "、"):
        assert found(place, [f"src/app.py{between}docs/guide.md"]) == ["src/app.py", "docs/guide.md"], between
    assert found(place, ["docs/two words.md"]) == ["docs/two words.md"]


def test_nothing_is_missing_while_the_projects_cannot_be_read(place: Path) -> None:
    resolver = resolver_of(place, lost=lambda: "the folder cannot be read at the moment")
    claims = claims_of({"artefacts": ["src/gone.py", "src/app.py"], "project": "quay"})
    with Finder() as finder:
        (gone, _), (there, _) = resolver.check(finder, claims)
    assert (gone.state, gone.reason) == ("unknown", "the folder cannot be read at the moment")
    assert there.state == "present"


def test_nothing_is_missing_while_the_workspace_is_away(tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    away = resolver_of(tmp_path / "here")
    os.rename(tmp_path / "here", tmp_path / "there")
    with Finder() as finder:
        ((one, _),) = away.check(finder, claims_of({"artefacts": ["src/a.py"]}))
    assert (one.state, one.reason) == ("unknown", "the workspace cannot be read at the moment")
