"""The four stages of `llm-service doctor`: off the disk, from the running dashboard, and as clients see it."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from ..artifacts.settings import SECOND_PLACE, ArtifactSettings
from ..errors import NotFound, Unauthorized
from ..files import printable
from ..knowledge.doctor.file_stages import stages_of_files, unknown_job
from ..knowledge.doctor.job_files import job_in_question, read_jobs
from ..knowledge.doctor.model import Diagnosis, Level, Remark, Stage, stage
from ..knowledge.settings import KnowledgeSettings
from ..server import proof
from ..server.instance import Instance, halted_processes, look
from ..server.launcher import print_line
from ..server.sighting import describe
from ..settings.load import Settings
from . import stream_check
from .next_commands import start_command

_ANSWER_S = 10.0
_MARKS = {"ok": "✅", "problem": "❌", "note": "➖"}
_RESTART = "Restart it: llm-service dashboard stop, then llm-service dashboard start"
_NONE = "No dashboard runs for this workspace."


def diagnose(settings: Settings, job_id: str | None = None) -> Diagnosis:
    """The stages of a job; without an id of the newest that runs, else the newest."""
    running = _running(settings)
    if running is None:
        return _without_dashboard(settings, job_id, *_silence(settings))
    headers = {"Authorization": f"Bearer {settings.token}"} if settings.token else {}
    path = "/api/doctor" + (f"?job={quote(job_id, safe='')}" if job_id else "")
    body = proof.get_json(running, path, headers, _ANSWER_S)
    found = _from_json(body) if body is not None else None
    if body is not None and body.get("code") == Unauthorized.code:
        reason = f"{running.url} asks for a token, and does not say more without one."
        return _without_dashboard(settings, job_id, reason, "Give it yours: LLM_SERVICE_TOKEN=... llm-service doctor")
    if job_id is not None and body is not None and body.get("code") == NotFound.code:
        other = diagnose(settings)  # the streams are those of all jobs
        none = stage(2, "note", "There is no run yet."), stage(3, "note", "There are no files to see.")
        return replace(other, job=None, stages=(unknown_job(job_id), *none, other.stages[3]))
    if found is None:
        reason = f"{running.url} does not answer: {_error_of(body)}"
        return _without_dashboard(settings, job_id, reason, _RESTART)
    health = proof.get_json(running, "/health", headers, _ANSWER_S) or {}
    last = _with_clients(found.stages[-1], running, settings, health.get("clients"))
    listed = proof.get_json(running, "/api/settings", headers, _ANSWER_S) or {}
    port = _port(running, listed.get("settings", ()))
    return replace(found, stages=(*found.stages[:-1], last), remarks=(*found.remarks, port))


def _port(running: Instance, listed: Sequence[Mapping[str, Any]]) -> Remark:
    """Where it listens, and whether that is where it was told to: by its own settings, which its command line is part
    of. `listed`: those settings; empty for who may not see them."""
    wanted = next((one["value"] for one in listed if one["name"] == "port"), None)
    is_other = wanted not in (None, "0", str(running.port))
    return Remark("ok", "port", f"{running.url}{f', as port {wanted} was taken' if is_other else ''}")


def print_stages(diagnosis: Diagnosis) -> None:
    """Print the four stages, each with the reason and what to do."""
    print_line("")
    print_line(f"From script to page{f' (job {printable(diagnosis.job)})' if diagnosis.job else ''}:")
    for one in diagnosis.stages:
        print_line(f"{_MARKS[one.level]} {one.number}. {one.question:<33} {printable(one.reason)}")
        if one.next_step is not None and one.level != "ok":
            print_line(f"{'':<39} -> {printable(one.next_step)}")


def as_finding(one: Stage, job: str | None) -> dict[str, Any]:
    """A stage as an entry of the list of findings."""
    return {
        "level": one.level,
        "what": one.name,
        "text": printable(one.reason),
        "stage": one.number,
        "job": job,
        "question": one.question,
        "next_step": one.next_step,
        "figures": one.figures,
    }


def _running(settings: Settings) -> Instance | None:
    """The dashboard of this workspace, if it proves that it is that: a token is sent to it."""
    found = look(settings.state_path)
    record = found.record if found.state in ("running", "elsewhere") else None
    return record if record is not None and proof.is_proven(record, settings.state_path) else None


def _silence(settings: Settings) -> tuple[str, str | None]:
    """Why none answers, and what to do, None: start it. One that is stopped or hangs holds its lock, and another one
    cannot start."""
    found = look(settings.state_path)
    if found.state == "none":
        return _NONE, None
    if found.state == "running" and found.record is not None:
        silent = f"{found.record.url} (process {found.record.pid}) does not answer"
        if halted := [str(pid) for pid in halted_processes(found.record)]:
            return f"{silent}: it was stopped, as by Ctrl-Z.", f"Let it go on: kill -CONT {' '.join(halted)}"
        return f"{silent}: it hangs.", _RESTART
    return describe(found, settings.state_path), _RESTART


def _without_dashboard(
    settings: Settings, job_id: str | None, reason: str = _NONE, step: str | None = None
) -> Diagnosis:
    is_stopped = step is None
    step = step or f"Start it: {start_command(settings.workspace)}"
    place = settings.of(ArtifactSettings).artifacts_dir
    folders = [settings.folder(place), settings.folder(f"{SECOND_PLACE}/{place}")]
    job = job_in_question(read_jobs(settings.folder(".")), job_id)
    found = stages_of_files(settings.folder("."), folders, job, time.time())
    # Without a job nobody waits for anything: then it is no fault that no dashboard runs.
    level: Level = "note" if job is None and job_id is None and is_stopped else "problem"
    first, second = found.stages
    if job is None and job_id is not None:
        first = unknown_job(job_id)
    stages = (first, second, stage(3, level, reason, step), stage(4, level, reason, step))
    return Diagnosis(job=None if job is None else job.id, stages=stages, remarks=found.remarks)


def _with_clients(hub: Stage, running: Instance, settings: Settings, clients: Any) -> Stage:
    """The fourth stage, with how a change arrives at clients; unless it does not even reach the hub."""
    if not hub.is_ok:
        return hub
    folder = settings.folder(settings.of(KnowledgeSettings).streams_dir)
    try:
        arrivals = stream_check.measure(running.url, settings.token, folder)
    except OSError as problem:
        return stage(4, "problem", f"The probe cannot be written: {problem.strerror or problem}.", "Check its rights.")
    figures = dict(hub.figures) | {"clients": clients}
    figures |= {f"{one.kind.lower().replace('.', '')}_ms": one.latency_ms for one in arrivals}
    failed = [f"{one.kind}: {one.problem}" for one in arrivals if one.latency_ms is None]
    if failed:
        reason = f"A change is published, but does not arrive: {'; '.join(failed)}."
        return stage(
            4, "problem", reason, "See the log of the dashboard, and what is between it and its clients.", figures
        )
    times = " and ".join(f"{one.latency_ms:,.0f} ms ({one.kind})" for one in arrivals)
    subscribers = hub.figures.get("subscribers")
    counts = subscribers.items() if isinstance(subscribers, dict) else ()
    known = ", ".join(f"{count} {topic}" for topic, count in counts)
    reason = f"A change on the disk arrives at clients after {times}; subscribers: {known or 'none now'}."
    return stage(4, "ok", reason, figures=figures)


def _from_json(body: Mapping[str, Any]) -> Diagnosis | None:
    """The dashboard's answer; None if it is none."""
    try:
        stages = tuple(Stage(**one) for one in body["stages"])
        remarks = tuple(Remark(**one) for one in body["remarks"])
        return Diagnosis(job=body["job"], stages=stages, remarks=remarks) if len(stages) == 4 else None
    except (KeyError, TypeError):
        return None


def _error_of(body: Mapping[str, Any] | None) -> str:
    return str(body.get("error", "it is of another version")) if body is not None else "nothing came back"
