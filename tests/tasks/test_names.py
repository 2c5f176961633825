"""Names and texts of task files are shown as written, in every form in which YAML writes a scalar.

The right value is known without the reader: the generator knows the text that it wrote, and PyYAML's `compose` says
what the text of a node is before any type is given to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from llm_service import files
from llm_service.tasks.board import TaskBoard
from llm_service.tasks.model import LANES, TaskFile
from llm_service.tasks.queries import TaskList, TaskQuery
from llm_service.tasks.reader import TaskSource, details, document_of

Loader: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
RESOLVER = yaml.SafeLoader("")
BOOLEANS = (
    "yes", "Yes", "YES", "no", "No", "NO", "on", "On", "ON", "off", "Off", "OFF",
    "true", "True", "TRUE", "false", "False", "FALSE", "y", "Y", "n", "N",
)  # fmt: skip
FILES = 1_000
FILES_IN_EXAMPLE = 5


@dataclass(frozen=True)
class Scalar:
    """A scalar as it stands in a block mapping after its key, and the text that it means."""

    source: str
    text: str


# What YAML 1.1 gives a type: whole numbers in every base, decimals, booleans, dates and times.
numbers = st.integers(0, 99_999)
PATTERNS = (
    "{}", "{}.{}", "-{}.{}0", "+{}.{}00", "{}.{}e+3", "{}.{}e-07", "{}e5", "0{:o}", "0x{:x}", "0x{:X}", "0b{:b}",
    "{}_{}", "{}:12", "{}:07:59.5", ".{}", "{}.", "00{}", "{}.{}.{}", "v{}", "{:05}-{:05}", "0o{:o}",
)  # fmt: skip
FIXED = (
    *BOOLEANS, ".inf", "-.INF", ".nan", ".NaN", "-0", "+12", "9" * 30, "2.1", "2.10", "0010", "2.50", "1.10.0", "12:30",
    "2001-1-1", "2026-13-45", "2001-12-14t21:59:43.10-05:00", "=", "<<", "null and void", "~user",
)  # fmt: skip
words = st.text(st.characters(categories=["L", "N"], max_codepoint=0x1FFFF), min_size=1, max_size=8)
MARKS = (" ", "-", "  ", "\u00a0", "\u3000", "\u200d", "/", ".", ": #")
texts = st.one_of(
    st.builds(lambda pattern, *parts: pattern.format(*parts), st.sampled_from(PATTERNS), numbers, numbers, numbers),
    st.sampled_from(FIXED),
    st.dates().map(str),
    st.builds(lambda mark, *parts: mark.join(parts), st.sampled_from(MARKS), words, words),
)


@lru_cache(20_000)
def is_plain(text: str) -> bool:
    """True if YAML reads an unquoted text as one scalar with this value that is not null."""
    try:
        node = yaml.compose(f"key: {text}\n", Loader)
    except yaml.YAMLError:
        return False
    value = node.value[0][1]
    is_null = RESOLVER.resolve(yaml.ScalarNode, text, (True, False)) == "tag:yaml.org,2002:null"
    return isinstance(value, yaml.ScalarNode) and value.value == text and not is_null


def double_quoted(text: str) -> str:
    """In double quotes, each character that is not ASCII as an escape."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c.isascii() else f"\\U{ord(c):08x}" for c in escaped) + '"'


def forms(text: str, inner: bool = False) -> list[Scalar]:
    """The scalar in all forms; `inner`: those of one line, which go anywhere."""
    found = ["'" + text.replace("'", "''") + "'", double_quoted(text), f"!!str {double_quoted(text)}"]
    if is_plain(text):
        found += [text, f"!!str {text}", f"! {text}", f"&here {text}", f"{text}  # a remark", f"!!int {text}",
                  f"!!float {text}", f"!!bool {text}", f"!!timestamp {text}"]  # fmt: skip
    if not inner:
        found += [f"{style}\n  {text}\n" for style in ("|", "|-", "|+", ">", ">-", ">+", "|2", "&here |", "!!str >")]
        found += [f"\n  {text}"] if is_plain(text) else []
    return [Scalar(source, text) for source in found]


@dataclass(frozen=True)
class Written:
    """A task file: the sources of its fields, and the texts that they mean."""

    fields: dict[str, Scalar]
    tags: list[Scalar]
    needed: list[Scalar]
    version: Scalar
    key: str

    def text(self) -> str:
        """The file."""
        lines = [f"{key}: {scalar.source}" for key, scalar in self.fields.items()]
        lines.append("tags:" + "".join(f"\n- {tag.source}" for tag in self.tags))
        lines.append("dependencies:" + "".join(f"\n- id: {name.source}" for name in self.needed))
        lines.append(f"context:\n  version: {self.version.source}\n  {self.key}: below")
        return "\n".join(lines) + "\n"


NAMES = ("id", "title", "milestone", "batch", "initiative", "mode", "agent")


def written(found: list[str], date: str, form: int) -> Written:
    """A task file with these texts, each in another form than the one before."""

    def scalar(text: str, inner: bool = False) -> Scalar:
        nonlocal form
        form += 1
        known = forms(text, inner)
        return known[form % len(known)]

    fields = {name: scalar(text) for name, text in zip(NAMES, found, strict=False)} | {"created_at": scalar(date)}
    tags, needed = dict.fromkeys(found[7:10]), dict.fromkeys(found[9:11])
    key = found[11] if is_plain(found[11]) and "#" not in found[11] and found[11] != "<<" else "2.10"
    return Written(
        fields,
        [scalar(text, True) for text in tags],
        [scalar(text, True) for text in needed],
        scalar(found[8], True),
        key,
    )


tasks = st.builds(written, st.lists(texts, min_size=12, max_size=12), st.dates().map(str), st.integers(0, 999))
flow = texts.map(lambda text: text if is_plain(text) and not set(",[]{}:#") & set(text) else double_quoted(text))


def read(folder: Path, name: str, text: str) -> TaskFile:
    """The file, written and read as the follower does."""
    path = folder / "inbox" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    source = TaskSource(str(folder), LANES, 1_048_576)
    with source.folders:
        file = source.read(f"inbox/{name}", None, 0.0)
    assert file is not None
    return file


def shown(file: TaskFile) -> dict[str, Any]:
    """The names of a card."""
    task = file.summary
    names = ("id", "title", "milestone", "batch", "initiative", "mode", "agent", "created_at")
    return {name: getattr(task, name) for name in names} | {"tags": list(task.tags), "needs": list(task.dependencies)}


def expected(written: Written) -> dict[str, Any]:
    """The texts that the generator wrote."""
    needs = [name.text for name in written.needed if name.text.lower() not in ("none", "null", "n/a", "-")]
    return {name: scalar.text for name, scalar in written.fields.items()} | {
        "tags": [tag.text for tag in written.tags], "needs": needs,
    }  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A root of lanes for all examples."""
    return tmp_path_factory.mktemp("names")


@pytest.mark.timeout(600)
@settings(max_examples=FILES // FILES_IN_EXAMPLE, phases=[Phase.explicit, Phase.generate])
@given(st.lists(tasks, min_size=FILES_IN_EXAMPLE, max_size=FILES_IN_EXAMPLE))
def test_names_texts_and_dates_of_1000_files_are_shown_as_written(folder: Path, many: list[Written]) -> None:
    for written in many:
        text = written.text()
        file = read(folder, "task.yaml", text)
        assert file.summary.error is None, (text, file.summary.error)
        assert shown(file) == expected(written), text
        document = details(file)["document"]
        assert document["id"].strip() == written.fields["id"].text
        assert document["context"] == {"version": written.version.text, written.key: "below"}, text
        broken = read(folder, "task.yaml", text.replace("\ncontext:", "\nbroken: [\ncontext:"))
        assert broken.summary.error is not None
        assert shown(broken) == expected(written), text
        assert_is_found_as_written(file, written)


def assert_is_found_as_written(file: TaskFile, written: Written) -> None:
    """Filters and search of a list know the names in the same spelling."""
    board = TaskBoard(document_of, 0.0, 0.0)
    board.load({file.summary.path: file})
    listed = TaskList(board, LANES)
    names = {name: scalar.text for name, scalar in written.fields.items()}
    assert board.get(names["id"]) is not None
    queries = [
        TaskQuery(agent=frozenset([names["agent"]])),
        *(TaskQuery(tag=frozenset([t.text])) for t in written.tags),
    ]
    queries += [TaskQuery(q=names[name]) for name in ("id", "title", "milestone", "batch")]
    for query in queries:
        assert len(listed.select(query).tasks) == 1, query


def as_composed(node: yaml.Node) -> Any:
    """The texts of a node's scalars; None for the scalars that YAML takes for null."""
    if isinstance(node, yaml.SequenceNode):
        return [as_composed(item) for item in node.value]
    if isinstance(node, yaml.MappingNode):
        return {key.value: as_composed(value) for key, value in node.value}
    return None if node.tag == "tag:yaml.org,2002:null" else node.value


@given(st.dictionaries(st.sampled_from("abcdef"), st.lists(flow, max_size=4), min_size=1))
def test_every_scalar_of_a_document_is_the_text_that_pyyaml_composes(lists: dict[str, list[str]]) -> None:
    text = "".join(f"{key}: [{', '.join(items)}]\n" for key, items in lists.items())
    document = files.parse_mapping(text.encode(), as_written=True)
    assert document.value == as_composed(yaml.compose(text, yaml.SafeLoader))
