"""What an agent does, from what is known of it: `state_of(known, now, stuck_after_s)`. Values and pure rules.

A state never says more than is known, and says what it rests on. What speaks first: a hook, then a run that was seen,
then what agents report, then the log of their calls, and last the file of a task, which anybody may have written.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from ..hooks.model import WAITING as WAITING_SESSION
from ..hooks.model import Certainty, Session
from ..hooks.model import State as SessionState
from ..jobs.model import Job, JobStatus
from ..orchestrators.model import Orchestrator
from ..pipelines.model import RunningStep
from ..tasks.status_words import asks_person, is_blocked, is_under_way, says_failed
from ..times import unix_time

CALLED_S = 600.0
"""So long after a call its agent counts as working where nothing else says so. A call to a model can take minutes."""
WAITING, STUCK, WORKING, UNKNOWN, IDLE, FINISHED = "waiting", "stuck", "working", "unknown", "idle", "finished"
STATES = (WAITING, STUCK, WORKING, UNKNOWN, IDLE, FINISHED)
"""It waits for a person; says that it works, and no sign of life; works; cannot tell; nothing at hand; all is done. In
the order in which they concern a person."""
HOOK, RUN, REPORT, REGISTRY, LOG, TASK, NOTHING = (
    "hook", "run", "report", "registry", "session log", "task file", "nothing",
)  # fmt: skip
SOURCES = (HOOK, RUN, REPORT, REGISTRY, LOG, TASK, NOTHING)
"""What a state rests on: a hook, a run that is supervised, an agent's report, the registry of orchestrators with a look
at the process, a logged call, the file of a task, nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AtHand:
    """The assigned task that an agent has at hand, as far as rules need it. `changed`: the last that happened to it."""

    status: str | None
    changed: float
    since: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """All that is known of one agent, session, job or sub-agent. Times are Unix times. `last_sign` is the last sign of
    life of whatever kind; `outlived`: its session was heard of after its last call. `stale_after_s`: how long a task
    that nobody has begun may lie; 0: for ever."""

    session: Session | None = None
    job: Job | None = None
    orchestrator: Orchestrator | None = None
    step: RunningStep | None = None
    first_call: float | None = None
    last_call: float | None = None
    outlived: bool = False
    task: AtHand | None = None
    done: int = 0
    last_sign: float | None = None
    stale_after_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """The `state` (of `STATES`) with the sentence `reason`, the `source` (of `SOURCES`) and certainty that it has, when
    it began, and when time alone makes it another."""

    state: str
    reason: str
    source: str
    certainty: str = Certainty.CONFIRMED
    since: float | None = None
    until: float | None = None


def state_of(known: Known, now: float, stuck_after_s: float) -> Verdict:
    """What it does. `stuck_after_s`: who says that it works is stuck after so long without a sign of life; 0: never."""
    for rule in (_by_hook, _by_job, _by_registry, _by_report, _by_call, _by_task):
        found = rule(known, now)
        if found is not None:
            return _or_stuck(found, known, now, stuck_after_s)
    return _at_rest(known)


def worst_of(verdicts: Iterable[Verdict]) -> Verdict:
    """Of several things that one agent is at, the one that concerns a person most; of equal ones, the latest."""
    found = list(verdicts)
    worst = min(found, key=lambda one: (STATES.index(one.state), -(one.since or 0.0)))
    until = min((one.until for one in found if one.until is not None), default=None)
    reason = worst.reason if len(found) == 1 else f"Of {len(found)} things at once: {worst.reason}"
    return replace(worst, reason=reason, until=until)


def _or_stuck(found: Verdict, known: Known, now: float, stuck_after_s: float) -> Verdict:
    """Who says that it works, and gives no sign of life, is stuck. A call that was made proves that it worked."""
    if found.state != WORKING or not stuck_after_s or found.source == LOG:
        return found
    last = known.last_sign if known.last_sign is not None else found.since if found.since is not None else now
    at = last + stuck_after_s
    if now < at:
        return replace(found, until=at if found.until is None else min(at, found.until))
    reason = f"{found.reason[:-1]}, and there was no sign of life for {_minutes(stuck_after_s)}."
    return Verdict(STUCK, reason, found.source, Certainty.DERIVED, last)


def _by_hook(known: Known, now: float) -> Verdict | None:
    session = known.session
    if session is None or session.state == SessionState.ENDED:
        return None
    since = unix_time(session.since)
    if known.last_call is not None and now - known.last_call < CALLED_S and _is_newer(known.last_call, session):
        return None  # its calls know more than its hooks
    said = f"{session.rests_on[:1].upper()}{session.rests_on[1:]}."
    if session.certainty == Certainty.UNKNOWN:
        return Verdict(UNKNOWN, said, HOOK, Certainty.UNKNOWN, since)
    if session.state in WAITING_SESSION:
        return Verdict(WAITING, said, HOOK, session.certainty, since)
    if session.state == SessionState.WORKING:
        return Verdict(WORKING, said, HOOK, session.certainty, since)
    return Verdict(IDLE, said, HOOK, session.certainty, since)


def _is_newer(last_call: float, session: Session) -> bool:
    """True if a call shows that a session does something else than its hooks said last: it is idle or silent."""
    last_at = unix_time(session.last_at) or 0.0
    is_quiet = session.state == SessionState.IDLE or session.certainty == Certainty.UNKNOWN
    return is_quiet and last_call > last_at + 5.0  # what is logged at the end of a turn belongs to it


def _by_job(known: Known, _now: float) -> Verdict | None:
    job = known.job
    if job is None:
        return None
    since = unix_time(job.started_at)
    if job.status is JobStatus.UNKNOWN:
        reason = "What waited for its program was killed, so nobody knows how it ended."
        return Verdict(UNKNOWN, reason, RUN, Certainty.UNKNOWN, unix_time(job.finished_at))
    if job.status is not JobStatus.IN_PROGRESS:
        return None
    if job.waiting_for_input is not None:
        asked = unix_time(job.last_output_at)
        return Verdict(WAITING, "Its log asks, and it printed nothing since.", RUN, Certainty.DERIVED, asked)
    return Verdict(WORKING, "Its program runs.", RUN, Certainty.CONFIRMED, since)


def _by_registry(known: Known, _now: float) -> Verdict | None:
    one = known.orchestrator
    if one is None:
        return None
    since = unix_time(one.started_at)
    if one.status == "crashed":
        return Verdict(STUCK, "The registry says that it runs, and its process is gone.", REGISTRY, since=since)
    if not one.is_alive:
        return None
    if one.is_stale:
        reason = "Its process runs, and its last heartbeat is too long ago."
        return Verdict(STUCK, reason, REGISTRY, Certainty.DERIVED, unix_time(one.last_heartbeat))
    return Verdict(WORKING, "It is registered, and its process runs.", REGISTRY, since=since)


def _by_report(known: Known, _now: float) -> Verdict | None:
    step = known.step
    if step is None:
        return None
    reason = f"An agent reported that its step “{step.step}” runs."
    return Verdict(WORKING, reason, REPORT, Certainty.DERIVED, unix_time(step.started_at))


def _by_call(known: Known, now: float) -> Verdict | None:
    last = known.last_call
    if last is None or now - last >= CALLED_S:
        return None
    reason = f"It called a model within the last {_minutes(CALLED_S)}."
    return Verdict(WORKING, reason, LOG, Certainty.DERIVED, known.first_call, last + CALLED_S)


def _by_task(known: Known, now: float) -> Verdict | None:
    task = known.task
    if task is None:
        return None
    status, since = task.status or "", task.since
    says = f"Its task says “{task.status}”" if task.status else "Its task says no status"
    if asks_person(status) or says_failed(status):
        return Verdict(WAITING, f"{says}.", TASK, Certainty.DERIVED, task.changed)
    if is_blocked(status):
        return Verdict(STUCK, f"{says}.", TASK, Certainty.DERIVED, task.changed)
    if is_under_way(status):
        return Verdict(WORKING, f"{says}.", TASK, Certainty.DERIVED, since)
    last = known.last_sign if known.last_sign is not None else task.changed
    stale_at = last + known.stale_after_s if known.stale_after_s else None
    if stale_at is not None and now >= stale_at:
        reason = f"It has a task, and nothing happened for {known.stale_after_s / 3600:g} hours."
        return Verdict(STUCK, reason, TASK, Certainty.DERIVED, last)
    return Verdict(IDLE, f"{says}, so nobody says that it is worked on.", TASK, Certainty.DERIVED, since, stale_at)


def _at_rest(known: Known) -> Verdict:
    """Nothing says that it works, and it has no task."""
    ended = known.session if known.session is not None and known.session.state == SessionState.ENDED else None
    if known.outlived:
        reason = "It called no model any more, and its session went on."
        return Verdict(FINISHED, reason, LOG, Certainty.DERIVED, known.last_call)
    if ended is not None:
        reason = f"{ended.rests_on[:1].upper()}{ended.rests_on[1:]}."
        return Verdict(FINISHED, reason, HOOK, ended.certainty, unix_time(ended.since))
    if known.done:
        return Verdict(FINISHED, "All its tasks are done.", TASK, Certainty.DERIVED, known.last_sign)
    if known.last_call is not None:
        reason = "It has called no model for a while, and no hook says whether it waits, has finished or is gone."
        return Verdict(UNKNOWN, reason, LOG, Certainty.UNKNOWN, known.last_call)
    return Verdict(IDLE, "No task is assigned to it.", TASK, Certainty.DERIVED, known.last_sign)


def _minutes(seconds: float) -> str:
    return "a minute" if seconds == 60 else f"{seconds / 60:g} minutes"
