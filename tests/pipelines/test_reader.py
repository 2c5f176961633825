"""Reading `pipeline.yaml`: as it is written, as people edit it, and as somebody hostile would make it."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from kit.pipelines import HAND_MADE, Clock, file_of, folder_of, refused, reporter_of, write_pipeline

from llm_service.pipelines import sealed_reader
from llm_service.pipelines.model import (
    JOB_STATUSES,
    PIPELINE_STATUSES,
    STEP_STATUSES,
    FileProblem,
    Job,
    Pipeline,
    Request,
    Step,
)
from llm_service.pipelines.reader import parse_pipeline, read_pipeline
from llm_service.pipelines.writer import SEAL, bytes_of, digest_of

MINIMAL = "pipeline_type: ticket_work\nsteps:\n- name: research\n"
JOB = "22222222-2222-4222-8222-222222222222"


def parsed(text: str) -> Pipeline | FileProblem:
    return parse_pipeline(text.encode(), HAND_MADE, "2026-11-30T00:00:00.000Z")


def pipeline_in(text: str) -> Pipeline:
    found = parsed(text)
    assert isinstance(found, Pipeline), found
    return found


def problem_in(text: str) -> FileProblem:
    found = parsed(text)
    assert isinstance(found, FileProblem), found
    return found


def test_what_people_write_has_defaults() -> None:
    found = pipeline_in(MINIMAL)
    assert (found.id, found.status, found.project, found.meta) == (HAND_MADE, "created", None, {})
    assert (found.created_at, found.updated_at) == ("2026-11-30T00:00:00.000Z", "2026-11-30T00:00:00.000Z")
    assert found.steps == (Step("research", 1),)


def test_names_are_texts_and_numbers_are_numbers() -> None:
    found = pipeline_in(
        "pipeline_type: sprint_close\nsprint_id: 2.10\nbranch: No\nmeta: {n: 1, x: 0.5, yes: true, day: 2026-11-30}\n"
        f"steps:\n- {{name: 1.0, status: failure}}\njobs:\n"
        f"- {{id: {JOB}, step: 1.0, name: 007, score: 90, attempt: 2}}\n"
    )
    assert (found.sprint_id, found.branch, found.steps[0].name) == ("2.10", "No", "1.0")
    assert found.meta == {"n": 1, "x": 0.5, "yes": True, "day": "2026-11-30"}
    assert (found.steps[0].status, found.jobs[0].name, found.jobs[0].score, found.jobs[0].attempt) == (
        "failed",
        "007",
        90,
        2,
    )


PROBLEMS = [
    # the text, line, column, what is said
    pytest.param("pipeline_type: x\nsteps: [\n", 3, 1, "parsing", id="a list without end"),
    pytest.param("pipeline_type: x\n\tsteps: []\n", 2, 1, "tab character", id="a tab"),
    pytest.param("", 1, 1, "the file is empty", id="empty"),
    pytest.param("- a\n- b\n", 1, 1, "a mapping was expected", id="a list"),
    pytest.param(MINIMAL + "---\nmore: 1\n", None, None, "after the pipeline", id="two documents"),
    pytest.param(MINIMAL + "status: runing\n", 4, 1, "runing is none of created, running", id="a misspelt status"),
    pytest.param(MINIMAL + "id: x\n", 4, 1, "not the name of the folder", id="another id"),
    pytest.param(MINIMAL + "meta: [1]\n", 4, 1, "meta has to be a mapping", id="a list as meta"),
    pytest.param(MINIMAL + "started_at: soon\n", 4, 1, "started_at has to be a time", id="no time"),
    pytest.param(MINIMAL + "project: {a: b}\n", 4, 1, "project has to be a text", id="a mapping as project"),
    pytest.param(MINIMAL + "branch: " + "x" * 301 + "\n", 4, 1, "longer than 300", id="a long branch"),
    pytest.param("steps:\n- name: x\n", 1, 1, "pipeline_type is missing", id="no type"),
    pytest.param("pipeline_type: x\n", 1, 1, "at least one step", id="no steps"),
    pytest.param("pipeline_type: x\nsteps: {}\n", 2, 1, "steps has to be a list", id="steps are a mapping"),
    pytest.param("pipeline_type: x\nsteps:\n- x\n", 3, 3, "has to be a mapping", id="a step is a text"),
    pytest.param("pipeline_type: x\nsteps:\n- name: a\n- name: a\n", 4, 3, "two steps", id="two steps of one name"),
    pytest.param("pipeline_type: x\nsteps:\n- name: a\n  status: done\n", 4, 3, "done is none of pending", id="step"),
    pytest.param("pipeline_type: x\nsteps:\n- position: 0\n  name: a\n", 3, 3, "position has to be", id="position"),
    pytest.param(MINIMAL + "jobs:\n- name: x\n", 5, 3, "id is missing", id="a job without id"),
    pytest.param(MINIMAL + "jobs:\n- {id: 7, step: research, name: x}\n", 5, 4, "UUID", id="a job with another id"),
    pytest.param(
        MINIMAL + f"jobs:\n- id: {JOB}\n  step: testing\n  name: x\n", 6, 3, "no step testing", id="a job in no step"
    ),
    pytest.param(
        MINIMAL + f"jobs:\n- id: {JOB}\n  step: research\n  name: x\n  score: 150\n", 8, 3, "0 to 100", id="150"
    ),
    pytest.param(
        MINIMAL + f"jobs:\n- id: {JOB}\n  step: research\n  name: x\n  score: -1\n", 8, 3, "0 to 100", id="-1"
    ),
    pytest.param(
        MINIMAL + "jobs:\n" + f"- {{id: {JOB}, step: research, name: x}}\n" * 2, 6, 4, "two jobs", id="one id"
    ),
    pytest.param(MINIMAL + "requests:\n- {key: a}\n", 5, 3, "a request has", id="a request"),
    pytest.param(MINIMAL + "status: created\nstatus: running\n", 4, 1, "status is there twice", id="a key twice"),
    pytest.param("pipeline_type: x\nsteps: [" + "{name: a}, " * 51 + "]\n", 2, 1, "51 steps", id="many steps"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "line", "column", "said"), PROBLEMS)
def test_an_error_has_its_line_and_column_and_tools_do_not_overwrite_it(
    tmp_path: Path, text: str, line: int | None, column: int | None, said: str
) -> None:
    problem = problem_in(text)
    assert (problem.line, problem.column) == (line, column), problem
    assert said in problem.message
    path = write_pipeline(tmp_path, text)
    tools = reporter_of(tmp_path)
    shown = tools.get_pipeline(HAND_MADE)
    assert (shown["status"], shown["steps"], shown["problem"]["line"], shown["problem"]["column"]) == (
        "broken", None, line, column,
    )  # fmt: skip
    assert [row["status"] for row in tools.list_pipelines(status="broken")["pipelines"]] == ["broken"]
    for call in (
        lambda: tools.create_pipeline_job(HAND_MADE, "research", "x", "y"),
        lambda: tools.finish_pipeline(HAND_MADE),
    ):
        error = refused(call)
        assert error.code == "BROKEN_FILE"
        where = "" if line is None else f"line {line}, column {column}"
        assert said in error.sentence and where in error.sentence and "pipeline.yaml" in error.sentence
    assert path.read_text() == text


@pytest.mark.parametrize("is_named", [True, False])
def test_a_job_of_a_broken_file_is_said_to_be_in_one(tmp_path: Path, is_named: bool) -> None:
    tools = reporter_of(tmp_path)
    pipeline = tools.create_pipeline("ticket_work", ticket_id="T")["pipeline_id"]
    job = tools.create_pipeline_job(pipeline, "research", "x", "y")["job_id"]
    path = folder_of(tmp_path, pipeline) / "pipeline.yaml"
    broken = path.read_text().replace('"created"', '"creatd"', 1) if is_named else "steps: [\n  a: b: c\n"
    path.write_text(broken)
    stranger = reporter_of(tmp_path, may_see=lambda project: project is not None)
    assert refused(stranger.append_job_log, job, "x").code == "NOT_FOUND"
    for call in (
        lambda: tools.update_pipeline_job(job, status="running"),
        lambda: tools.append_job_log(job, "x"),
    ):
        assert refused(call).code == "BROKEN_FILE"
    assert path.read_text() == broken
    assert not (path.parent / "logs").exists()


def test_what_people_add_is_kept(tmp_path: Path) -> None:
    write_pipeline(
        tmp_path,
        '# a remark\npipeline_type: ticket_work\nowner: Ada\n"on": [1, {two: 2.5}]\n'
        "steps:\n- {name: research, why: x}\n"
        f"jobs:\n- {{id: {JOB}, step: research, name: x, model: opus, meta: {{a: [1]}}}}\n",
    )
    tools = reporter_of(tmp_path)
    tools.update_pipeline_job(JOB, status="running")
    found = file_of(tmp_path, HAND_MADE)
    assert (found["owner"], found["on"], found["steps"][0]["why"]) == ("Ada", [1, {"two": 2.5}], "x")
    assert (found["jobs"][0]["model"], found["jobs"][0]["meta"], found["jobs"][0]["status"]) == (
        "opus",
        {"a": [1]},
        "running",
    )
    tools.update_pipeline_job(JOB, status="success")
    assert file_of(tmp_path, HAND_MADE)["jobs"][0]["model"] == "opus"


def test_what_was_edited_by_hand_counts(tmp_path: Path) -> None:
    tools = reporter_of(tmp_path)
    pipeline = tools.create_pipeline("ticket_work", ticket_id="T")["pipeline_id"]
    path = folder_of(tmp_path, pipeline) / "pipeline.yaml"
    path.write_text(
        path.read_text().replace("project: null", "project: shop   # moved").replace('"research"', '"reading"')
    )
    shown = tools.get_pipeline(pipeline)
    assert (shown["project"], shown["steps"][0]["name"]) == ("shop", "reading")
    tools.create_pipeline_job(pipeline, "reading", "x", "y")


HOSTILE: list[Any] = [
    pytest.param(lambda path: path.symlink_to("/etc/passwd"), "NOT_REGULAR", id="a link"),
    pytest.param(lambda path: os.mkfifo(path), "NOT_REGULAR", id="a FIFO"),
    pytest.param(lambda path: path.mkdir(), "NOT_REGULAR", id="a folder"),
    pytest.param(lambda path: path.write_bytes(b"a: " + b"x" * 1_048_576), "TOO_LARGE", id="too large"),
    pytest.param(lambda path: path.write_bytes(b"\xff\xfe\x00\xd8" * 50), "NOT_YAML", id="not UTF-8"),
    pytest.param(lambda path: path.write_bytes(b"a: b\0c\n"), "NOT_YAML", id="a NUL"),
    pytest.param(lambda path: path.write_bytes(b"[" * 200_000), "TOO_COMPLEX", id="deep"),
    pytest.param(
        lambda path: path.write_text("a: &a [x, x]\n" + "".join(f"b{n}: &b{n} [*a, *a]\n" for n in range(9)) * 9),
        "NOT_A_PIPELINE", id="aliases",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("make", "code"), HOSTILE)
def test_hostile_files_are_shown_as_broken_and_left_alone(tmp_path: Path, make: Any, code: str) -> None:
    folder_of(tmp_path, HAND_MADE).mkdir(parents=True)
    path = folder_of(tmp_path, HAND_MADE) / "pipeline.yaml"
    make(path)
    tools = reporter_of(tmp_path)
    assert tools.get_pipeline(HAND_MADE)["problem"]["code"] == code
    assert tools.list_pipelines()["pipelines"][0]["status"] == "broken"
    assert refused(tools.finish_pipeline, HAND_MADE).code == "BROKEN_FILE"
    assert os.path.lexists(path) and not path.with_suffix(".new").exists()


def test_a_folder_that_is_a_link_is_not_entered(tmp_path: Path) -> None:
    tools = reporter_of(tmp_path)
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "pipeline.yaml").write_text(MINIMAL)
    (tmp_path / "work/pipelines").mkdir(parents=True)
    folder_of(tmp_path, HAND_MADE).symlink_to(outside)
    assert tools.list_pipelines()["total"] == 0
    assert refused(tools.create_pipeline_job, HAND_MADE, "research", "x", "y").code == "CANNOT_WRITE"
    assert (outside / "pipeline.yaml").read_text() == MINIMAL


def test_a_root_that_leads_out_of_the_workspace_is_not_written_to(tmp_path: Path) -> None:
    from llm_service.files import fence

    workspace, outside = tmp_path / "here", tmp_path / "outside"
    (workspace / "work").mkdir(parents=True)
    outside.mkdir()
    (workspace / "work/pipelines").symlink_to(outside)
    fence(str(workspace))
    error = refused(reporter_of(workspace).create_pipeline, "ticket_work", ticket_id="T")
    assert (error.code, list(outside.iterdir())) == ("CANNOT_WRITE", [])


def test_other_names_of_folders_are_no_pipelines_that_tools_change(tmp_path: Path) -> None:
    write_pipeline(tmp_path, MINIMAL, "my-pipeline")
    write_pipeline(tmp_path, MINIMAL, ".hidden")
    tools = reporter_of(tmp_path)
    [row] = tools.list_pipelines()["pipelines"]
    assert (row["id"], row["status"], "UUID" in row["problem"]["message"]) == ("my-pipeline", "broken", True)
    assert refused(tools.finish_pipeline, "my-pipeline").code == "NOT_FOUND"


# What is written is what is read, by both readers and by any YAML parser.

_texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=40)
_names = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=20)
_times = st.none() | st.datetimes(min_value=datetime(1970, 1, 1)).map(  # noqa: DTZ001 - hypothesis wants it without a zone
    lambda at: at.isoformat(timespec="milliseconds") + "Z"
)
_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | _texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_names, inner, max_size=3),
    max_leaves=8,
)
_more = st.dictionaries(st.text("xyz", min_size=1, max_size=3), _values, max_size=2)


@st.composite
def pipelines(draw: st.DrawFn) -> Pipeline:
    names = draw(st.lists(_names, min_size=1, max_size=3, unique=True))
    steps = [
        Step(name, number, draw(st.sampled_from(STEP_STATUSES)), draw(_times), draw(_times), draw(_more))
        for number, name in enumerate(names, 1)
    ]
    jobs = [
        Job(
            id=f"{HAND_MADE[:-4]}{number:04x}", step=draw(st.sampled_from(names)), name=draw(_names),
            agent_type=draw(_names), description=draw(_texts), status=draw(st.sampled_from(JOB_STATUSES)),
            attempt=draw(st.integers(1, 99)), score=draw(st.none() | st.integers(0, 100)),
            summary=draw(st.none() | _names),
            log_path=draw(st.none() | _names), session_id=draw(st.none() | _names), created_at=draw(_times),
            started_at=draw(_times), finished_at=draw(_times), more=draw(_more),
        )
        for number in range(draw(st.integers(0, 3)))
    ]  # fmt: skip
    requests = [
        Request("k", "c", draw(_times) or "2026-11-30T00:00:00.000Z", draw(_more))
        for _ in range(draw(st.integers(0, 2)))
    ]
    one = st.none() | _names
    return Pipeline(
        id=HAND_MADE, project=draw(one), pipeline_type=draw(_names), ticket_id=draw(one), sprint_id=draw(one),
        branch=draw(one), triggered_by=draw(one), meta=draw(_more), status=draw(st.sampled_from(PIPELINE_STATUSES)),
        created_at="2026-11-30T00:00:00.000Z", started_at=draw(_times), finished_at=draw(_times),
        updated_at="2026-02-28T23:59:59.999Z", steps=tuple(steps), jobs=tuple(jobs), requests=tuple(requests),
        more=draw(_more),
    )  # fmt: skip


@given(pipelines())
def test_what_is_written_is_read_again(pipeline: Pipeline) -> None:
    data = bytes_of(pipeline)
    assert parse_pipeline(data, HAND_MADE, "") == pipeline
    without_seal = data.partition(SEAL)[0]
    assert parse_pipeline(without_seal, HAND_MADE, "") == pipeline, "as YAML"
    value = yaml.load(data, yaml.CSafeLoader)
    assert (value["id"], value["branch"], len(value["jobs"])) == (HAND_MADE, pipeline.branch, len(pipeline.jobs))


@given(pipelines())
def test_both_readers_read_the_same(pipeline: Pipeline) -> None:
    data = bytes_of(pipeline)
    sealed = sealed_reader.read_sealed(data, HAND_MADE)
    has_more = bool(pipeline.more) or any(one.more for one in pipeline.steps) or any(one.more for one in pipeline.jobs)
    assert sealed == (None if has_more else pipeline)


@given(pipelines(), st.data())
def test_a_changed_byte_is_noticed(pipeline: Pipeline, data: st.DataObject) -> None:
    text = bytes_of(pipeline)
    at = data.draw(st.integers(0, len(text) - 1))
    changed = text[:at] + bytes((text[at] ^ data.draw(st.integers(1, 255)),)) + text[at + 1 :]
    assert sealed_reader.read_sealed(changed, HAND_MADE) is None
    assert isinstance(parse_pipeline(changed, HAND_MADE, "2026-11-30T00:00:00Z"), Pipeline | FileProblem)


FORGED = [
    ('"created"', '"<b>"'), ("2026-11-30T00:00:00.000Z", "2026-02-30T00:00:00.000Z"), ('"attempt": 1', '"attempt": 0'),
    ('"score": null', '"score": 101'), ('"score": null', '"score": true'), ('"step": "a"', '"step": "b"'),
    ('"position": 1', '"position": 99'), (f'"{HAND_MADE[:-4]}0001"', '"../../x"'), ('id: "', 'id: "x'),
    ('"name": "n"', '"name": ""'), ('"name": "n"', '"name": null'),
    ('"summary": null', '"summary": "' + "x" * 9_000 + '"'),
    ('branch: null', 'branch: ""'), ("steps:\n", "more: 1\nsteps:\n"), ("meta: {}", "meta: []"), ("meta: {}\n", ""),
    ("status: ", "status: \"running\"\nstatus: "), ('"step": "a"', '"more": {"x": 1}, "step": "a"'),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new"), FORGED)
def test_a_forged_hash_lets_nothing_through(old: str, new: str) -> None:
    job = Job(id=f"{HAND_MADE[:-4]}0001", step="a", name="n", agent_type="x")
    pipeline = Pipeline(
        id=HAND_MADE, project=None, pipeline_type="t", ticket_id=None, sprint_id=None, branch=None, triggered_by=None,
        meta={}, status="created", created_at="2026-11-30T00:00:00.000Z", started_at=None, finished_at=None,
        updated_at="2026-11-30T00:00:00.000Z", steps=(Step("a", 1),), jobs=(job,),
    )  # fmt: skip
    body = bytes_of(pipeline).partition(SEAL)[0].decode()
    assert old in body
    forged = body.replace(old, new, 1).encode()
    assert sealed_reader.read_sealed(forged + SEAL + digest_of(forged) + b"\n", HAND_MADE) is None


def test_reading_waits_for_nobody(tmp_path: Path) -> None:
    tools = reporter_of(tmp_path, Clock())
    pipeline = tools.create_pipeline("ticket_work", ticket_id="T")["pipeline_id"]
    root = str(tmp_path / "work/pipelines")
    from llm_service.pipelines.folder import locked

    with locked(root, pipeline):
        assert read_pipeline(root, pipeline, "x") is not None
        assert tools.get_pipeline(pipeline)["status"] == "created"
