"""What is known of a running job when insights are looked for: `JobFigures`, a frozen value (times in Unix seconds)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseSpan:
    """A phase of a job; `finished_at` is None while it lasts. `is_recorded`: the agent's own events say so, not a
    pattern."""

    phase: str
    started_at: float
    finished_at: float | None = None
    is_recorded: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Errors:
    """Lines of level error: how many in the last minute, and how many a minute before that, on average."""

    last_minute: int
    per_minute_before: float
    last_message: str
    last_line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeat:
    """The last `lines` lines are only `texts`, each with its digits masked, again and again."""

    texts: tuple[str, ...]
    lines: int
    first_line: int
    last_line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SuiteResult:
    """The result of a run of tests: the counts that a runner printed, or how the `command` ended."""

    line: int
    time: float
    is_recorded: bool
    passed: int | None = None
    failed: int | None = None
    command: str | None = None
    exit_code: int | None = None
    is_error: bool = False
    """The command failed."""

    @property
    def is_failure(self) -> bool:
        """True if a test failed."""
        return bool(self.failed) or self.is_error


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimit:
    """A provider refused or warned; `resets_at` as it says it."""

    time: float
    line: int
    resets_at: str | None = None
    is_recorded: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """The agent waits for an answer of a person, since `since`."""

    question: str
    since: float
    line: int
    is_recorded: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultSeen:
    """The agent reported its result."""

    time: float
    line: int
    is_error: bool = False
    is_recorded: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class JobFigures:
    """A running job. What is not known is None, or empty."""

    job: str
    project: str
    run: str | None = None
    is_alive: bool = True
    started_at: float
    log_lines: int = 0
    log_bytes: int | None = None
    last_output_at: float | None = None
    files_changed_at: float | None = None
    """When a file of its project changed last."""
    errors: Errors | None = None
    repeat: Repeat | None = None
    current_phase: str | None = None
    phases: tuple[PhaseSpan, ...] = ()
    earlier: tuple[tuple[PhaseSpan, ...], ...] = ()
    """The phases of earlier jobs of the project that were completed."""
    tests: SuiteResult | None = None
    rate_limit: RateLimit | None = None
    waiting: Waiting | None = None
    result: ResultSeen | None = None
    lines_written: int | None = None
    lines_per_hour: float | None = None
    """Of late; the average is over all of the job."""
    lines_per_hour_average: float | None = None
    has_phase_patterns: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """What the ticker is given: the running jobs, and how many lines each project and each job has written."""

    jobs: tuple[JobFigures, ...] = ()
    project_lines: dict[str, int] | None = None
    job_lines: dict[str, int] | None = None
