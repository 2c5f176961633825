"""The files of jobs: whatever is in one, it is a job, with a problem where it describes none."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_service.jobs.model import Job, JobStatus
from llm_service.jobs.reader import id_of, is_job_file, is_project, parse_job, read_job
from llm_service.jobs.writer import is_written, text_of, write_job

WHOLE = """\
id: one
project: quayside
user: ada
specification: brief.md
profile: script
status: in_progress
current_phase: plan
lines_written: 12
output_ready: false
created_at: "2026-11-20T09:00:00Z"
note: ours
"""


def test_a_whole_file() -> None:
    job = parse_job(WHOLE.encode(), "one", "work/jobs/one.yaml")
    assert (job.project, job.user, job.specification, job.profile) == ("quayside", "ada", "brief.md", "script")
    assert (job.status, job.current_phase, job.lines_written) == (JobStatus.IN_PROGRESS, "plan", 12)
    assert job.more == {"note": "ours"}
    assert job.problem is None


def test_only_project_and_specification_are_needed() -> None:
    job = parse_job(b"project: p\nspecification: Do it.\n", "one", "f")
    assert (job.status, job.current_phase, job.problem) == (JobStatus.PENDING, "idle", None)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("project: p\n", "It has no specification."),
        ("specification: s\n", "It has no project."),
        ("project: ../etc\nspecification: s\n", "Its project is not the name of a folder."),
        ("project: -rf\nspecification: s\n", "Its project is not the name of a folder."),
        ("project: p\nspecification: s\nstatus: soon\n", "Its status is none of"),
        ("id: two\nproject: p\nspecification: s\n", "Its id, two, is not the name of the file."),
        ("project: [\n", "Not valid YAML (line "),
        ("- a list\n", "Not valid YAML"),
        ("", "Not valid YAML"),
    ],
)
def test_what_is_no_job_says_why(text: str, problem: str) -> None:
    found = parse_job(text.encode(), "one", "f").problem
    assert found is not None
    assert problem in found


@pytest.mark.parametrize("value", ["[1]", "{a: 1}", ".nan", "2026-99-99", "'\\0'", "1e999"])
def test_values_of_other_types_are_no_reason_to_fail(value: str) -> None:
    for key in ("project", "status", "current_phase", "lines_written", "output_ready", "user", "created_at"):
        job = parse_job(f"project: p\nspecification: s\n{key}: {value}\n".encode(), "one", "f")
        assert isinstance(job.project, str)
        assert job.lines_written is None or job.lines_written >= 0


@given(st.binary(max_size=300))
def test_any_bytes_are_a_job(data: bytes) -> None:
    job = parse_job(data, "one", "f")
    assert job.id == "one"
    assert job.problem is not None or (job.project and job.specification)


def test_hostile_files_are_jobs_with_a_problem(tmp_path: Path) -> None:
    (tmp_path / "link.yaml").symlink_to("/etc/passwd")
    os.mkfifo(tmp_path / "pipe.yaml")
    (tmp_path / "big.yaml").write_bytes(b"#" * 300_000)
    (tmp_path / "deep.yaml").write_bytes(b"[" * 200_000)
    for name in ("link", "pipe", "big", "deep"):
        job = read_job(str(tmp_path), f"{name}.yaml", "work/jobs")
        assert job is not None
        assert (job.id, job.status, bool(job.problem)) == (name, JobStatus.UNKNOWN, True)
        assert job.file == f"work/jobs/{name}.yaml"
    assert read_job(str(tmp_path), "gone.yaml", "work/jobs") is None


def test_a_name_that_may_not_be_run_is_a_problem() -> None:
    job = parse_job(b"project: p\nspecification: s\n", id_of("-rf x.yaml"), "f")
    assert job.problem is not None
    assert "name" in job.problem


def test_which_paths_are_files_of_jobs() -> None:
    assert [path for path in ("a.yaml", "a.yml", "A.YAML", "a.md", ".a.yaml", "b/a.yaml") if is_job_file(path)] == [
        "a.yaml",
        "a.yml",
        "A.YAML",
    ]


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "a\\b", "-x", ".hidden", "a\nb", "x" * 121, "a.", "C:"])
def test_what_is_no_name_of_a_project(name: str) -> None:
    assert not is_project(name)


def test_names_of_projects_in_other_scripts() -> None:
    assert all(map(is_project, ("quayside-web", "Häfen 2", "港", "a.b_c")))


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)


@given(texts, texts, st.sampled_from(list(JobStatus)), st.none() | texts, st.dictionaries(texts, texts, max_size=3))
def test_what_is_written_is_read_again(
    specification: str, error: str, status: JobStatus, reason: str | None, more: dict[str, str]
) -> None:
    job = Job(
        id="one",
        project="quayside",
        user="ada",
        specification=specification,
        profile="script",
        status=status,
        current_phase="test",
        error_message=error or None,
        queue_reason=reason or None,
        lines_written=3,
        file="work/jobs/one.yaml",
    )
    own = {key: value for key, value in more.items() if key and key not in Job.__dataclass_fields__}
    found = parse_job(text_of(job, own).encode(), "one", "work/jobs/one.yaml")
    assert found.specification == specification
    assert (found.error_message, found.queue_reason, found.status) == (job.error_message, job.queue_reason, status)
    assert is_written(job, found)


def test_keys_of_others_stay(tmp_path: Path) -> None:
    before = parse_job(WHOLE.encode(), "one", "work/jobs/one.yaml")
    job = Job(
        id="one", project="p", user=None, specification="s", profile=None, status=JobStatus.FAILED,
        file="work/jobs/one.yaml",
    )  # fmt: skip
    write_job(str(tmp_path / "jobs"), job, before.more)
    after = read_job(str(tmp_path / "jobs"), "one.yaml", "work/jobs")
    assert after is not None
    assert (after.status, after.more) == (JobStatus.FAILED, {"note": "ours"})
    assert [path.name for path in (tmp_path / "jobs").iterdir()] == ["one.yaml"]
