"""The claims of a task as texts, and the paths that a text may mean."""

from __future__ import annotations

from typing import Any

import pytest

from llm_service.tasks.claims import MAX_CLAIMS, Claims, claims_of, looks_like_path, path_candidates


def texts(value: Any) -> tuple[str, ...]:
    return claims_of({"artefacts": value}).texts


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (["a.py", "b/c.md", "a.py"], ("a.py", "b/c.md")),
        ("a.py, b.py", ("a.py", "b.py")),
        ("a.py,b", ("a.py", "b")),
        ("one file, and another", ("one file, and another",)),
        ("- a.py\n-  b.py\n• c.py\n* d.py", ("a.py", "b.py", "c.py", "d.py")),
        ("[ ] e.py\n[X] f.py\n[x]  g.py", ("e.py", "f.py", "g.py")),
        (["-a.py"], ("-a.py",)),
        (["a b.py, c"], ("a b.py, c",)),
        ([["a.py"], [["b.py"]]], ("a.py", "b.py")),
        ([[[[["too deep"]]]]], ()),
        ([{"path": "a.py", "file": "b.py"}], ("a.py",)),
        *[([{key: "a.py", "why": "x"}], ("a.py",)) for key in ("path", "file", "name", "artefact", "artifact")],
        ([{"location": "a.py"}, {"url": "b.py"}], ("a.py", "b.py")),
        ([{"src/a.py": "the query"}, {"b.md": None}, {"Makefile": "c.py"}], ("src/a.py", "b.md", "c.py")),
        ({"code": ["a.py"], "docs": "b.md", "src/x": ["c"]}, ("a.py", "b.md", "c")),
        ({"a.py": {"path": "b.py"}}, ("b.py",)),
        (["src/{a, b}/{c,d}.py"], ("src/a/c.py", "src/a/d.py", "src/b/c.py", "src/b/d.py")),
        (["src/[id].ts", "a{b}.c", "{,x}y"], ("src/[id].ts", "a{b}.c", "y", "xy")),
        (["None", "n/a", "NULL", "-", "tbd", "ToDo", "~", "", "  ", None, 3, True], ()),
        (["todo.md"], ("todo.md",)),
        (["  a b.py  "], ("a b.py",)),
        (7, ()),
        ([{"path": "a.py,b.py"}], ("a.py,b.py",)),
        ({"src/a": "the query"}, ("src/a",)),
        ({"a": {"b": {"c": {"d": "x.py"}}}}, ("x.py",)),
        ({"a": {"b": {"c": {"d": {"e": "x.py"}}}}}, ()),
    ],
)  # fmt: skip
def test_claims_are_read_in_all_forms(value: Any, expected: tuple[str, ...]) -> None:
    assert texts(value) == expected


def test_both_spellings_of_the_key_are_read_and_the_first_counts() -> None:
    assert claims_of({"artifacts": ["a.py"]}).texts == ("a.py",)
    assert claims_of({"artifacts": ["a.py"], "artefacts": ["b.py"]}).texts == ("b.py",)
    assert (
        claims_of({})
        == claims_of({"artefacts": None, "result": "done"})
        == claims_of({"artefacts": []})
        == Claims((), 0, None)
    )


@pytest.mark.parametrize("key", ["artefacts", "artifacts", "artefacts_completed", "artifacts_created"])
def test_what_only_the_result_names_comes_after_what_the_task_names(key: str) -> None:
    claims = claims_of(
        {"artefacts": ["a.py", "src/"], "result": {key: ["a.py (new)", "src", "b.py"], "summary": "x.py"}}
    )
    assert (claims.texts, claims.declared) == (("a.py", "src/", "b.py"), 2)
    claims = claims_of({"result": {key: "b.py"}})
    assert (claims.texts, claims.declared) == (("b.py",), 0)
    assert claims_of({"result": {key: "a.py, b.py"}}).texts == ("a.py", "b.py")
    assert claims_of({"artefacts": ["aX/"], "result": {key: ["a"]}}).texts == ("aX/", "a")
    assert claims_of({"result": {"summary": "b.py"}}).texts == ()


def test_claims_are_bounded() -> None:
    many = [f"{number}.py" for number in range(1_000)]
    assert texts(many) == tuple(many[:MAX_CLAIMS])
    assert claims_of({"artefacts": many}).declared == MAX_CLAIMS
    assert claims_of({"artefacts": many, "result": {"artefacts": ["x.py"]}}).texts == tuple(many[:MAX_CLAIMS])
    assert claims_of({"artefacts": ["a"], "result": {"artefacts": many}}).texts == ("a", *many[: MAX_CLAIMS - 1])
    assert texts(["none"] * 399 + ["a.py"]) == ("a.py",)
    assert texts(["none"] * 400 + ["a.py"]) == ()
    assert len(texts({f"{number}.py": "x" for number in range(1_000)})) == MAX_CLAIMS
    assert texts("x" * 3_000 + ".py") == ("x" * 1_000,)
    assert texts("\n" * 99_996 + "b.py") == ("b.py",)
    assert texts("\n" * 99_997 + "b.py") == ("b.p",)


def test_braces_that_would_become_more_than_twenty_stay() -> None:
    assert len(texts(["{1,2,3,4,5}{1,2,3,4}"])) == 20
    assert texts(["{1,2,3,4,5,6,7}{1,2,3}"]) == ("{1,2,3,4,5,6,7}{1,2,3}",)


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({"project": "shop"}, "shop"),
        ({"context": {"project": "shop-2.0"}}, "shop-2.0"),
        ({"project": "shop", "context": {"project": "other"}}, "shop"),
        ({"project": "a/b", "context": {"project": "other"}}, "other"),
        ({"project": "two words"}, None),
        ({"project": 7}, None),
        ({"context": "project"}, None),
        ({}, None),
    ],
)
def test_the_project_is_a_plain_name(document: dict[str, Any], expected: str | None) -> None:
    assert claims_of({"artefacts": ["a.py"], **document}).project == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a.py", ["a.py"]),
        (" a.py ", ["a.py"]),
        ("a.py (new)", ["a.py (new)", "a.py"]),
        ("a.py - the query", ["a.py - the query", "a.py"]),
        ("a.py: the query", ["a.py: the query", "a.py"]),
        ("a.py -> b.py", ["a.py -> b.py", "a.py"]),
        ("a.py → b.py (x)", ["a.py → b.py (x)", "a.py"]),
        ("a.py:12", ["a.py:12", "a.py"]),
        ("a.py:12-15", ["a.py:12-15", "a.py"]),
        ("a.py#L3-L7", ["a.py#L3-L7", "a.py"]),
        ("a.py:12 (new)", ["a.py:12 (new)", "a.py:12", "a.py"]),
        ("[the query](src/a.py)", ["src/a.py"]),
        ("`src/a b.py` (new)", ["src/a b.py"]),
        ('"a.py"', ["a.py"]),
        ("```a.py```", ["a.py"]),
        ("' a.py '", ["a.py"]),
        ("https://example.org/a (x)", ["https://example.org/a (x)"]),
        ("mailto:a@b.c - x", ["mailto:a@b.c - x"]),
        ("(new) a", ["(new) a"]),
        ("- a (x)", ["- a (x)", "- a"]),
        (": a", [": a"]),
        ("a (x)", ["a (x)", "a"]),
        ("a.py  (x)", ["a.py  (x)", "a.py"]),
    ],
)
def test_the_paths_that_a_text_may_mean(text: str, expected: list[str]) -> None:
    assert list(path_candidates(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a/b", True), ("a\\b c", True), ("a b.py", True), ("Makefile", True), ("two words", False), ("", False),
        ("a.b c", False), ("all done.", False), ("x/ y", True),
    ],
)  # fmt: skip
def test_a_sentence_does_not_look_like_a_path(text: str, expected: bool) -> None:
    assert looks_like_path(text) is expected
