"""Log pages: their text, their limits, entries that were begun, and what is cleaned of a sprint."""

from __future__ import annotations

import errno
import os
import re
from pathlib import Path
from typing import Any

import pytest
from kit.pipelines import Clock, file_of, folder_of, refused, reporter_of, write_task

from llm_service.pipelines import log_page
from llm_service.pipelines.limits import MAX_CALL_BYTES, MAX_LOG_BYTES
from llm_service.pipelines.log_page import HEADER, LogPart, LogWriter, read_part
from llm_service.pipelines.reporter import PipelineReporter

FRONT = "---\nexclude_from_embeddings: true\nparent: pipeline-logi\n---\n\n"


def new(tools: PipelineReporter, **more: Any) -> str:
    given: dict[str, Any] = {"ticket_id": "T-1"} | more
    return str(tools.create_pipeline("ticket_work", **given)["pipeline_id"])


def job_in(tools: PipelineReporter, pipeline: str) -> str:
    return str(tools.create_pipeline_job(pipeline, "research", "Read", "backend", status="running")["job_id"])


def page_of(tmp_path: Path, job: str) -> Path:
    return folder_of(tmp_path, f"{job[:-4]}0000") / f"logs/{job}.md"


def test_the_first_call_makes_the_page_and_later_ones_add_sections(
    tools: PipelineReporter, tmp_path: Path, clock: Clock
) -> None:
    job = job_in(tools, new(tools))
    assert tools.get_pipeline_job_log(job) == {"job_id": job, "content": ""}
    tools.append_job_log(job, "# What I read\n\nRFC 5545")
    clock.now += 61
    answer = tools.append_job_log(job, "Ünïcode 😀\n")
    assert answer["message"] == "The entry was added to the log page."
    clock.now += 3600
    tools.append_job_log(job, "last")
    text = "# What I read\n\nRFC 5545\n\n---\n\n**[2025-11-30 12:01 UTC]**\n\nÜnïcode 😀\n"
    text += "\n\n---\n\n**[2025-11-30 13:01 UTC]**\n\nlast"
    assert page_of(tmp_path, job).read_text() == FRONT + text
    assert tools.get_pipeline_job_log(job) == {"job_id": job, "content": text}


def test_the_parent_page_is_made_once(tools: PipelineReporter, tmp_path: Path) -> None:
    parent = tmp_path / "work/pipelines/pipeline-logi.md"
    job = job_in(tools, new(tools))
    assert not parent.exists()
    tools.append_job_log(job, "x")
    assert parent.read_text().startswith("---\nexclude_from_embeddings: true\n---\n")
    parent.write_text("changed by a person")
    tools.append_job_log(job_in(tools, new(tools)), "x")
    assert parent.read_text() == "changed by a person"
    assert sorted(path.name for path in parent.parent.iterdir() if path.is_file()) == ["pipeline-logi.md"]


def test_a_parent_page_that_cannot_be_made_stops_no_log(tools: PipelineReporter, tmp_path: Path) -> None:
    job = job_in(tools, new(tools))
    (tmp_path / "work/pipelines/pipeline-logi.md").symlink_to("/nowhere")
    assert tools.append_job_log(job, "x")["message"] == "The log page was created."


@pytest.mark.parametrize("content", ["", " \n\t", None, b"bytes", 3])
def test_an_entry_is_a_text(tools: PipelineReporter, tmp_path: Path, content: Any) -> None:
    job = job_in(tools, new(tools))
    assert refused(tools.append_job_log, job, content).code == "INVALID"
    assert not page_of(tmp_path, job).exists()


def test_a_call_has_a_limit_in_bytes(tools: PipelineReporter, tmp_path: Path) -> None:
    job = job_in(tools, new(tools))
    error = refused(tools.append_job_log, job, "é" * (MAX_CALL_BYTES // 2) + "x")
    assert (error.code, "262,145" in error.sentence, "262,144" in error.sentence) == ("TOO_LARGE", True, True)
    assert not page_of(tmp_path, job).exists()
    tools.append_job_log(job, "é" * (MAX_CALL_BYTES // 2))
    assert page_of(tmp_path, job).stat().st_size == len(FRONT) + MAX_CALL_BYTES


def test_a_page_has_a_limit(tools: PipelineReporter, tmp_path: Path) -> None:
    job = job_in(tools, new(tools))
    tools.append_job_log(job, "first")
    page = page_of(tmp_path, job)
    section = len("\n\n---\n\n**[2025-11-30 12:00 UTC]**\n\n") + 10
    os.truncate(page, MAX_LOG_BYTES - section)
    tools.append_job_log(job, "x" * 10)
    assert page.stat().st_size == MAX_LOG_BYTES
    before = page.read_bytes()
    error = refused(tools.append_job_log, job, "y")
    assert (error.code, "16,777,216" in error.sentence) == ("TOO_LARGE", True)
    assert page.read_bytes() == before


def test_of_a_large_log_an_agent_gets_the_end(tools: PipelineReporter) -> None:
    job = job_in(tools, new(tools))
    for number in range(6):
        tools.append_job_log(job, f"{number}\n" + "line of a log\n" * 18_000)
    content = tools.get_pipeline_job_log(job)["content"]
    first, _, rest = content.partition("\n\n")
    assert first.startswith("(The first ") and first.endswith(" bytes are left out.)")
    assert rest.startswith("line of a log\n") and rest.endswith("line of a log\n")
    assert 1_000_000 < len(content) < 1_100_000


def test_parts_of_a_page_are_whole_lines_and_join_to_the_page(tools: PipelineReporter, tmp_path: Path) -> None:
    job = job_in(tools, new(tools))
    text = "".join(f"{number} " + "ä😀" * (number % 7) + "\n" for number in range(300)) + "no end" + "é" * 500
    tools.append_job_log(job, text)
    root, pipeline, before, found = str(tmp_path / "work/pipelines"), f"{job[:-4]}0000", None, ""
    while True:
        part = read_part(root, pipeline, job, 97, before)
        assert part is not None
        assert part.start < part.end or part.start == len(FRONT)
        found, before = part.content + found, part.start
        if not part.is_cut:
            break
    assert (found, part.size_bytes) == (text, len(FRONT) + len(text.encode()))


def tail_of(tmp_path: Path, job: str, after: int | None, most: int = 10_000, redact: Any = bytes) -> LogPart:
    root = str(tmp_path / "work/pipelines")
    part = read_part(root, f"{job[:-4]}0000", job, most, None, redact, after)
    assert part is not None
    return part


def test_a_page_is_read_on_from_its_last_entry(tools: PipelineReporter, tmp_path: Path) -> None:
    job = job_in(tools, new(tools))
    tools.append_job_log(job, "one\n\n---\n\nstill one")
    known = tail_of(tmp_path, job, None)
    assert known.last_entry == known.start == len(FRONT)
    tools.append_job_log(job, "two")
    both = tail_of(tmp_path, job, known.last_entry)
    assert both.content == tail_of(tmp_path, job, None).content  # its only entry may have grown
    last = both.content.index("\n\n---\n\n**[")
    assert both.last_entry == len(FRONT) + last
    for text in ("thr\u00e9e \U0001f600\n", "four"):
        tools.append_job_log(job, text)
    part = tail_of(tmp_path, job, both.last_entry)
    assert part.content == tail_of(tmp_path, job, None).content[last:]
    assert (part.start, part.is_cut, part.end) == (both.last_entry, True, part.size_bytes)
    assert tail_of(tmp_path, job, part.last_entry).content.endswith("**\n\nfour")
    page = page_of(tmp_path, job)
    page.write_bytes(page.read_bytes()[:-2])  # its writer was stopped in the middle
    assert tail_of(tmp_path, job, part.last_entry).content.endswith("**\n\nfo")


def test_a_page_that_is_another_one_now_is_read_from_its_end(tools: PipelineReporter, tmp_path: Path) -> None:
    job = job_in(tools, new(tools))
    for text in ("one", "two", "three " * 99):
        tools.append_job_log(job, text)
    whole = tail_of(tmp_path, job, None)
    assert whole.last_entry is not None
    for after in (0, 3, whole.last_entry - 1, whole.last_entry + 1, whole.end, 10**12, -1):
        assert tail_of(tmp_path, job, after) == whole, after
    cut = tail_of(tmp_path, job, whole.last_entry, most=100)  # more came than is given at once
    assert (cut.start > whole.last_entry, cut.last_entry) == (True, None)


def test_an_entry_that_is_redacted_with_others_only_is_no_place_to_go_on(
    tools: PipelineReporter, tmp_path: Path
) -> None:
    job = job_in(tools, new(tools))
    for text in ("the key BEGIN", "END of it"):
        tools.append_job_log(job, text)
    spanning = tail_of(tmp_path, job, None, redact=lambda data: re.sub(rb"BEGIN.*END", b"***", data, flags=re.DOTALL))
    assert (spanning.content, spanning.last_entry) == ("the key *** of it", None)
    tail = tail_of(tmp_path, job, None, redact=lambda data: data.replace(b"BEGIN", b"***"))
    assert tail.last_entry is not None
    context = tail_of(tmp_path, job, None, redact=lambda data: data.replace(b"END", b"*") if b"BEGIN" in data else data)
    assert context.last_entry is None


@pytest.mark.parametrize("front", ["", "---\r\nx: y\r\n---\r\n", "---\nnever ends\n", "---\n---\n"])
def test_a_page_that_was_written_by_hand_is_read(tools: PipelineReporter, tmp_path: Path, front: str) -> None:
    job = job_in(tools, new(tools))
    page = page_of(tmp_path, job)
    page.parent.mkdir()
    page.write_bytes(front.encode() + b"by hand \xff")
    content = tools.get_pipeline_job_log(job)["content"]
    assert content == ("---\nnever ends\n" if "never" in front else "") + "by hand \ufffd"
    assert tools.append_job_log(job, "more")["message"] == "The entry was added to the log page."
    assert page.read_bytes().startswith(front.encode() + b"by hand \xff\n\n---\n\n**[")


HOSTILE: list[Any] = [
    pytest.param(lambda page: page.symlink_to("/etc/passwd"), id="a link"),
    pytest.param(lambda page: os.mkfifo(page), id="a FIFO"),
    pytest.param(lambda page: page.mkdir(), id="a folder"),
    pytest.param(lambda page: os.link(_outside(page), page), id="a hard link"),
]


def _outside(page: Path) -> Path:
    path = page.parents[4] / "outside.txt"
    path.write_text("theirs")
    return path


@pytest.mark.parametrize("make", HOSTILE)
def test_nothing_but_a_plain_file_is_written_to(tools: PipelineReporter, tmp_path: Path, make: Any) -> None:
    job = job_in(tools, new(tools))
    page = page_of(tmp_path, job)
    page.parent.mkdir()
    make(page)
    assert refused(tools.append_job_log, job, "x").code == "CANNOT_WRITE"
    outside = tmp_path / "outside.txt"
    assert not outside.exists() or outside.read_text() == "theirs"


def test_a_folder_of_logs_that_is_a_link_is_not_entered(tools: PipelineReporter, tmp_path: Path) -> None:
    pipeline = new(tools)
    job = job_in(tools, pipeline)
    (tmp_path / "elsewhere").mkdir()
    (folder_of(tmp_path, pipeline) / "logs").symlink_to(tmp_path / "elsewhere")
    assert refused(tools.append_job_log, job, "x").code == "CANNOT_WRITE"
    assert list((tmp_path / "elsewhere").iterdir()) == []
    assert tools.get_pipeline(pipeline)["steps"][0]["jobs"][0]["log"] is None


def test_a_full_disk_leaves_the_page_as_it_was(
    tools: PipelineReporter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = job_in(tools, new(tools))
    tools.append_job_log(job, "first")
    before = page_of(tmp_path, job).read_bytes()

    def write_half(handle: int, data: bytes) -> None:
        os.write(handle, data[: len(data) // 2])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(log_page, "write_all", write_half)
    error = refused(tools.append_job_log, job, "second")
    assert (error.code, "No space left" in error.sentence) == ("CANNOT_WRITE", True)
    assert page_of(tmp_path, job).read_bytes() == before


@pytest.mark.parametrize("size", range(1, len(HEADER)))
def test_a_page_of_which_only_the_head_was_begun_is_begun_again(tmp_path: Path, size: int) -> None:
    path = tmp_path / "page.md"
    path.write_bytes(HEADER[:size])
    handle = os.open(path, os.O_RDWR | os.O_APPEND)
    try:
        page = LogWriter(handle)
        assert page.size == 0
        page.append(page.entry(b"x", "", page.size), 0.0)
    finally:
        os.close(handle)
    assert path.read_bytes() == HEADER + b"x"


# Repeated calls.


def test_a_repeated_call_adds_nothing(tools: PipelineReporter, tmp_path: Path, clock: Clock) -> None:
    job = job_in(tools, new(tools))
    first = tools.append_job_log(job, "first", "k1")
    second = tools.append_job_log(job, "second", idempotency_key="k2")
    text = page_of(tmp_path, job).read_text()
    clock.now += 86_400
    assert tools.append_job_log(job, "first", idempotency_key="k1") == first
    assert tools.append_job_log(job, "second", idempotency_key="k2") == second
    assert page_of(tmp_path, job).read_text() == text
    assert refused(tools.append_job_log, job, "other", idempotency_key="k2").code == "KEY_REUSED"
    clock.now += 86_401
    tools.append_job_log(job, "other", idempotency_key="k2")
    assert page_of(tmp_path, job).read_text().endswith("other"), "a day later the key is free"


@pytest.mark.parametrize("kept", [0, 1, 20, 39])
@pytest.mark.parametrize("first", [True, False])
def test_a_call_whose_writer_was_killed_is_completed_by_its_repetition(
    tools: PipelineReporter, tmp_path: Path, clock: Clock, kept: int, first: bool
) -> None:
    job = job_in(tools, new(tools))
    if not first:
        tools.append_job_log(job, "before")
    page = page_of(tmp_path, job)
    before = page.stat().st_size if page.exists() else 0
    tools.append_job_log(job, "the entry", idempotency_key="k")
    whole = page.read_bytes()
    os.truncate(page, before + kept)  # as if it had been killed here, after the place was written down
    clock.now += 300
    tools.append_job_log(job, "the entry", idempotency_key="k")
    assert page.read_bytes() == whole


def test_a_call_that_another_one_came_before_is_added_at_the_end(tools: PipelineReporter, tmp_path: Path) -> None:
    job = job_in(tools, new(tools))
    tools.append_job_log(job, "before")
    size = page_of(tmp_path, job).stat().st_size
    tools.append_job_log(job, "mine", idempotency_key="k")
    os.truncate(page_of(tmp_path, job), size)
    tools.append_job_log(job, "somebody else's")
    tools.append_job_log(job, "mine", idempotency_key="k")
    text = page_of(tmp_path, job).read_text()
    assert (text.count("mine"), text.count("somebody"), text.endswith("mine")) == (1, 1, True)
    tools.append_job_log(job, "mine", idempotency_key="k")
    assert page_of(tmp_path, job).read_text() == text


def test_a_call_whose_page_was_removed_meanwhile_makes_a_new_one(tools: PipelineReporter, tmp_path: Path) -> None:
    job = job_in(tools, new(tools))
    tools.append_job_log(job, "before")
    tools.append_job_log(job, "mine", idempotency_key="k")
    page_of(tmp_path, job).unlink()
    tools.append_job_log(job, "mine", idempotency_key="k")
    assert page_of(tmp_path, job).read_text() == FRONT + "mine"


# Cleaning.


def test_the_logs_of_a_sprint_are_cleaned(tools: PipelineReporter, tmp_path: Path) -> None:
    write_task(tmp_path, "done/ada/T-1.yaml", "id: T-1\nsprint: S7\n")
    write_task(tmp_path, "done/ada/named-otherwise.yaml", "id: T-2\nmilestone: S7\n")
    write_task(tmp_path, "inbox/T-3.yml", "title: no id\niteration: S7\n")
    write_task(tmp_path, "inbox/T-4.yaml", "id: T-4\nsprint: S8\n")
    write_task(tmp_path, "inbox/T-5.yaml", "id: T-5\n")
    write_task(tmp_path, "inbox/T-6.yaml", "id: [broken\n")
    jobs = {}
    for ticket in ("T-1", "T-2", "T-3", "T-4", "T-5", "T-6", "T-7"):
        jobs[ticket] = job_in(tools, new(tools, ticket_id=ticket))
    jobs["meta"] = job_in(tools, new(tools, ticket_id="T-4", meta={"sprint_id": "S7"}))
    close = tools.create_pipeline("sprint_close", sprint_id="S7")["pipeline_id"]
    jobs["close"] = tools.create_pipeline_job(close, "wrap-up", "x", "y")["job_id"]
    paths = {name: tools.append_job_log(job, "x")["log_path"] for name, job in jobs.items()}
    (tmp_path / paths["T-2"]).unlink()
    found = tools.clean_pipeline_logs("S7")
    assert sorted(found["deleted"]) == sorted(paths[name] for name in ("T-1", "T-3", "meta", "close"))
    assert found["not_found"] == [{"kind": "ticket", "id": "T-7"}, {"kind": "log", "id": paths["T-2"]}]
    left = {name for name, path in paths.items() if (tmp_path / path).exists()}
    assert left == {"T-4", "T-5", "T-6", "T-7"}
    shown = file_of(tmp_path, f"{jobs['T-1'][:-4]}0000")["jobs"][0]
    assert shown["log_path"] is None
    assert not page_of(tmp_path, jobs["T-1"]).parent.exists()
    again = tools.clean_pipeline_logs("S7")
    assert again == {"deleted": [], "not_found": [{"kind": "ticket", "id": "T-7"}]}
    tools.append_job_log(jobs["T-1"], "a new page")
    assert page_of(tmp_path, jobs["T-1"]).read_text() == FRONT + "a new page"


def test_a_sprint_without_pipelines_is_said(tools: PipelineReporter) -> None:
    assert tools.clean_pipeline_logs("S1") == {"deleted": [], "not_found": [{"kind": "pipelines", "id": "S1"}]}
    assert refused(tools.clean_pipeline_logs, "").code == "INVALID"


def test_a_repeated_cleaning_has_the_same_answer(tools: PipelineReporter, clock: Clock) -> None:
    paths = []
    for _ in range(3):
        job = job_in(tools, new(tools, meta={"sprint_id": "S1"}))
        paths.append(tools.append_job_log(job, "x")["log_path"])
    first = tools.clean_pipeline_logs("S1", idempotency_key="k")
    assert sorted(first["deleted"]) == sorted(paths)
    assert tools.clean_pipeline_logs("S1", idempotency_key="k") == first
    assert tools.clean_pipeline_logs("S1", idempotency_key="other")["deleted"] == []


def test_a_task_that_changes_is_read_again(tools: PipelineReporter, tmp_path: Path) -> None:
    path = write_task(tmp_path, "done/ada/T-1.yaml", "id: T-1\nsprint: S1\n")
    tools.append_job_log(job_in(tools, new(tools)), "x")
    assert tools.clean_pipeline_logs("S2")["deleted"] == []
    path.write_text("id: T-1\nsprint: S2 \n")
    assert len(tools.clean_pipeline_logs("S2")["deleted"]) == 1


def test_the_logs_of_others_are_not_cleaned(tmp_path: Path) -> None:
    everybody = reporter_of(tmp_path)
    job = job_in(everybody, new(everybody, project="blog", meta={"sprint_id": "S1"}))
    path = tmp_path / everybody.append_job_log(job, "x")["log_path"]
    tools = reporter_of(tmp_path, may_see=lambda project: project == "shop")
    assert tools.clean_pipeline_logs("S1")["deleted"] == []
    assert path.exists()
