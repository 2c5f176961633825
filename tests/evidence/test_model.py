"""How a task's artefacts are read, where they are looked for, and what is said of what is found."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_service.evidence.model import Artefact, State, Target, began_at, count, is_pattern, state_of, target_of
from llm_service.tasks.claims import claims_of

WORKSPACE = "/w/space"


def paths(text: str) -> tuple[str, ...]:
    return target_of(text, WORKSPACE).paths


def texts(value: Any) -> tuple[str, ...]:
    return claims_of({"artefacts": value}).texts


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (["a.py", "b/c.md"], ("a.py", "b/c.md")),
        (["a.py", "a.py"], ("a.py",)),
        ("a.py", ("a.py",)),
        ("a.py, b.py", ("a.py", "b.py")),
        ("- a.py\n- b.py\n", ("a.py", "b.py")),
        ("one file, and another", ("one file, and another",)),
        ([{"path": "a.py", "why": "the query"}], ("a.py",)),
        ([{"src/a.py": "the query"}], ("src/a.py",)),
        ({"code": ["a.py"], "docs": "b.md"}, ("a.py", "b.md")),
        (["src/{a,b}/{c,d}.py"], ("src/a/c.py", "src/a/d.py", "src/b/c.py", "src/b/d.py")),
        (["src/[id].ts", "a{b}.c"], ("src/[id].ts", "a{b}.c")),
        (["[x] a.py", "* b.py"], ("a.py", "b.py")),
        (["none", "TBD", "", None, 3, True], ()),
        (None, ()),
        (7, ()),
    ],
)
def test_artefacts_are_read_in_whatever_form_they_are_written(value: Any, expected: tuple[str, ...]) -> None:
    assert texts(value) == expected


def test_what_only_the_result_names_is_a_claim_too() -> None:
    claims = claims_of({"artefacts": ["a.py"], "result": {"artefacts": ["a.py (new)", "b.py"], "summary": "x"}})
    assert (claims.texts, claims.declared) == (("a.py", "b.py"), 1)
    assert claims_of({"result": {"artifacts_created": ["c.md (528 lines)"]}}).texts == ("c.md (528 lines)",)


def test_artifacts_is_the_same_word() -> None:
    assert claims_of({"artifacts": ["a.py"]}).texts == ("a.py",)


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({"project": "quay"}, "quay"),
        ({"context": {"project": "quay"}}, "quay"),
        ({"project": "../quay"}, None),
        ({"project": ".git"}, None),
        ({"project": "a/b"}, None),
        ({"project": ["quay"]}, None),
        ({}, None),
    ],
)
def test_the_project_of_a_task_is_a_plain_name(document: dict[str, Any], expected: str | None) -> None:
    assert claims_of(document | {"artefacts": ["a"]}).project == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("docs/a.md", ("docs/a.md",)),
        ("./docs//a.md", ("docs/a.md",)),
        ("docs/x/../a.md", ("docs/a.md",)),
        ("docs/", ("docs",)),
        ("docs/a.md (extended)", ("docs/a.md (extended)", "docs/a.md")),
        ("docs/a.md - the guide", ("docs/a.md - the guide", "docs/a.md")),
        ("docs/a.md: the guide", ("docs/a.md: the guide", "docs/a.md")),
        ("src/a.py:12-40", ("src/a.py:12-40", "src/a.py")),
        ("src/a.py#L12", ("src/a.py#L12", "src/a.py")),
        ("`src/a.py` and more", ("src/a.py",)),
        ('"src/a b.py"', ("src/a b.py",)),
        ("[the guide](docs/a.md)", ("docs/a.md",)),
        ("/w/space/docs/a.md", ("docs/a.md",)),
        ("file:///w/space/docs/a%20b.md", ("docs/a b.md",)),
        ("docs\\a.md", ("docs/a.md",)),
        ("Makefile", ("Makefile",)),
        ("a (1).txt", ("a (1).txt", "a")),
    ],
)
def test_a_text_names_places_with_the_likeliest_first(text: str, expected: tuple[str, ...]) -> None:
    assert paths(text) == expected


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("../a.md", "outside"),
        ("docs/../../a.md", "outside"),
        ("/etc/passwd", "outside"),
        ("/w/spaceship/a.md", "outside"),
        ("~/a.md", "outside"),
        ("C:\\a.md", "outside"),
        ("file:///etc/passwd", "outside"),
        ("https://example.org/a.md", "refused"),
        ("tests for the script (following directives 016, 017)", "refused"),
        ("/w/space", "refused"),
        (".", "refused"),
    ],
)
def test_what_is_no_path_below_the_workspace_is_not_looked_for(text: str, state: State) -> None:
    target = target_of(text, WORKSPACE)
    assert (target.paths, target.refused) == ((), state)
    assert target.reason


@given(st.text(max_size=80))
def test_no_text_leads_out_of_the_workspace(text: str) -> None:
    target = target_of(text, WORKSPACE)
    for path in target.paths:
        assert path and not path.startswith("/")
        assert ".." not in path.split("/")
    assert bool(target.paths) != bool(target.refused)


HOSTILE = [
    "{,,,,,,,,,," * 90,
    "{a,b}" * 190,
    "a" + " " * 990 + "b",
    "[" * 990,
    "`" * 990,
    "a" + " (" * 490,
    "a" + ":1" * 490,
    "x:" + "1" * 990,
    "../" * 300 + "a",
]


@pytest.mark.timeout(20)  # anything that grows faster than the text takes minutes
@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_take_no_longer_than_others(text: str) -> None:
    for claim in claims_of({"artefacts": [text] * 3 + [f"{text}{number}" for number in range(197)]}).texts:
        target_of(claim, WORKSPACE)
        is_pattern(claim)


def test_no_more_claims_are_kept_than_somebody_would_read() -> None:
    claims = claims_of({"artefacts": [f"a{number}" for number in range(5_000)], "result": {"artefacts": ["b"]}})
    assert len(claims.texts) == claims.declared == 200


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [("a/*.md", True), ("a/?.md", True), ("a/[bc].md", True), ("a/**/b", True), ("a/b.md", False), ("a/[].md", False)],
)
def test_wildcards_are_told_from_names(pattern: str, expected: bool) -> None:
    assert is_pattern(pattern) is expected


def test_work_began_at_the_first_time_that_is_one() -> None:
    assert began_at(None, "soon", "2026-02-01T10:00:00+02:00") == datetime(2026, 2, 1, 8, tzinfo=UTC)
    assert began_at("2026-02-01") == datetime(2026, 2, 1, tzinfo=UTC)
    assert began_at(None, "last week") is None


@pytest.mark.parametrize(
    ("size", "mtime", "expected"),
    [(0, 200, "empty"), (5, 200, "present"), (5, 100, "present"), (5, 99, "unchanged"), (0, 99, "empty")],
)
def test_a_file_is_empty_or_old_or_present(size: int, mtime: int, expected: State) -> None:
    began = datetime.fromtimestamp(100, UTC)
    assert state_of(size, mtime * 1_000_000_000, began) == expected


def test_without_a_beginning_nothing_is_old() -> None:
    assert state_of(5, 0, None) == "present"


def test_empty_and_unchanged_files_are_there_nevertheless() -> None:
    states: list[State] = ["present", "empty", "unchanged", "missing", "outside", "refused"]
    counts = count([Artefact(str(number), state, True) for number, state in enumerate(states)])
    assert (counts.total, counts.present, counts.empty, counts.missing, counts.unchanged, counts.refused) == (
        6, 3, 1, 1, 1, 2,
    )  # fmt: skip
    assert counts.total == counts.present + counts.missing + counts.refused


def test_a_plain_path_is_a_target_as_it_is() -> None:
    assert target_of("a/b.py", WORKSPACE) == Target(("a/b.py",))
