"""What clients get of agents: `Agent` with what it is at, `Figures`, `Overview`. Values; all texts are untrusted."""

from __future__ import annotations

from dataclasses import dataclass

AGENT, SESSION, JOB, ORCHESTRATOR, STEP, SUB_AGENT = "agent", "session", "job", "orchestrator", "step", "sub-agent"
"""A name that tasks, calls or hooks give; below it one of several sessions, jobs or steps; an orchestrator; below a
session, who was started in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkItem:
    """Something that an agent is at. `kind`: "task", "job", "plan", "pipeline" or "session"; `detail`: status, phase,
    step or tool; `link`: its address in the page, as `#/...`."""

    kind: str
    id: str
    label: str
    detail: str | None
    link: str
    project: str | None
    since: str | None
    path: str | None = None
    """Of a task that is one of several files with its id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """The last sign of life: when, and of what `kind`: "hook", "call", "output", "report", "heartbeat", "files" (of its
    project), "file" or "lane" (of its task)."""

    at: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TouchedFile:
    """A file that changed lately. `rests_on` says why it is this agent's: "claim" of its task, or its "project"."""

    project: str
    path: str
    change: str
    at: str
    rests_on: str


@dataclass(frozen=True, slots=True)
class CallTotals:
    """Calls of today: their number, the cost of those with a known one (None: there are calls, and none has one), and
    the number of the others."""

    calls: int = 0
    cost_usd: float | None = 0.0
    unpriced: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """An agent, or one of several things that it is at. `id` is unique; `kind` is one of the six above; `parent` is the
    id of the one that it belongs to. `state` is one of `model.STATES`; `reason` and `source` say what it rests on; by
    time alone it is another at `state_until`. `counts` are its tasks per lane, {} below an agent. `today` is None where
    calls are not counted or cannot be read; `session` is the one whose calls they are, None: those of all."""

    id: str
    kind: str
    name: str
    parent: str | None
    state: str
    reason: str
    source: str
    certainty: str
    since: str | None
    state_until: str | None
    at: tuple[WorkItem, ...]
    current_task: WorkItem | None
    last: Sign | None
    files: tuple[TouchedFile, ...]
    counts: dict[str, int]
    today: CallTotals | None
    session: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Today, and now. What is not known is None: files that are not watched, calls that are not counted."""

    tasks_done: int
    jobs_done: int
    lines_per_hour: int | None
    calls: int | None
    cost_usd: float | None
    unpriced: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where what is known of agents comes from. `is_on`: it can tell something; `text` says what, or why not."""

    name: str
    is_on: bool
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """All agents at a `time`, those that concern a person first, each before what is below it; `more` were left out.
    `today` says whether calls are "known", "off" by the settings or "unavailable", as the database cannot be read."""

    agents: tuple[Agent, ...]
    more: int
    states: dict[str, int]
    figures: Figures
    sources: tuple[Source, ...]
    time: str
    today: str
    today_ends_at: str | None
    timezone: str | None
    stuck_after_min: float
