"""`SessionLog`, the base of readers of a log with one JSON object per line, most of them from one session."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from ..model import NANOS, Call, CallRefused, validate
from .line_reader import LINE_ERRORS, clean_text, parse_line, refusal_reason
from .log_kind import ReadScope
from .session_facts import is_within, project_folder, project_name

_MAX_MESSAGE = 500


class SessionLog(ABC):
    """A `LineReader`; an agent's reader derives from it and says what its lines mean."""

    marks: ClassVar[tuple[bytes, ...]] = ()
    """A line is parsed if it contains one of these, or the path of a task."""

    def __init__(self, scope: ReadScope, state: Mapping[str, Any] | None = None) -> None:
        self.refused: list[tuple[int, str]] = []
        self.scope = scope
        self._names_task = False
        saved = dict(state or {})
        self.session: str | None = saved.get("session")
        self.folder: str | None = saved.get("folder")
        self.task: str | None = saved.get("task")

    def state(self) -> dict[str, Any]:
        """See `LineReader`."""
        saved = {"session": self.session, "folder": self.folder, "task": self.task, **self.own_state()}
        return {name: value for name, value in saved.items() if value}

    def read(self, lines: Iterable[tuple[int, bytes]]) -> list[Call]:
        """See `LineReader`."""
        now_ms = self.scope.now_ms()
        calls: list[Call] = []
        for number, line in lines:
            try:
                if line[:1] != b"{" or line[-1:] != b"}":
                    raise CallRefused("This line is not a whole JSON object.")
                self._names_task = self.scope.paths.may_match(line)
                if self._names_task or self._is_marked(line):
                    for call in self.apply(parse_line(line)):
                        if self.is_in_scope():
                            calls.append(validate(call, now_ms))
            except LINE_ERRORS as problem:
                self.refused.append((number, refusal_reason(problem)))
        return calls

    def _is_marked(self, line: bytes) -> bool:
        for mark in self.marks:  # noqa: SIM110  # a loop takes half the time, and it is asked for every line
            if mark in line:
                return True
        return False

    def own_state(self) -> dict[str, Any]:
        """What else a later reader needs, as JSON values."""
        return {}

    @abstractmethod
    def apply(self, line: dict[str, Any]) -> Iterable[Call]:
        """The calls in a line. Raises one of LINE_ERRORS."""

    def is_in_scope(self) -> bool:
        """True if the session ran in one of the workspaces whose calls count."""
        return self.scope.workspaces is None or is_within(self.folder or "", self.scope.workspaces)

    def set_folder(self, cwd: object) -> None:
        """The session started in this folder, unless it was known before."""
        path = clean_text(cwd, 4096)
        if self.folder is None and path is not None:
            self.folder = project_folder(path)

    @property
    def project(self) -> str | None:
        """The name of the session's project."""
        return project_name(self.folder or "")

    def set_task(self, texts: Iterable[str]) -> None:
        """From here on the session works on the last task that the texts name."""
        if self._names_task:
            self.task = clean_text(self.scope.paths.last_task(texts)) or self.task


def failed(call: Call, reason: object) -> Call:
    """A call that failed for this reason; it cost 0 if it used no tokens."""
    text = clean_text(reason, _MAX_MESSAGE)
    timed_out = text is not None and ("timed out" in text.lower() or "timeout" in text.lower())
    unused = not call.prompt_tokens and not call.completion_tokens
    return call._replace(
        status="timeout" if timed_out else "error", error_message=text, cost_nanos=0 if unused else call.cost_nanos
    )


def reported_nanos(dollars: object) -> int | None:
    """A cost that the agent wrote, in nano-dollars; None if it is not above 0: agents write 0 for unknown prices."""
    if not isinstance(dollars, (int, float)) or isinstance(dollars, bool) or not dollars > 0:
        return None
    return round(dollars * NANOS)
