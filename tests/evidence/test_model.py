"""How a task's claims are read from its document, which paths they may mean, and the states of what is found."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_service.evidence.model import ClaimEvidence, State, count_states, state_of, work_began
from llm_service.evidence.paths import is_pattern, reading_of
from llm_service.tasks.claims import claims_of

WORKSPACE = "/w/space"


def texts(value: Any) -> tuple[str, ...]:
    return claims_of({"artefacts": value}).texts


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (["a.py", "b/c.md"], ("a.py", "b/c.md")),
        (["a.py", "a.py"], ("a.py",)),
        ("a.py", ("a.py",)),
        ("a.py, b.py", ("a.py", "b.py")),
        ("src/a.py docs/x.md", ("src/a.py", "docs/x.md")),
        ("src/a.py; docs/x.md", ("src/a.py", "docs/x.md")),
        ("- a.py\n- b.py\n", ("a.py", "b.py")),
        ("one file, and another", ("one file, and another",)),
        ([{"path": "a.py", "why": "the query"}], ("a.py",)),
        ([{"src/a.py": "the query"}], ("src/a.py",)),
        ([{"src/a.py": {"description": "d", "lines": 10}}], ("src/a.py",)),
        ([{"name": "A module", "location": "src/a.py"}], ("src/a.py",)),
        ([{"name": "src/a.py", "description": "A module"}], ("src/a.py",)),
        ([{"filepath": "src/a.py", "type": "code"}], ("src/a.py",)),
        ([{"type": "file", "path": ["src/a.py", "src/b.py"]}], ("src/a.py", "src/b.py")),
        ([{"dir": "docs/", "files": ["x.md", "guide.md"]}], ("docs/x.md", "docs/guide.md")),
        ([{"docs/": ["x.md", "y.md"]}], ("docs/x.md", "docs/y.md")),
        ([{"path": "src/a.py", "status": "deleted"}], ()),
        ({"code": ["a.py"], "docs": "b.md"}, ("a.py", "b.md")),
        (["src/{a,b}/{c,d}.py"], ("src/{a,b}/{c,d}.py",)),
        (["src/[id].ts", "a{b}.c"], ("src/[id].ts", "a{b}.c")),
        (["[x] a.py", "* b.py"], ("a.py", "b.py")),
        (["docs/two words.md"], ("docs/two words.md",)),
        (["none", "TBD", "", None, 3, True], ()),
        (None, ()),
        (7, ()),
    ],
)
def test_claims_are_read_in_all_forms(value: Any, expected: tuple[str, ...]) -> None:
    assert texts(value) == expected


def test_a_file_that_only_the_result_names_is_a_claim() -> None:
    claims = claims_of({"artefacts": ["a.py"], "result": {"artefacts": ["a.py", "b.py"], "summary": "x"}})
    assert (claims.texts, claims.declared) == (("a.py", "b.py"), 1)
    assert claims_of({"result": {"artifacts_created": ["c.md (528 lines)"]}}).texts == ("c.md (528 lines)",)


@pytest.mark.parametrize(
    "key",
    ["artifacts", "deliverables", "files_created", "artefacts_created", "artefacts_modified", "artifacts_created",
     "artifacts_modified"],
)  # fmt: skip
def test_other_keys_name_files_too(key: str) -> None:
    assert claims_of({key: ["a/b.py"]}).texts == ("a/b.py",)
    claims = claims_of({"artefacts": ["x.py"], "result": {key: ["a/b.py"]}})
    assert (claims.texts, claims.declared) == (("x.py", "a/b.py"), 1)


def test_deliverables_that_are_no_files_are_no_claims() -> None:
    listed = {
        "primary": [{"file": "docs/design.md", "status": "Proposed", "description": "The design, its trade-offs"}],
        "supporting": [{"Component Diagram": "Visualize it"}, "Unit tests", "New formats/schemas if needed", "src/b/"],
    }
    assert claims_of({"deliverables": listed}).texts == ("docs/design.md", "src/b/")


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({"project": "quay"}, ("quay",)),
        ({"context": {"project": "quay"}}, ("quay",)),
        ({"project": "../quay"}, ("quay",)),
        ({"project": ".git"}, ()),
        ({"project": ".."}, ()),
        ({"project": "a/b"}, ("b",)),
        ({"project": ["quay"]}, ("quay",)),
        ({"project": {"name": "quay"}, "tags": ["pier"]}, ("quay", "pier")),
        ({}, ()),
    ],
)
def test_the_project_of_a_task_is_a_plain_name(document: dict[str, Any], expected: tuple[str, ...]) -> None:
    assert claims_of(document | {"artefacts": ["a"]}).projects == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("docs/a.md", ("docs/a.md",)),
        ("./docs//a.md", ("docs/a.md",)),
        ("docs/x/../a.md", ("docs/a.md",)),
        ("docs/", ("docs",)),
        ("/w/space/docs/a.md", ("docs/a.md",)),
        ("file:///w/space/docs/a%20b.md", ("docs/a b.md",)),
        ("docs\\a.md", ("docs\\a.md", "docs/a.md")),
        ("Makefile", ("Makefile",)),
    ],
)
def test_the_likeliest_path_of_a_claim_comes_first(text: str, expected: tuple[str, ...]) -> None:
    found = [path for path in reading_of(text, WORKSPACE).paths if "%" not in path]
    assert tuple(found[: len(expected)]) == expected


@pytest.mark.parametrize(
    "text",
    [
        "../a.md",
        "docs/../../a.md",
        "/etc/passwd",
        "/w/spaceship/a.md",
        "~/a.md",
        "C:\\a.md",
        "file:///etc/passwd",
        "/w/space",
    ],
)
def test_a_path_that_is_not_below_the_workspace_is_outside(text: str) -> None:
    reading = reading_of(text, WORKSPACE)
    assert reading.is_outside and not reading.is_path and reading.reason == "it is outside the workspace"


@given(st.text(max_size=80) | st.text("./\\~ab:%2e{},*", max_size=30))
def test_no_text_leads_out_of_the_workspace(text: str) -> None:
    reading = reading_of(text, WORKSPACE)
    for path in (*reading.paths, *reading.files, *reading.alternatives):
        assert path and not path.startswith("/")
        assert ".." not in path.split("/")


HOSTILE = [
    "{,,,,,,,,,," * 90,
    "{a,b}" * 190,
    "a" + " " * 990 + "b",
    "[" * 990,
    "`" * 990,
    "*a" * 490,
    "_a " * 330,
    "(a" * 490,
    "](" * 490,
    "a" + " (" * 490,
    "a" + ":1" * 490,
    "x:" + "1" * 990,
    "../" * 300 + "a",
    "a.b/" * 240,
    "a.b " * 240,
    "“a" * 490,
    "->" * 490,
    "文a.b" * 240,
]


@pytest.mark.timeout(60)  # anything that grows faster than the text takes minutes
@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_take_no_longer_than_others(text: str) -> None:
    for claim in claims_of({"artefacts": [text] * 3 + [f"{text}{number}" for number in range(197)]}).texts:
        reading = reading_of(claim, WORKSPACE)
        assert len(reading.paths) + len(reading.files) <= 200
        is_pattern(claim)


def test_the_number_of_claims_is_limited() -> None:
    claims = claims_of({"artefacts": [f"a{number}" for number in range(5_000)], "result": {"artefacts": ["b"]}})
    assert len(claims.texts) == claims.declared == 200


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [("a/*.md", True), ("a/?.md", True), ("a/[bc].md", True), ("a/**/b", True), ("a/b.md", False), ("a/[].md", False)],
)
def test_patterns_are_recognised(pattern: str, expected: bool) -> None:
    assert is_pattern(pattern) is expected


def began(*times: str) -> float | None:
    keys = ("started_at", "assigned_at", "created_at")
    claims = claims_of({"artefacts": ["a.py"]} | dict(zip(keys, times, strict=False)))
    return work_began(claims.began, datetime(2026, 6, 1, tzinfo=UTC).timestamp())


def at(*parts: int) -> float:
    return datetime(*parts, tzinfo=UTC).timestamp()  # type: ignore[arg-type, misc]


def test_work_began_at_the_first_text_that_is_a_time() -> None:
    assert began("2026-02-01T10:00:00+02:00") == at(2026, 2, 1, 8)
    assert began("soon", "2026-02-01T10:00:00Z") == at(2026, 2, 1, 10)
    assert began("last week") is None


def test_a_time_without_a_zone_may_be_of_any() -> None:
    # The zone that is farthest ahead is UTC+14 (Kiribati): https://www.iana.org/time-zones
    assert began("2026-02-01T10:00:00") == at(2026, 1, 31, 20)
    assert began("2026-02-01") == at(2026, 1, 31, 10)


def test_a_time_that_is_to_come_is_no_beginning() -> None:
    assert began("2026-12-01T00:00:00Z", "2026-05-01T00:00:00Z") == at(2026, 5, 1)
    assert began("2026-12-01T00:00:00Z") is None


@pytest.mark.parametrize(
    ("size", "changed", "expected"),
    [(0, 200, "empty"), (5, 200, "present"), (5, 100, "present"), (5, 99, "unchanged"), (0, 99, "empty")],
)
def test_a_file_is_empty_unchanged_or_present(size: int, changed: int, expected: State) -> None:
    assert state_of("a.md", size, changed * 1_000_000_000, 100.0) == expected


def test_without_a_start_no_file_is_unchanged() -> None:
    assert state_of("a.md", 5, 0, None) == "present"


def test_empty_and_unchanged_files_count_as_present() -> None:
    states: list[State] = ["present", "empty", "unchanged", "missing", "outside", "refused", "unknown"]
    counts = count_states([ClaimEvidence(str(number), state, True) for number, state in enumerate(states)])
    assert (counts.total, counts.present, counts.empty, counts.missing, counts.unchanged, counts.refused) == (
        7, 3, 1, 1, 1, 3,
    )  # fmt: skip
    assert counts.total == counts.present + counts.missing + counts.refused
