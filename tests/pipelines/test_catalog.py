"""What lists are made of: read no more than has changed, and the index, by which the next process begins."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import msgspec
import pytest
from kit.pipelines import TickingClock, reporter_of, write_pipeline

from llm_service.pipelines import catalog, live_catalog, store
from llm_service.pipelines.board import PipelineBoard
from llm_service.pipelines.catalog import Catalog
from llm_service.pipelines.catalog_index import NAME, CatalogIndex
from llm_service.pipelines.live_catalog import LiveCatalog
from llm_service.pipelines.model import PipelineFile
from llm_service.pipelines.queries import PipelineQuery
from llm_service.pipelines.reporter import PipelineReporter
from llm_service.pipelines.store import FileSignature, PipelineStore
from llm_service.pipelines.tool_error import ToolError


@pytest.fixture
def tools(tmp_path: Path) -> PipelineReporter:
    return reporter_of(tmp_path, TickingClock())


@pytest.fixture
def files(tmp_path: Path) -> PipelineStore:
    return PipelineStore(str(tmp_path / "work/pipelines"), "work/pipelines")


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The pipelines whose files are read."""
    found: list[str] = []
    real = store.read_pipeline

    def note(root: Any, pipeline_id: str, shown: str) -> PipelineFile | None:
        found.append(pipeline_id)
        return real(root, pipeline_id, shown)

    monkeypatch.setattr(store, "read_pipeline", note)
    return found


@pytest.fixture
def compared(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The pipelines whose signatures are compared."""
    found: list[str] = []
    real = PipelineStore.signature

    def note(self: PipelineStore, name: str) -> FileSignature | None:
        found.append(name)
        return real(self, name)

    monkeypatch.setattr(PipelineStore, "signature", note)
    return found


def new(tools: PipelineReporter, ticket: str = "T", end: str | None = None) -> str:
    pipeline = str(tools.create_pipeline("ticket_work", ticket_id=ticket)["pipeline_id"])
    if end is not None:
        tools.finish_pipeline(pipeline, end)
    return pipeline


def statuses(known: Any) -> list[str]:
    return [row.status for row in known.rows()]


def test_what_tools_of_others_write_is_there_at_once(tools: PipelineReporter, files: PipelineStore) -> None:
    """Without any comparison of all of them."""
    done = new(tools, end="success")
    one = Catalog(files, clock=lambda: 0.0)
    assert statuses(one.refresh()) == ["success"]
    pipeline = new(tools)
    assert statuses(one.refresh()) == ["created", "success"]
    job = tools.create_pipeline_job(pipeline, "coding", "x", "y", status="running")["job_id"]
    assert statuses(one.refresh()) == ["running", "success"]
    tools.update_pipeline_job(job, status="failed")
    assert statuses(one.refresh()) == ["failed", "success"]
    tools.finish_pipeline(pipeline)
    assert statuses(one.refresh()) == ["failed", "success"]
    shutil.rmtree(f"{files.root}/{done}")
    assert statuses(one.refresh()) == ["failed"]
    shutil.rmtree(files.root)
    assert statuses(one.refresh()) == []


def test_a_folder_whose_file_comes_later_is_noticed(tools: PipelineReporter, files: PipelineStore) -> None:
    text = (Path(files.root) / new(tools) / "pipeline.yaml").read_text()
    early, late = "0b8f3c52-7a41-4d06-9c1e-5f20a4d3aaaa", "0b8f3c52-7a41-4d06-9c1e-5f20a4d3bbbb"
    os.mkdir(f"{files.root}/{early}")
    one = Catalog(files, clock=lambda: 0.0)
    assert len(one.refresh().rows()) == 1
    os.mkdir(f"{files.root}/{late}")
    assert len(one.refresh().rows()) == 1
    for number, name in enumerate((early, late), 2):
        Path(files.root, name, "pipeline.yaml").write_text(text.replace(text.split('"')[1], name))
        assert len(one.refresh().rows()) == number


def test_only_what_changed_is_read(tools: PipelineReporter, files: PipelineStore, read: list[str]) -> None:
    done, running = new(tools, end="success"), new(tools)
    one = Catalog(files, clock=lambda: 0.0)
    one.refresh()
    read.clear()
    one.refresh()
    assert read == []
    tools.create_pipeline_job(running, "coding", "x", "y")
    read.clear()
    one.refresh()
    assert read == [running]
    tools.append_job_log(tools.create_pipeline_job(running, "coding", "x", "y")["job_id"], "x")
    one.refresh()
    read.clear()
    assert one.recheck([done, running]) is False
    edit(files, done, '"T"', '"T-2"')
    assert one.recheck([running]) is False
    assert one.recheck([done, running]) is True
    assert (read, [row.ticket_id for row in one.refresh().rows()]) == ([done], ["T", "T-2"])


def edit(files: PipelineStore, pipeline: str, old: str, new_text: str) -> None:
    """As an editor does it."""
    path = Path(files.root, pipeline, "pipeline.yaml")
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new_text))


def test_what_editors_change_of_finished_ones_is_there_with_the_list_that_shows_it(
    tools: PipelineReporter, tmp_path: Path, files: PipelineStore
) -> None:
    made = [new(tools, f"T-{number}", "success") for number in range(25)]
    other = reporter_of(tmp_path, TickingClock())
    assert other.list_pipelines()["total"] == 25
    edit(files, made[-1], '"success"', '"canceled"')
    assert other.list_pipelines()["pipelines"][0]["status"] == "canceled"
    assert other.list_pipelines(status="success")["total"] == 24


def test_the_others_are_compared_after_a_list_once_a_second(
    tools: PipelineReporter, files: PipelineStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [0.0]
    first, second = new(tools, end="success"), new(tools, end="success")
    one = Catalog(files, clock=lambda: now[0])
    one.refresh()
    edit(files, first, '"success"', '"failed"')
    assert statuses(one.refresh()) == ["success", "success"]
    one.wait()
    now[0] = 1.1
    one.refresh()
    one.wait()
    assert statuses(one.refresh()) == ["success", "failed"]
    edit(files, second, '"success"', '"canceled"')
    one.wait()
    assert statuses(one.refresh()) == ["success", "failed"]
    assert statuses(one.refresh(at_once=True)) == ["success", "failed"], "it was compared just now"
    now[0] = 9.9
    assert statuses(one.refresh(at_once=True)) == ["canceled", "failed"]


def index_of(tmp_path: Path, files: PipelineStore) -> CatalogIndex:
    state = tmp_path / ".llm-service"

    def remake() -> None:
        state.mkdir(exist_ok=True)

    return CatalogIndex(str(state), files, remake)


def indexed(tmp_path: Path, files: PipelineStore, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An index of what there is; its path."""
    monkeypatch.setattr(catalog, "_MANY", 1)
    one = Catalog(files, index_of(tmp_path, files))
    one.refresh()
    one.wait()
    return tmp_path / ".llm-service" / NAME


def test_the_next_process_begins_with_the_index_and_reads_what_has_changed(
    tools: PipelineReporter, tmp_path: Path, files: PipelineStore, monkeypatch: pytest.MonkeyPatch, read: list[str]
) -> None:
    done, running, edited, gone = new(tools, end="success"), new(tools), new(tools, end="success"), new(tools)
    assert not (tmp_path / ".llm-service").exists(), "a few are read in no time"
    assert indexed(tmp_path, files, monkeypatch).stat().st_mode & 0o077 == 0
    tools.create_pipeline_job(running, "coding", "x", "y", status="running")
    edit(files, edited, '"success"', '"failed"')
    shutil.rmtree(f"{files.root}/{gone}")
    late = new(tools)
    read.clear()
    found = Catalog(files, index_of(tmp_path, files)).refresh()
    assert sorted(read) == sorted([running, edited, late])
    assert statuses(found) == ["created", "failed", "running", "success"]
    assert found.rows() == Catalog(files).refresh().rows()
    assert [one.logged for one in found.newest_first()] == [
        one.logged for one in Catalog(files).refresh().newest_first()
    ]
    assert done in [row.id for row in found.rows()]


def test_many_that_were_read_are_written_to_the_index_and_a_few_are_not(
    tools: PipelineReporter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        new(tools, f"T-{number}")
    monkeypatch.setattr(catalog, "_MANY", 4)
    other = reporter_of(tmp_path, TickingClock())
    other.list_pipelines()
    assert not (tmp_path / ".llm-service").exists()
    new(tools)
    other.list_pipelines()
    other._lookup._catalog.wait()  # type: ignore[attr-defined]
    assert {one.name for one in (tmp_path / ".llm-service").iterdir()} == {NAME, ".gitignore"}
    assert {one.name for one in tmp_path.iterdir()} == {"work", ".llm-service"}


def test_what_is_broken_is_not_in_the_index(
    tools: PipelineReporter, tmp_path: Path, files: PipelineStore, monkeypatch: pytest.MonkeyPatch, read: list[str]
) -> None:
    new(tools)
    broken = write_pipeline(tmp_path, "steps: [\n").parent.name
    indexed(tmp_path, files, monkeypatch)
    read.clear()
    assert sorted(statuses(Catalog(files, index_of(tmp_path, files)).refresh())) == ["broken", "created"]
    assert read == [broken]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: b"",
        lambda data: data[:-9],
        lambda data: b"\xc1" * 1_000,
        lambda data: b"\xdd\xff\xff\xff\xff",
        lambda data: b"\x91" * 100_000,
        lambda data: changed(data, "version", "0"),
        lambda data: changed(data, "root", "/elsewhere"),
        lambda data: changed(data, "entries", [["x"]]),
        lambda data: changed(data, "entries", 7),
    ],
)
def test_an_index_that_cannot_be_used_is_none(
    tools: PipelineReporter, tmp_path: Path, files: PipelineStore, monkeypatch: pytest.MonkeyPatch, spoil: Any
) -> None:
    new(tools)
    path = indexed(tmp_path, files, monkeypatch)
    path.write_bytes(spoil(path.read_bytes()))
    assert index_of(tmp_path, files).load() == {}
    assert statuses(Catalog(files, index_of(tmp_path, files)).refresh()) == ["created"]


def changed(data: bytes, name: str, value: Any) -> bytes:
    return msgspec.msgpack.encode(msgspec.msgpack.decode(data) | {name: value})


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("status", "broken"),
        ("status", "obey me"),
        ("path", "../../etc/passwd"),
        ("id", "../x"),
        ("created_at", "never"),
    ],
)
def test_an_entry_that_no_file_could_give_does_not_count(
    tools: PipelineReporter,
    tmp_path: Path,
    files: PipelineStore,
    monkeypatch: pytest.MonkeyPatch,
    field: str,
    value: str,
) -> None:
    pipeline = new(tools)
    path = indexed(tmp_path, files, monkeypatch)
    index = msgspec.msgpack.decode(path.read_bytes())
    index["entries"][0][1]["row"][field] = value
    path.write_bytes(msgspec.msgpack.encode(index))
    assert index_of(tmp_path, files).load() == {}
    [row] = Catalog(files, index_of(tmp_path, files)).refresh().rows()
    assert (row.id, row.status, row.path) == (pipeline, "created", f"work/pipelines/{pipeline}/pipeline.yaml")


def test_an_index_that_is_a_link_is_not_followed_and_none_is_written_where_that_cannot_be(
    tools: PipelineReporter, tmp_path: Path, files: PipelineStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    new(tools)
    path = indexed(tmp_path, files, monkeypatch)
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    assert index_of(tmp_path, files).load() == {}
    refusing = CatalogIndex(str(tmp_path / "nowhere"), files, lambda: "no")
    one = Catalog(files, refusing)
    assert statuses(one.refresh()) == ["created"]
    one.wait()
    assert not (tmp_path / "nowhere").exists()


def test_a_list_compares_only_what_its_answer_depends_on(
    tmp_path: Path, tools: PipelineReporter, files: PipelineStore, compared: list[str]
) -> None:
    made = {name: tools.create_pipeline("ticket_work", "T", project=name)["pipeline_id"] for name in ("a", "b", "c")}
    tools.finish_pipeline(made["c"])
    one = Catalog(files, clock=lambda: 0.0)
    one.refresh()
    for query, expected in (
        (PipelineQuery(), set()),
        (PipelineQuery(project=frozenset("a")), set()),
        (PipelineQuery(status=frozenset(("running",))), {made["a"], made["b"]}),
        (PipelineQuery(status=frozenset(("running",)), project=frozenset("a")), {made["a"]}),
        (PipelineQuery(status=frozenset(("running",)), pipeline_type=frozenset(("sprint_close",))), set()),
        (PipelineQuery(status=frozenset(("running",)), page=7), {made["a"], made["b"]}),
    ):
        compared.clear()
        one.refresh(query)
        assert set(compared) == expected, query


def test_logs_of_many_are_those_of_each(tools: PipelineReporter, files: PipelineStore) -> None:
    with_log, without, gone = new(tools), new(tools), "0b9f4f0e-66a1-8a1b-8c67-5c5a4f2b7c11"
    job = tools.create_pipeline_job(with_log, "coding", "x", "y", status="running")["job_id"]
    tools.append_job_log(job, "An entry.")
    found = Catalog(files).logs([gone, with_log, without])
    assert found == {gone: {}, with_log: files.log_times(with_log), without: {}} and job in found[with_log]


@pytest.mark.parametrize("state", ["created", "running", "failed", "success"])
def test_whoever_changes_a_state_a_list_of_that_state_has_it(
    tools: PipelineReporter, tmp_path: Path, state: str
) -> None:
    """Two processes: one writes, and the other one has listed before."""
    pipeline, other = new(tools), reporter_of(tmp_path, TickingClock())

    def listed() -> dict[str, int]:
        return {one: other.list_pipelines(status=one)["total"] for one in ("created", "running", "failed", "success")}

    assert listed() == {"created": 1, "running": 0, "failed": 0, "success": 0}
    if state != "created":
        job = tools.create_pipeline_job(pipeline, "coding", "x", "y", status="running")["job_id"]
        if state != "running":
            tools.update_pipeline_job(job, status=state)
        if state == "success":
            tools.finish_pipeline(pipeline)
    assert listed() == dict.fromkeys(("created", "running", "failed", "success"), 0) | {state: 1}


def test_a_broken_file_that_is_mended_is_in_the_list_of_its_project(
    tools: PipelineReporter, files: PipelineStore
) -> None:
    """Whatever project it was thought to be of."""
    one = Catalog(files, clock=lambda: 0.0)
    write_pipeline(Path(files.root).parents[1], "steps: [")
    assert statuses(one.refresh()) == ["broken"]
    query = PipelineQuery(status=frozenset(("created",)), project=frozenset(("quay",)))
    mended = "project: quay\npipeline_type: x\nsteps:\n  - {name: a}\n"
    write_pipeline(Path(files.root).parents[1], mended)
    assert statuses(one.refresh(query)) == ["created"]


def test_a_list_without_a_state_has_what_others_changed_of_what_it_shows(
    tools: PipelineReporter, tmp_path: Path
) -> None:
    pipeline, other = new(tools), reporter_of(tmp_path, TickingClock())
    assert [row["status"] for row in other.list_pipelines()["pipelines"]] == ["created"]
    tools.finish_pipeline(pipeline, "canceled")
    assert [row["status"] for row in other.list_pipelines()["pipelines"]] == ["canceled"]


def test_in_a_dashboard_a_log_that_its_tools_wrote_is_a_sign_of_life_at_once(
    tools: PipelineReporter, files: PipelineStore
) -> None:
    pipeline = new(tools)
    job = tools.create_pipeline_job(pipeline, "coding", "x", "y", status="running")["job_id"]
    tools.append_job_log(job, "An entry.")
    known = {job: (1, "2025-11-30T12:00:00.000Z")}
    live = LiveCatalog(files, PipelineBoard(), lambda seconds: True, lambda pipeline: known)
    assert live.logs([pipeline]) == {pipeline: known}, "as the watcher knows them"
    live.wrote(pipeline)
    assert live.logs([pipeline]) == {pipeline: files.log_times(pipeline)} != {pipeline: known}


def test_in_a_dashboard_what_its_tools_wrote_counts_though_the_watcher_is_behind(
    tools: PipelineReporter, files: PipelineStore, read: list[str]
) -> None:
    old, board = new(tools), PipelineBoard()
    seen = Catalog(files).refresh()
    board.load({one.row.id: one for one in seen.newest_first()})
    live = LiveCatalog(files, board, lambda seconds: True, lambda pipeline: {})
    assert live.refresh() is board
    pipeline = new(tools)
    live.wrote(pipeline)
    assert [row.id for row in live.refresh().rows()] == [pipeline, old]
    assert [row.id for row in board.rows()] == [old]
    tools.finish_pipeline(old, "failed")
    live.wrote(old)
    assert statuses(live.refresh()) == ["created", "failed"]
    board.apply({name: files.read(name) for name in (old, pipeline)})
    assert live.refresh() is board
    read.clear()
    assert live.refresh() is board
    assert (read, live.recheck([old])) == ([], False)
    shutil.rmtree(f"{files.root}/{old}")
    live.wrote(old)
    assert [row.id for row in live.refresh().rows()] == [pipeline]


def test_a_dashboard_that_still_reads_says_so(files: PipelineStore) -> None:
    waited: list[float] = []
    with pytest.raises(ToolError) as caught:
        LiveCatalog(files, PipelineBoard(), lambda seconds: bool(waited.append(seconds)), lambda pipeline: {}).refresh()
    assert (caught.value.code, caught.value.what_to_do, waited[0] < 1) == ("BUSY", "Call again in a moment.", True)


def test_only_the_last_that_were_written_are_remembered(
    tools: PipelineReporter, files: PipelineStore, monkeypatch: pytest.MonkeyPatch, read: list[str]
) -> None:
    monkeypatch.setattr(live_catalog, "_MOST_WRITTEN", 2)
    live = LiveCatalog(files, PipelineBoard(), lambda seconds: True, lambda pipeline: {})
    made = [new(tools) for _ in range(3)]
    for pipeline in made:
        live.wrote(pipeline)
    assert [row.id for row in live.refresh().rows()] == made[:0:-1]
