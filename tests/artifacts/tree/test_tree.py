"""The tree of artifacts: what it takes, what it sums, what it shows, page by page."""

from __future__ import annotations

import os
import random
import stat
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_service.artifacts.contents.languages import TYPES
from llm_service.artifacts.model import Artifact, ArtifactQuery, FolderShown
from llm_service.artifacts.tree import records
from llm_service.artifacts.tree.folder import Change
from llm_service.artifacts.tree.listing import FolderListing
from llm_service.artifacts.tree.tree import ArtifactTree
from llm_service.errors import BadRequest, NotFound

START_NS = 1_800_000_000_000_000_000
HOUR_NS = 3_600_000_000_000


class Clock:
    """Time that moves when it is published to."""

    def __init__(self) -> None:
        self.now_ns = START_NS

    def __call__(self) -> int:
        return self.now_ns


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def tree(clock: Clock) -> ArtifactTree:
    return ArtifactTree(lambda: "inotify", clock)


_inodes = iter(range(1, 10_000_000))


def record(
    size: int = 10, at_ns: int = START_NS - HOUR_NS, now_ns: int = START_NS, inode: int = 0, mode: int = stat.S_IFREG
) -> bytes:
    status = os.stat_result((mode, inode or next(_inodes), 0, 1, 0, 0, size, 0, at_ns // 10**9, 0))
    timed: Any = _Timed(status, at_ns)
    return records.record_of(timed, now_ns, 1_000_000)


class _Timed:
    def __init__(self, status: os.stat_result, at_ns: int) -> None:
        self.st_ino, self.st_size, self.st_mode, self.st_mtime_ns = status.st_ino, status.st_size, status.st_mode, at_ns
        self.st_ctime_ns = at_ns
        self.st_nlink = status.st_nlink


def listing(*names: str, folders: tuple[str, ...] = (), **more: bytes) -> FolderListing:
    return FolderListing({name: record() for name in names} | more, list(folders))


def take(tree: ArtifactTree, path: str, found: FolderListing | None, **more: Any) -> Change:
    change = tree.apply_folder(path, found, **more)
    assert change is not None
    return change


def shown(tree: ArtifactTree, project: str) -> Any:
    found = tree.project(project)
    assert found is not None
    return found


def fill(tree: ArtifactTree, files: dict[str, bytes]) -> None:
    """Take a whole tree of these files, folder by folder from above."""
    folders: dict[str, FolderListing] = {}
    for path, packed in files.items():
        folder, _, name = path.rpartition("/")
        folders.setdefault(folder, FolderListing()).files[name] = packed
        while "/" in folder:
            above, _, inner = folder.rpartition("/")
            known = folders.setdefault(above, FolderListing())
            if inner not in known.folders:
                known.folders.append(inner)
            folder = above
    for folder in sorted(folders, key=lambda path: path.count("/")):
        take(tree, folder, folders[folder])


# What it takes


def test_a_folder_whose_parent_is_not_known_is_not_taken(tree: ArtifactTree) -> None:
    assert tree.apply_folder("p/src", listing("a.py")) is None
    assert tree.apply_file("p/a.py", record()) is None
    assert tree.projects() == []


def test_what_a_look_found_is_published_by_name_and_what_left_with_what_it_was(tree: ArtifactTree) -> None:
    kept, left = record(), record()
    take(tree, "p", FolderListing({"kept": kept, "left": left, "changed": record()}))
    tree.set_loaded()
    change = take(tree, "p", FolderListing({"kept": kept, "changed": record(), "new": record()}))
    assert (change.created, change.updated, change.removed) == (["new"], ["changed"], 1)
    assert [name for name, _ in change.removed_files] == ["left"]
    assert not take(tree, "p", FolderListing(dict(tree.top.child("p").files)))  # type: ignore[union-attr]


def test_a_folder_that_is_gone_takes_all_in_it_along(tree: ArtifactTree) -> None:
    fill(tree, {"p/a": record(), "p/x/b": record(), "p/x/y/c": record(), "p/x/y/d": record()})
    change = take(tree, "p", FolderListing({"a": tree.record_at("p/a") or b""}))
    assert (change.removed, sorted(change.gone)) == (3, ["p/x", "p/x/y"])
    assert (shown(tree, "p").files, shown(tree, "p").folders) == (1, 0)


def test_a_project_that_is_gone_is_gone_with_its_sums(tree: ArtifactTree) -> None:
    fill(tree, {"p/a": record(), "p/x/b": record()})
    change = take(tree, "p", None)
    assert (change.project, change.removed) == ("p", 2)
    assert tree.project("p") is None
    assert tree.projects() == []


def test_a_file_takes_the_place_of_a_folder(tree: ArtifactTree) -> None:
    fill(tree, {"p/x/b": record(), "p/x/c": record()})
    change = tree.apply_file("p/x", record())
    assert change is not None
    assert (change.created, change.removed, change.gone) == (["x"], 2, ["p/x"])
    assert (shown(tree, "p").files, shown(tree, "p").folders) == (1, 0)


def test_a_folder_takes_the_place_of_a_file(tree: ArtifactTree) -> None:
    fill(tree, {"p/x": record(), "p/y": record()})
    change = take(tree, "p/x", listing("b"))
    assert (change.created, change.removed) == (["b"], 1)
    assert tree.record_at("p/x") is None
    assert (shown(tree, "p").files, shown(tree, "p").folders) == (2, 1)


def test_a_file_hinted_at_is_taken_as_written_again_only_while_its_time_is_too_young_to_tell(
    tree: ArtifactTree,
) -> None:
    young, old = record(at_ns=START_NS - 1_000), record()
    take(tree, "p", FolderListing({"young": young, "old": old}))
    tree.set_loaded()
    again = FolderListing({"young": young, "old": old})
    assert not take(tree, "p", again)
    assert take(tree, "p", again, hinted=("young", "old")).updated == ["young"]
    change = tree.apply_file("p/old", old)
    assert change is not None and not change


def test_the_lines_of_a_file_seen_again_while_it_was_young_are_counted_again(tree: ArtifactTree) -> None:
    young = record(at_ns=START_NS - 1_000, inode=7)
    take(tree, "p", FolderListing({"a": young}))
    tree.set_loaded()
    tree.apply_count("p/a", young, 5, None)
    assert shown(tree, "p").uncounted == 0
    take(tree, "p", FolderListing({"a": record(at_ns=START_NS - 1_000, now_ns=START_NS + HOUR_NS, inode=7)}))
    assert (shown(tree, "p").uncounted, shown(tree, "p").lines) == (1, 5)
    tree.apply_count("p/a", young, 9, None)
    take(tree, "p", FolderListing({"a": record(at_ns=START_NS - 1_000, now_ns=START_NS + HOUR_NS, inode=7)}))
    assert (shown(tree, "p").uncounted, shown(tree, "p").lines) == (0, 9)


def test_a_folder_that_could_not_be_listed_has_nothing_that_is_known(tree: ArtifactTree) -> None:
    fill(tree, {"p/a": record(), "p/x/b": record()})
    change = take(tree, "p/x", FolderListing(refused="p/x cannot be read: Permission denied."))
    assert change.removed == 1
    assert shown(tree, "p").files == 1


# Lines


def test_lines_written_are_what_new_files_have_and_what_others_grew_by(tree: ArtifactTree, clock: Clock) -> None:
    there = record()
    take(tree, "p", FolderListing({"there": there}))
    tree.set_loaded()
    tree.apply_count("p/there", there, 100, None)
    assert (shown(tree, "p").lines, shown(tree, "p").lines_written) == (100, 0)
    clock.now_ns += 1_000_000
    new, longer = record(at_ns=clock.now_ns), record(at_ns=clock.now_ns)
    tree.apply_file("p/new", new)
    tree.apply_file("p/there", longer)
    tree.apply_count("p/new", new, 20, None)
    tree.apply_count("p/there", longer, 103, None)
    assert (shown(tree, "p").lines, shown(tree, "p").lines_written) == (123, 23)
    clock.now_ns += HOUR_NS
    shorter = record(at_ns=clock.now_ns)
    tree.apply_file("p/there", shorter)
    tree.apply_count("p/there", shorter, 3, None)
    assert (shown(tree, "p").lines, shown(tree, "p").lines_written) == (23, 23)


def test_lines_per_hour_are_those_of_the_last_sixty_minutes(tree: ArtifactTree, clock: Clock) -> None:
    take(tree, "p", FolderListing())
    tree.set_loaded()
    for number in range(3):
        clock.now_ns += HOUR_NS // 2
        packed = record(at_ns=clock.now_ns)
        tree.apply_file(f"p/{number}", packed)
        tree.apply_count(f"p/{number}", packed, 10, None)
    assert (shown(tree, "p").lines_written, shown(tree, "p").lines_per_hour) == (30, 20)
    clock.now_ns += 2 * HOUR_NS
    assert shown(tree, "p").lines_per_hour == 0


def test_a_file_moved_elsewhere_takes_its_lines_along_and_wrote_none(tree: ArtifactTree, clock: Clock) -> None:
    packed = record()
    fill(tree, {"p/old/a": packed, "p/new/b": record()})
    tree.set_loaded()
    tree.apply_count("p/old/a", packed, 50, None)
    tree.apply_file("p/old/a", None)
    tree.apply_file("p/new/a", packed)
    moved = tree.find("p", "new/a")
    assert moved is not None and moved.lines == 50
    assert (shown(tree, "p").lines, shown(tree, "p").lines_written) == (50, 0)


def test_a_count_of_what_a_file_no_longer_is_does_not_count(tree: ArtifactTree) -> None:
    before, after = record(), record()
    take(tree, "p", FolderListing({"a": before}))
    tree.apply_file("p/a", after)
    assert tree.apply_count("p/a", before, 50, "0" * 64) is None
    found = tree.find("p", "a")
    assert found is not None and (found.lines, found.sha256) == (None, None)
    assert tree.apply_count("p/gone", before, 50, None) is None


def test_what_waits_for_counting_comes_from_the_latest_changed_folder_first(tree: ArtifactTree) -> None:
    fill(
        tree,
        {"p/old/a": record(at_ns=START_NS - 9 * HOUR_NS), "p/new/b": record(), "p/link": record(mode=stat.S_IFLNK)},
    )
    assert [path for path, _ in tree.uncounted()] == ["p/new/b", "p/old/a"]


def test_links_and_special_files_have_no_lines_to_count(tree: ArtifactTree) -> None:
    take(tree, "p", FolderListing({"link": record(mode=stat.S_IFLNK), "fifo": record(mode=stat.S_IFIFO)}))
    assert [tree.find("p", name).kind for name in ("link", "fifo")] == ["link", "special"]  # type: ignore[union-attr]
    assert shown(tree, "p").uncounted == 0


names = st.sampled_from(["a.py", "b.md", "spec.md", "x", "y.json", "docs", "z.PNG", "page.html"])
deep_paths = st.lists(names, min_size=1, max_size=3).map(lambda parts: "/".join(["p", *parts]))


@given(
    steps=st.lists(
        st.tuples(deep_paths, st.sampled_from(["write", "write", "remove", "folder", "drop", "count", "load"])),
        max_size=30,
    )
)
def test_sums_equal_a_recount_whatever_happens(steps: list[tuple[str, str]]) -> None:
    tree = ArtifactTree(clock_ns=Clock())
    take(tree, "p", FolderListing())
    for path, step in steps:
        name = path.rpartition("/")[2]
        if step == "write":
            tree.apply_file(path, record(size=len(path)))
        elif step == "remove":
            tree.apply_file(path, None)
        elif step == "folder":
            tree.apply_folder(path, listing("spec.md", "b.py"))
        elif step == "drop":
            tree.apply_folder(path, None)
        elif step == "load":
            tree.set_loaded()
        else:
            packed = tree.record_at(path)
            if packed is not None:
                tree.apply_count(path, packed, len(name), None)
    files = [
        (folder, name, records.unpack(packed)) for folder in tree.top.below() for name, packed in folder.files.items()
    ]
    sums = shown(tree, "p")
    assert sums.files == len(files)
    assert sums.size_bytes == sum(found.size_bytes for _, _, found in files)
    assert sums.lines == sum(found.known_lines for _, _, found in files)
    assert sums.uncounted == sum(found.counted is None and found.kind == "file" for _, _, found in files)
    assert sums.folders == sum(1 for _ in tree.top.below()) - 2
    kinds = [tree.artifact(folder, name).type for folder, name, _ in files]  # type: ignore[union-attr]
    assert sums.by_type == {kind: kinds.count(kind) for kind in TYPES}
    workflow = [f"{folder.path()}/{name}"[2:] for folder, name, _ in files if name == "spec.md"]
    assert sorted(sums.workflow) == sorted(workflow)


# What it shows


def test_names_that_cannot_be_shown_as_they_are_can_be_asked_for_as_they_are_shown(tree: ArtifactTree) -> None:
    odd = ["caf\udce9", "caf\udcea", "new\nline", "caf\\xe9", "zero\u200bwidth"]
    take(tree, "p\n", FolderListing({name: record() for name in odd}))
    project = tree.projects()[0].name
    page = tree.level(project)
    assert len({artifact.path for artifact in page.files}) == len(odd)
    for artifact in page.files:
        assert artifact.path.isprintable()
        assert tree.find(project, artifact.path) == artifact
        assert tree.raw_path(project, artifact.path).removeprefix("p\n/") in odd
    assert "caf\\xe9" in {artifact.path for artifact in page.files}, "a name that can be shown stays as it is"


def test_what_is_not_there_is_not_found(tree: ArtifactTree) -> None:
    take(tree, "p", listing("a"))
    for ask in (
        lambda: tree.level("q"),
        lambda: tree.level("p", "x"),
        lambda: tree.select(ArtifactQuery(project="q")),
        lambda: tree.raw_path("p", "x"),
        lambda: tree.raw_path("p", "../p/a"),
        lambda: tree.raw_path("", "p/a"),
    ):
        with pytest.raises(NotFound):
            ask()
    assert tree.find("p", "") is None


def test_a_level_shows_folders_with_all_below_them_then_workflow_files_then_the_others(tree: ArtifactTree) -> None:
    fill(tree, {
        "p/zz.py": record(), "p/tasks.md": record(), "p/a.py": record(), "p/Spec.md": record(), "p/plan.md": record(),
        "p/src/a.py": record(), "p/src/deep/b.py": record(), "p/docs/index.html": record(),
    })  # fmt: skip
    level = tree.level("p")
    assert [(folder.name, folder.files) for folder in level.folders] == [("docs", 1), ("src", 2)]
    assert [file.name for file in level.files] == ["Spec.md", "plan.md", "tasks.md", "a.py", "zz.py"]
    assert level.counts == {"documentation": 3, "code": 2, "data": 0, "image": 0, "other": 0}
    assert [file.path for file in tree.level("p", "src").files] == ["src/a.py"]
    assert tree.level("p", "docs").files[0].type == "documentation"


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 100])
def test_the_pages_of_a_level_joined_are_the_level(tree: ArtifactTree, limit: int) -> None:
    odd = {"p/caf\udce9": record(), "p/plan.md": record(), "p/dir\n/x": record(), "p/b/x": record()}
    fill(tree, odd | {f"p/{number}": record() for number in range(6)})
    whole = tree.level("p")
    files: list[Artifact] = []
    folders: list[FolderShown] = []
    cursor = None
    while True:
        page = tree.level("p", "", limit, cursor)
        files += page.files
        folders += page.folders
        assert len(page.files) + len(page.folders) <= limit
        cursor = page.cursor
        if cursor is None:
            break
    assert (tuple(files), tuple(folders)) == (whole.files, whole.folders)


def many(tree: ArtifactTree) -> set[str]:
    """Fill it with some hundred files; their paths."""
    chosen = random.Random(3)
    parts = ["src", "Docs", "a b", "c", "x.y", "caf\udce9"]
    endings = ["py", "md", "json", "png", "bin"]
    paths = {
        "/".join([chosen.choice("pq"), *chosen.choices(parts, k=chosen.randint(0, 3)), f"File{number}.{ending}"])
        for number in range(300)
        for ending in chosen.choices(endings)
    }
    fill(tree, {path: record() for path in sorted(paths)})
    return paths


@pytest.mark.parametrize(
    "query",
    [
        ArtifactQuery(),
        ArtifactQuery(project="p"),
        ArtifactQuery(project="p", under="src"),
        ArtifactQuery(project="q", type="code"),
        ArtifactQuery(q="file1"),
        ArtifactQuery(q="DOCS .md"),
        ArtifactQuery(q="src/file"),
        ArtifactQuery(q="b/"),
        ArtifactQuery(project="p", q="src 7", type="documentation"),
        ArtifactQuery(q="nothing of that name"),
        ArtifactQuery(project="p", q="p/"),
    ],
    ids=str,
)
@pytest.mark.parametrize("limit", [1, 17, 500])
def test_a_search_gives_page_by_page_what_looking_at_every_path_gives(
    tree: ArtifactTree, query: ArtifactQuery, limit: int
) -> None:
    expected, counts = set(), dict.fromkeys(TYPES, 0)
    for path in many(tree):
        project, _, inside = path.partition("/")
        text = (path if query.project is None else inside).lower()
        if query.project not in (None, project) or not (f"{inside}/").startswith(query.under):
            continue
        if not inside.startswith(f"{query.under}/" if query.under else ""):
            continue
        if all(word in text for word in query.q.lower().split()):
            ending = path.rpartition(".")[2]
            kind = {"py": "code", "md": "documentation", "json": "data", "png": "image", "bin": "other"}[ending]
            counts[kind] += 1
            if query.type in (None, kind):
                expected.add(path)
    found, cursor, order = [], None, []
    while True:
        page = tree.select(replace(query, limit=limit, cursor=cursor))
        assert page.counts == counts
        assert len(page.artifacts) <= limit
        found += [tree.raw_path(artifact.project, artifact.path) for artifact in page.artifacts]
        order += [tuple(artifact.path.split("/")) for artifact in page.artifacts]
        cursor = page.cursor
        if cursor is None:
            break
    assert len(found) == len(expected)
    assert set(found) == expected
    folders = [tuple(path.split("/")[:-1]) for path in found]
    assert folders == sorted(folders)


def test_a_cursor_still_serves_when_what_it_stands_on_is_gone(tree: ArtifactTree) -> None:
    fill(tree, {f"p/{folder}/{number}": record() for folder in "abc" for number in range(3)})
    first = tree.select(ArtifactQuery(limit=4))
    tree.apply_file("p/b/0", None)
    take(tree, "p/a", None)
    rest = tree.select(ArtifactQuery(limit=100, cursor=first.cursor))
    assert [artifact.path for artifact in rest.artifacts] == ["b/1", "b/2", "c/0", "c/1", "c/2"]


@pytest.mark.parametrize("cursor", ["§", "a", "====", "\udce9"])
def test_what_is_no_cursor_is_refused(tree: ArtifactTree, cursor: str) -> None:
    take(tree, "p", listing("a"))
    with pytest.raises(BadRequest):
        tree.select(ArtifactQuery(cursor=cursor))
    with pytest.raises(BadRequest):
        tree.level("p", cursor=cursor)


def test_times_that_no_calendar_has_are_shown_as_the_nearest_it_has(tree: ArtifactTree) -> None:
    take(tree, "p", FolderListing({"late": record(at_ns=1 << 70), "early": record(at_ns=-(1 << 70))}))
    assert [file.modified_at[:4] for file in tree.level("p").files] == ["1970", "2262"]
    assert shown(tree, "p").changed_at is not None
