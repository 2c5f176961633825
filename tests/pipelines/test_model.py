"""The tools against a model that keeps all in memory and has none of their code: random calls, by two reporters."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from kit.pipelines import Clock, reporter_of

from llm_service.pipelines.tool_error import ToolError

STEPS = {"ticket_work": ["research", "coding", "wrap-up"], "sprint_close": ["wiki-update", "wrap-up"]}
ENDS = ("success", "failed", "skipped", "canceled")
STATUSES = ["created", "pending", "running", *ENDS]


@dataclass
class ModelJob:
    step: str
    status: str
    attempt: int = 1
    score: int | None = None
    summary: str | None = None
    ran: bool = False
    log: list[str] = field(default_factory=list)


@dataclass
class ModelPipeline:
    kind: str
    sprint: str
    project: str | None
    created_at: float
    changed_at: float
    status: str = "created"
    begun: bool = False
    finished: bool = False
    steps: dict[str, str] = field(default_factory=dict)
    jobs: dict[str, ModelJob] = field(default_factory=dict)

    def set(self, job: ModelJob, status: str) -> None:
        if job.status in ENDS and status == "running" and job.ran:
            job.attempt += 1
        job.status = status
        job.ran = job.ran or status == "running"
        of_step = [one.status for one in self.jobs.values() if one.step == job.step]
        if status == "running":
            self.steps[job.step] = "running"
        elif status in ENDS:
            if set(of_step) <= set(ENDS):
                good = "canceled" if set(of_step) in ({"canceled"}, {"canceled", "skipped"}) else "success"
                self.steps[job.step] = "failed" if "failed" in of_step else good
            elif "running" in of_step:
                self.steps[job.step] = "running"
        if "failed" in self.steps.values():
            self.status = "failed"
        elif self.status == "failed" or any(one.status in (*ENDS, "running") for one in self.jobs.values()):
            self.status = "running"
        self.begun = self.begun or self.status != "created"


class PipelineMachine(RuleBasedStateMachine):
    pipelines = Bundle("pipelines")
    jobs = Bundle("jobs")

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.clock = Clock()
        self.tools = [reporter_of(self.folder, self.clock) for _ in range(2)]
        self.known: dict[str, ModelPipeline] = {}
        self.calls: list[tuple[Any, dict[str, Any], Any]] = []
        self.keys = 0

    def teardown(self) -> None:
        shutil.rmtree(self.folder)

    def call(self, who: int, name: str, /, **given: Any) -> Any:
        """Call a tool with a new key; ("refused", code) if it refuses."""
        self.clock.now += 1
        if name not in ("list_pipelines", "get_pipeline", "get_pipeline_job_log"):
            self.keys += 1
            given["idempotency_key"] = f"key {self.keys}"
        try:
            answer = getattr(self.tools[who], name)(**given)
        except ToolError as error:
            return ("refused", error.code)
        if "idempotency_key" in given and name != "clean_pipeline_logs":
            self.calls.append((name, given, answer))
        return answer

    @rule(
        target=pipelines, who=st.integers(0, 1), kind=st.sampled_from(list(STEPS)), project=st.sampled_from([None, "a"])
    )
    def create(self, who: int, kind: str, project: str | None) -> str:
        given = {"ticket_id": "T", "meta": {"sprint_id": "S1"}} if kind == "ticket_work" else {"sprint_id": "S2"}
        answer = self.call(who, "create_pipeline", pipeline_type=kind, project=project, **given)
        sprint = "S1" if kind == "ticket_work" else "S2"
        found = ModelPipeline(kind, sprint, project, self.clock.now, self.clock.now)
        found.steps = dict.fromkeys(STEPS[kind], "pending")
        self.known[answer["pipeline_id"]] = found
        return str(answer["pipeline_id"])

    @rule(
        target=jobs, who=st.integers(0, 1), pipeline=pipelines, step=st.integers(0, 2), status=st.sampled_from(STATUSES)
    )
    def add(self, who: int, pipeline: str, step: int, status: str) -> str:
        model = self.known[pipeline]
        names = [*STEPS[model.kind], "nothing"]
        name = names[min(step, len(names) - 1)]
        answer = self.call(
            who, "create_pipeline_job", pipeline_id=pipeline, step=name, name="n", agent_type="a", status=status
        )
        if name == "nothing":
            assert answer == ("refused", "UNKNOWN_STEP")
            return ""
        if model.finished:
            assert answer == ("refused", "ALREADY_FINISHED")
            return ""
        job = ModelJob(name, "created")
        model.jobs[answer["job_id"]] = job
        model.set(job, status)
        model.changed_at = self.clock.now
        return str(answer["job_id"])

    @rule(
        who=st.integers(0, 1),
        job=jobs,
        status=st.none() | st.sampled_from(STATUSES),
        score=st.none() | st.integers(-1, 101),
        attempt=st.none() | st.integers(0, 9),
        summary=st.none() | st.sampled_from(["one", "two\nlines", "ü"]),
    )
    def update(
        self, who: int, job: str, status: str | None, score: int | None, attempt: int | None, summary: str | None
    ) -> None:
        answer = self.call(
            who, "update_pipeline_job", job_id=job, status=status, score=score, attempt=attempt, summary=summary
        )
        is_good = (score is None or 0 <= score <= 100) and attempt != 0
        if not is_good or (status, score, attempt, summary) == (None, None, None, None):
            assert answer == ("refused", "INVALID")
            return
        if job == "":
            assert answer == ("refused", "NOT_FOUND")
            return
        model = self.known[f"{job[:-4]}0000"]
        found = model.jobs[job]
        if model.finished and status not in (None, found.status):
            assert answer == ("refused", "ALREADY_FINISHED")
            return
        found.score = found.score if score is None else score
        found.summary = found.summary if summary is None else summary
        if not model.finished:
            model.set(found, status or found.status)
        found.attempt = found.attempt if attempt is None else attempt
        model.changed_at = self.clock.now
        assert (answer["status"], answer["attempt"], answer["score"]) == (found.status, found.attempt, found.score)

    @rule(who=st.integers(0, 1), job=jobs, text=st.text(st.characters(exclude_categories=("Cs",)), max_size=20))
    def append(self, who: int, job: str, text: str) -> None:
        answer = self.call(who, "append_job_log", job_id=job, content=text)
        if not text.strip():
            assert answer == ("refused", "INVALID")
        elif job == "":
            assert answer == ("refused", "NOT_FOUND")
        else:
            found = self.known[f"{job[:-4]}0000"].jobs[job]
            found.log.append(text.replace("\0", "\ufffd"))
            expected = "The log page was created." if len(found.log) == 1 else "The entry was added to the log page."
            assert answer["message"] == expected

    @rule(
        who=st.integers(0, 1), pipeline=pipelines, status=st.sampled_from([None, None, "success", "failed", "canceled"])
    )
    def finish(self, who: int, pipeline: str, status: str | None) -> None:
        answer = self.call(who, "finish_pipeline", pipeline_id=pipeline, status=status)
        model = self.known[pipeline]
        if model.finished:
            assert answer == ("refused", "ALREADY_FINISHED")
            return
        undone = [name for name, one in model.steps.items() if one not in ENDS]
        assert [step["name"] for step in answer["skipped_steps"]] == undone
        for name in undone:
            failed = any(job.status == "failed" for job in model.jobs.values() if job.step == name)
            model.steps[name] = "failed" if failed else "skipped"
        for job in model.jobs.values():
            job.status = job.status if job.status in ENDS else "skipped"
        every = set(model.steps.values())
        worst = "failed" if "failed" in every else "canceled" if "canceled" in every else "success"
        model.status, model.finished = status or worst, True
        assert answer["status"] == model.status

    @rule(who=st.integers(0, 1), sprint=st.sampled_from(["S1", "S2"]))
    def clean(self, who: int, sprint: str) -> None:
        answer = self.call(who, "clean_pipeline_logs", sprint_id=sprint)
        jobs = {
            job_id: job
            for one in self.known.values()
            if one.sprint == sprint
            for job_id, job in one.jobs.items()
            if job.log
        }
        assert sorted(path[-39:-3] for path in answer["deleted"]) == sorted(jobs)
        for job in jobs.values():
            job.log.clear()
        self.calls = [one for one in self.calls if one[0] != "append_job_log"]

    @rule(who=st.integers(0, 1), number=st.integers(0, 10**6))
    def repeat(self, who: int, number: int) -> None:
        if self.calls:
            name, given, answer = self.calls[number % len(self.calls)]
            assert getattr(self.tools[who], name)(**given) == answer, "the answer of then, and nothing changes"

    @initialize()
    def begin(self) -> None:
        assert self.tools[0].list_pipelines()["total"] == 0

    @invariant()
    def the_same_is_known(self) -> None:
        for pipeline, model in self.known.items():
            tree = self.tools[0].get_pipeline(pipeline)
            assert (tree["status"], tree["finished_at"] is not None) == (model.status, model.finished)
            assert tree["step_statuses"] == model.steps
            assert (tree["started_at"] is not None) == model.begun
            shown = {job["id"]: job for step in tree["steps"] for job in step["jobs"]}
            assert shown.keys() == model.jobs.keys()
            for job_id, job in model.jobs.items():
                one = shown[job_id]
                assert (one["status"], one["attempt"], one["score"], one["summary"], one["step"]) == (
                    job.status, job.attempt, job.score, job.summary, job.step,
                )  # fmt: skip
                assert (one["started_at"] is not None) == job.ran
                assert (one["finished_at"] is not None) == (job.status in ENDS)
                content = self.tools[1].get_pipeline_job_log(job_id)["content"]
                assert [
                    part.partition("\n\n")[2] for part in f"\n\n{content}".split("\n\n---\n\n") if job.log
                ] == job.log

    @invariant()
    def the_list_has_all(self) -> None:
        for tools in self.tools:
            found = tools.list_pipelines()
            expected = sorted(self.known, key=lambda one: self.known[one].created_at, reverse=True)
            assert [row["id"] for row in found["pipelines"]] == expected[:20]
            assert [row["status"] for row in found["pipelines"]] == [self.known[one].status for one in expected[:20]]


@pytest.mark.timeout(600)
def test_any_calls_do_as_the_model_does(request: pytest.FixtureRequest) -> None:
    sequences = request.config.getoption("--sequences")
    run_state_machine_as_test(
        PipelineMachine,
        settings=settings(
            max_examples=sequences, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
