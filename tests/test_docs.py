"""Every path and every name of a module that the documents and the docstrings mention exists."""

from __future__ import annotations

import ast
import functools
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src/llm_service"
PAGES = sorted(
    path.relative_to(ROOT).as_posix()
    for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("examples/*.md"), ROOT / "work/README.md"]
)
SOURCES = sorted(
    path.relative_to(ROOT).as_posix()
    for folder in ("src", "tests", "scripts", "benchmarks", "examples")
    for path in (ROOT / folder).rglob("*.py")
)
FOLDERS = "src|tests|docs|static|scripts|benchmarks|examples|deploy"
CODE = re.compile(r"`([^`\n]+)`")
FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
PATH = re.compile(rf"(?:{FOLDERS})/[\w./*<>@-]*|(?:[\w<>*-]+/)*[\w<>*-]+\.(?:py|js|mjs|css)(?![\w])")
"""A path below one of our folders, or a module, with or without its folder. `<name>` and `*` stand for any name."""
COMMENT_PATH = re.compile(
    r"(?<![\w./-])(?:src/llm_service|tests|scripts|benchmarks|static|docs)/[\w/-]+\.(?:py|js|md|css)\b"
)
COMMENT_MODULE = re.compile(r"(?<![\w./*{-])(?:\w+/)*\w+\.py\b")
NAMED = re.compile(r"`([\w/]+\.py)` `([A-Za-z_]\w*(?:\.\w+)?)`")
"""A module, and behind it the class, function or method that is meant."""
TYPE_IN = re.compile(r"`([A-Z]\w*)` in `([\w/]+\.py)`")
SAMPLES = {
    "docs/guide.md", "docs/plan.md", "src/app.py", "src/a.py", "b/src/a.py", "src/sub/c.py",
    "docs/plans/tide-import.md", "scripts/plan_orchestrator.py",
}  # fmt: skip
"""Paths of agents and other programs that pages and docstrings name."""


def exists(path: str, page: Path) -> bool:
    """True if a path or the name of a module is that of a file of ours."""
    pattern = re.sub(r"<[^>]*>", "*", path)
    return is_ours(pattern) or is_beside(pattern, page.parent)


@functools.cache
def is_ours(pattern: str) -> bool:
    """True for a file's name anywhere in the package or the page, or for a path below one of our folders."""
    if "/" in pattern:
        return any(is_beside(pattern, base) for base in (ROOT, PACKAGE, PACKAGE.parent))
    return any((ROOT / "static" if pattern.endswith((".js", ".mjs", ".css")) else PACKAGE).rglob(pattern))


@functools.cache
def is_beside(pattern: str, folder: Path) -> bool:
    """True if there is such a path below the folder."""
    return any(folder.glob(pattern.rstrip("/")))


OF_WORKSPACES = ("docs/plans/", "docs/plan-outputs/")
"""Folders of a user's workspace, not of this repository."""


def is_of_workspace(path: str) -> bool:
    """True for a path in a user's workspace."""
    return f"{path}/".startswith(OF_WORKSPACES)


def comments(source: str) -> Iterator[str]:
    """The comments and docstrings of a module."""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT or (token.type == tokenize.STRING and token.string.startswith('"""')):
            yield token.string


def defined(module: str) -> set[str]:
    """The classes and functions of a module, and the methods as `Class.method`; nothing for a missing module."""
    path = PACKAGE / re.sub(r"^(src/)?llm_service/", "", module)
    tree = ast.parse(path.read_text(encoding="utf-8") if path.exists() else "")
    kinds = (ast.ClassDef, ast.FunctionDef)
    names = {node.name for node in tree.body if isinstance(node, kinds)}
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            names |= {f"{node.name}.{inner.name}" for inner in node.body if isinstance(inner, kinds)}
    return names


@pytest.mark.parametrize("page", PAGES)
def test_every_path_of_a_page_exists(page: str) -> None:
    text = FENCED.sub("", (ROOT / page).read_text(encoding="utf-8"))
    paths = {path for code in CODE.findall(text) for path in PATH.findall(code) if not code.startswith(("/", "http"))}
    paths -= {path for path in paths if not re.search(r"\w", path)}
    missing = [
        path
        for path in sorted(paths)
        if path not in SAMPLES and not is_of_workspace(path) and not exists(path, ROOT / page)
    ]
    assert missing == []


@pytest.mark.parametrize("page", PAGES)
def test_every_function_that_a_page_names_is_in_its_module(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    named = [*NAMED.findall(text), *((module, name) for name, module in TYPE_IN.findall(text))]
    missing = [f"{module}: {name}" for module, name in named if name not in defined(module)]
    assert missing == []


def test_every_path_in_a_comment_or_docstring_exists() -> None:
    missing = []
    for source in SOURCES:
        for text in comments((ROOT / source).read_text(encoding="utf-8")):
            paths = set(COMMENT_PATH.findall(text))
            if not source.startswith("tests/"):  # where docstrings name files of samples
                paths.update(COMMENT_MODULE.findall(text))
            for path in paths - SAMPLES:
                if not is_of_workspace(path) and not exists(path, ROOT / source):
                    missing.append(f"{source}: {path}")
    assert missing == []


def test_every_folder_of_the_package_is_on_the_page_about_architecture() -> None:
    text = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    folders = [path.name for path in PACKAGE.iterdir() if (path / "__init__.py").exists()]
    assert [name for name in folders if f"| `{name}/` |" not in text] == []
