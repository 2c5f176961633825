"""Copilot CLI's own spans: `~/.copilot/otel/*.jsonl`, written if `COPILOT_OTEL_FILE_EXPORTER_PATH` names such a file.

`CopilotReader` reads one file. Its lines, as of Copilot CLI 1.0, have what OpenTelemetry's SDK for JavaScript knows of
a span: `{"type": "span", "traceId", "spanId", "parentSpanId", "name", "startTime": [s, ns], "endTime": [s, ns],
"attributes": {...}, "status": {"code"}, "resource": {"attributes": {...}}, "instrumentationScope": {"name"}}`. Lines of
type `metric` are sums over the same calls. A line may also be a whole OTLP request (`resourceSpans`), as a collector
writes it.
Sources: docs.github.com/en/copilot ("OpenTelemetry" of Copilot CLI), opentelemetry.io ("OTLP File Exporter").

A `chat` span is a call; its input tokens include cached ones. An `invoke_agent` span has the sum of the calls in it,
and counts only if none of them is in the file. A span ends after those below it, so it is written after them: all that
has to be remembered is which spans that have not ended yet have tokens below them.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ..model import Call, CallRefused, read_call
from ..otlp.attributes import GENERIC
from ..otlp.documents import first, make_document, tokens
from ..otlp.json_records import json_spans
from ..otlp.records import STATUS_ERROR, OtlpRecord, Value
from .line_reader import LINE_ERRORS, NowMs, clean_text, parse_line, refusal_reason, system_now_ms
from .log_kind import LogKind, ReaderFactory, ReadScope
from .session_facts import TaskPaths

AGENT = "copilot"
_REPOSITORY = "github.copilot.git_repository"
_MAX_OPEN = 500
_MAX_SESSIONS = 50
_COUNTS = (*GENERIC.fields["prompt_tokens"], *GENERIC.fields["completion_tokens"])


def default_folders(environ: Mapping[str, str], home: str) -> list[str]:
    """Where Copilot CLI's spans are if the user follows its manual; the folder need not exist."""
    return [os.path.join(environ.get("COPILOT_HOME") or os.path.join(home, ".copilot"), "otel")]


def is_copilot_log(lines: Sequence[bytes]) -> bool:
    """True for the first lines of a file with spans of Copilot."""
    return any(b'"github.copilot"' in line and b'"span' in line.lower() for line in lines)


class CopilotReader:
    """A `LineReader` for one file of spans."""

    def __init__(
        self,
        paths: TaskPaths,
        in_scope: bool = True,
        state: Mapping[str, Any] | None = None,
        now_ms: NowMs = system_now_ms,
    ) -> None:
        """`in_scope` False: only sessions of one workspace count. Spans do not say where a session ran: none counts."""
        self.refused: list[tuple[int, str]] = []
        self._paths, self._in_scope, self._now_ms = paths, in_scope, now_ms
        saved = dict(state or {})
        self._open: dict[tuple[str, str], None] = dict.fromkeys((trace, span) for trace, span in saved.get("open", ()))
        """Spans that have not ended, with tokens below them."""
        self._tasks: dict[str, str] = dict(saved.get("tasks", {}))
        """Session -> the task that a tool named last."""

    def state(self) -> dict[str, Any]:
        """See `LineReader`."""
        saved = {"open": [list(key) for key in self._open], "tasks": self._tasks}
        return {name: value for name, value in saved.items() if value}

    def read(self, lines: Iterable[tuple[int, bytes]]) -> list[Call]:
        """See `LineReader`."""
        now_ms = self._now_ms()
        calls: list[Call] = []
        for number, line in lines:
            try:
                if b'"span"' in line or b'"resourceSpans"' in line:
                    for span in _spans(parse_line(line)):
                        calls += self._read_span(span, now_ms)
            except LINE_ERRORS as problem:
                self.refused.append((number, refusal_reason(problem)))
        return calls

    def _read_span(self, span: OtlpRecord, now_ms: int) -> Iterator[Call]:
        key = (span.trace, span.span)
        has_tokens_below = key in self._open
        self._open.pop(key, None)
        self._set_task(span)
        document = make_document(span, GENERIC, f"otel:{span.trace}:{span.span}" if span.span else None, now_ms)
        uses_tokens = tokens(document.get("prompt_tokens")) > 0 or tokens(document.get("completion_tokens")) > 0
        if (uses_tokens or has_tokens_below) and span.parent:
            self._open[span.trace, span.parent] = None
            while len(self._open) > _MAX_OPEN:
                del self._open[next(iter(self._open))]
        if has_tokens_below or not self._in_scope:
            return
        said = "status" in document or any(name in span.attributes for name in _COUNTS)
        if uses_tokens or (said and span.attributes.get("gen_ai.operation.name") == "chat"):
            document["agent_name"] = first(span.attributes, ("gen_ai.agent.name",)) or AGENT
            document.setdefault("project", _repository_name(span.attributes.get(_REPOSITORY)))
            document.setdefault("task_id", self._tasks.get(document.get("session_id", "")))
            yield read_call(document, now_ms)

    def _set_task(self, span: OtlpRecord) -> None:
        session = first(span.attributes, ("gen_ai.conversation.id",))
        texts = [value for value in span.attributes.values() if isinstance(value, str)]
        task = clean_text(self._paths.last_task(texts))
        if session is not None and task is not None:
            self._tasks.pop(str(session), None)
            self._tasks[str(session)] = task
            while len(self._tasks) > _MAX_SESSIONS:
                del self._tasks[next(iter(self._tasks))]


def _spans(line: dict[str, Any]) -> Iterator[OtlpRecord]:
    """The spans in a line; none in one of another type."""
    if "resourceSpans" in line:
        yield from json_spans(line)
    elif line.get("type") == "span":
        resource, status = _mapping(line.get("resource")), _mapping(line.get("status"))
        yield OtlpRecord(
            _attributes(resource.get("attributes")),
            str(_mapping(line.get("instrumentationScope")).get("name", "")),
            str(line.get("name", "")),
            _attributes(line.get("attributes")),
            _text(line.get("traceId")),
            _text(line.get("spanId")),
            _text(line.get("parentSpanId") or _mapping(line.get("parentSpanContext")).get("spanId")),
            _nanoseconds(line.get("startTime")),
            _nanoseconds(line.get("endTime")),
            status.get("code") == STATUS_ERROR,
            _text(status.get("message")),
        )


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _attributes(value: object) -> dict[str, Value]:
    return {name: one for name, one in _mapping(value).items() if isinstance(one, (str, int, float))}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _nanoseconds(value: object) -> int:
    """A time as the SDK has it, [seconds, nanoseconds]; 0 if there is none. Raises CallRefused."""
    if value is None:
        return 0
    if isinstance(value, list) and len(value) == 2 and all(type(part) is int for part in value):
        return value[0] * 1_000_000_000 + value[1]  # type: ignore[no-any-return]
    raise CallRefused("The time of this span is not [seconds, nanoseconds].")


def _repository_name(address: Value | None) -> str | None:
    name = str(address or "").rstrip("/").removesuffix(".git").rpartition("/")[2]
    return clean_text(name)


def _readers(scope: ReadScope) -> ReaderFactory:
    return lambda path, state: CopilotReader(scope.paths, scope.workspaces is None, state, scope.now_ms)


KIND = LogKind(
    agent="Copilot CLI",
    setting="copilot_folders",
    default_folders=default_folders,
    includes=lambda path: path.endswith(".jsonl") and not path.rpartition("/")[2].startswith("."),
    readers=_readers,
    recognises=lambda path, lines: is_copilot_log(lines),
)
