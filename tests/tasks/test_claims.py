"""The claims of a task as texts, in all forms in which they are written, and the paths that a text may mean."""

from __future__ import annotations

from typing import Any

import pytest

from llm_service import files
from llm_service.tasks.claims import (
    MAX_CLAIMS,
    Claims,
    claims_of,
    looks_like_path,
)


def claims(text: str) -> Claims:
    """The claims of a task file with that text."""
    return claims_of(files.parse_mapping(text.encode(), as_written=True).value)


@pytest.mark.parametrize(
    ("written", "texts"),
    [
        ("a.py", ("a.py",)), ("[a.py, b/c.md]", ("a.py", "b/c.md")), ("[a.py, a.py]", ("a.py",)),
        ("a.py, b.py", ("a.py", "b.py")), ("Makefile, docs/x y.md", ("Makefile, docs/x y.md",)),
        ("one file, and another", ("one file, and another",)),
        ("|\n  - a.py\n  * b.py\n  • c.py\n", ("a.py", "b.py", "c.py")),
        ("['[x] a.py', '[ ] b.py', '[X]  c.py', '-d.py']", ("a.py", "b.py", "c.py", "-d.py")),
        ("['a, b.py']", ("a, b.py",)), ("['a.py\n\n  b.py']", ("a.py", "b.py")),
        ("[{path: a.py, why: x}, {file: b.py}, {name: c.py}, {location: d}, {url: 'https://e/f'}]",
         ("a.py", "b.py", "c.py", "d", "https://e/f")),
        ("[{artefact: a.py, name: b}, {artifact: c.py}]", ("a.py", "c.py")),
        ("[{path: [a.py], file: b.py}]", ("a.py",)),
        ("[{path: 'a.py, b.py'}]", ("a.py", "b.py")), ("{path: a.py}", ("a.py",)),
        ("[src/a.py: the module]", ("src/a.py",)), ("[a.py: the module]", ("a.py",)),
        ("{code: [a.py], docs: b.md}", ("a.py", "b.md")),
        ("{a/: [c.py]}", ("a/c.py",)), ("{a/b: [new, old]}", ("a/b",)),
        ("{code: {new: [a.py], old: {x: [b.py]}}}", ("a.py", "b.py")), ("[[a.py], [[b.py]]]", ("a.py", "b.py")),
        ("[[[[[[a.py]]]]]]", ()), ("{a: {b: {c: {d: {e: {f: x.py}}}}}}", ()), ("[[[{path: a.py}]]]", ("a.py",)),
        ("{a: {b: {c: x.py}}}", ("x.py",)),
        # Numbers and booleans: a name if it is one.
        ("[2.10, 0.5]", ("2.10", "0.5")), ("[3, true, No, ~, 0x10]", ()), ("3", ()), ("2.10", ()), ("yes", ()),
        ("No", ()),
        ("[{path: 2.10}, {path: 7}]", ("2.10", "7")), ("[{file: yes, name: b.py}]", ("b.py",)),
        ("{count: 3, files: [a.py]}", ("a.py",)),
        ("{done: yes, ratio: 0.5, a.py: 2.10}", ("a.py",)),
        # Nothing.
        ("none", ()), ("N/A", ()), ("null", ()), ("'null'", ()), ("[none, TBD, todo, '-', '~', '', n/a]", ()),
        ("[]", ()), ("{}", ()), ("''", ()),
        # What braces and patterns mean is for `evidence` to find out.
        ("['src/{a,b}/{c,d}.py', 'src/[id].ts', 'a, b.c']", ("src/{a,b}/{c,d}.py", "src/[id].ts", "a, b.c")),
    ],
)  # fmt: skip
def test_claims_are_read_in_all_forms(written: str, texts: tuple[str, ...]) -> None:
    assert claims(f"artefacts: {written}\n").texts == texts
    assert claims(f"artifacts: {written}\n") == claims(f"artefacts: {written}\n")


def test_artefacts_come_before_artifacts() -> None:
    assert claims("artifacts: [a.py]\nartefacts: [b.py]\n").texts == ("b.py", "a.py")
    assert claims("artifacts: [a.py]\nartefacts: []\n").texts == ("a.py",)


@pytest.mark.parametrize("key", ["artefacts", "artifacts", "artefacts_completed", "artifacts_created"])
def test_what_only_the_result_names_comes_after_what_the_task_names(key: str) -> None:
    found = claims(f"artefacts: [a.py, docs/ (new)]\nresult:\n  {key}: [a.py, 'b.py:12', b.py]\n")
    assert found == Claims(("a.py", "docs/ (new)", "b.py:12", "b.py"), 2)
    assert claims(f"result: {{{key}: c.md}}\n") == Claims(("c.md",), 0)
    assert claims(f"result: [{key}]\nartefacts: a.py\n") == Claims(("a.py",), 1)


@pytest.mark.parametrize(
    ("written", "projects"),
    [
        ("project: quay", ("quay",)), ("project: 2.10", ("2.10",)), ("context: {project: quay}", ("quay",)),
        ("project: quay\ncontext: {project: other}", ("quay", "other")), ("project: ../quay", ("quay",)),
        ("project: generated_projects/quay/", ("quay",)), ("repo: 'https://example.org/a/quay.git'", ("quay",)),
        ("project: [quay, {name: dock}]", ("quay", "dock")), ("project: my quay", ("my quay",)),
        ("context: 'Project: quay'", ("quay",)), ("tags: [a, quay]", ("a", "quay")),
        ("project: .git", ()), ("context: project", ()), ("x: y", ()),
    ],
)  # fmt: skip
def test_the_names_that_a_task_gives_for_its_project(written: str, projects: tuple[str, ...]) -> None:
    found = claims(f"artefacts: [a]\n{written}\n").projects
    assert found == projects
    assert {type(name) for name in found} <= {str}
    assert claims(f"{written}\n") == Claims()


@pytest.mark.parametrize(
    ("text", "is_path"),
    [("a.py", True), ("Makefile", True), ("a b.py", True), ("docs/a b", True), ("a\\b c", True), ("two words", False),
     ("", False),
     ("a b.toolongextension", False), ("a b.twelve_chars", True), ("a b.", False)],
)  # fmt: skip
def test_a_sentence_does_not_look_like_a_path(text: str, is_path: bool) -> None:
    assert looks_like_path(text) is is_path


def test_the_number_and_the_length_of_claims_are_limited() -> None:
    many = claims_of({"artefacts": [f"a{number}" for number in range(5_000)], "result": {"artefacts": ["b"]}})
    assert len(many.texts) == many.declared == MAX_CLAIMS == 200
    some = claims_of({"artefacts": [f"a{number}" for number in range(199)], "result": {"artefacts": ["b", "c"]}})
    assert (some.texts[-2:], len(some.texts), some.declared) == (("a198", "b"), 200, 199)
    assert claims_of({"artefacts": ["x" * 2_000]}).texts == ("x" * 2_000,)
    assert claims_of({"artefacts": ["x " + "y" * 2_000]}).texts == ("x " + "y" * 998,)
    # Doubled entries do not use up the limit at once, but the entries that are read are limited.
    assert claims_of({"artefacts": ["a"] * 399 + ["b", "c"]}).texts == ("a",)
    assert claims_of({"artefacts": ["", *["a"] * 198, "b"]}).texts == ("a", "b")
    mapping: dict[str, Any] = {f"k{number}": f"v{number}" for number in range(300)}
    assert claims_of({"artefacts": mapping}).texts == tuple(f"v{number}" for number in range(200))
    lines = "\n".join(f"{number:049d}" for number in range(3_000))
    assert len(claims_of({"artefacts": [lines]}).texts) == 200
