"""Codex' session logs: `~/.codex/sessions/YYYY/MM/DD/rollout-*.jsonl`, and those in `archived_sessions/`.

Since 0.153 a `token_usage_record` tells what one response used, and names it. Before, and beside it, a `token_count`
event tells the running total of the session and the usage of the last request; it is written again whenever the
limits are refreshed. So a counter tells of a call if its total moved, and if it is not the twin of a record.

A forked session and a sub-agent begin with a copy of their parent's log, with old times or new ones, behind the
parent's own `session_meta`. A counter is therefore named by the turn it stands in (older versions: by the session
that the last header names) and by its numbers, which a copy has too; whose copy comes first counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..model import Call, CallRefused, read_time, validate
from ..store.duplicate_ids import codex_response
from .line_reader import MALFORMED, NowMs, count, parse, reason, system_now_ms, text
from .session_facts import TaskPaths, TaskSwitches, lies_in, project_folder, project_of, strings

MAIN_AGENT = "codex"
_LONG_ID = 32
_KEPT_TURNS = 16
_KEPT_SWITCHES = 32
_INJECTED = ("<", "# AGENTS.md")
"""How texts begin that Codex itself puts into a conversation in the user's name."""
_TELLING = (b'"token_count"', b'"token_usage_record"', b'"turn_context"', b'"session_meta"', b'"compacted"')
_FIELDS = (
    "input_tokens", "cached_input_tokens", "cache_write_input_tokens", "output_tokens", "reasoning_output_tokens",
)  # fmt: skip

Usage = list[int]
"""Numbers of tokens, in the order of `_FIELDS`; a list because it goes into the state as JSON."""


class CodexSession:
    """A `LineReader` for one rollout."""

    def __init__(
        self,
        tasks: TaskSwitches,
        paths: TaskPaths,
        workspaces: Sequence[str] | None = None,
        state: Mapping[str, Any] | None = None,
        now_ms: NowMs = system_now_ms,
    ) -> None:
        """`workspaces`: only sessions in one of them count; None: all."""
        self.refused: list[tuple[int, str]] = []
        self._tasks, self._paths, self._workspaces, self._now_ms = tasks, paths, workspaces, now_ms
        known = dict(state or {})
        self._session: str | None = known.get("session")
        self._parent: str | None = known.get("parent")
        self._owner: str | None = known.get("owner")
        self._agent: str = known.get("agent", MAIN_AGENT)
        self._provider: str | None = known.get("provider")
        self._folder: str | None = known.get("folder")
        self._task: str | None = known.get("task")
        self._switches: list[list[Any]] = known.get("switches", [])
        self._model: str | None = known.get("model")
        self._turn: str | None = known.get("turn")
        self._models: dict[str, str] = known.get("models", {})
        self._total: Usage | None = known.get("total")
        self._recorded: Usage | None = known.get("recorded")
        self._counted: Usage | None = known.get("counted")
        for time_ms, task in self._switches:
            tasks.note(self._session or "", time_ms, task)

    def state(self) -> dict[str, Any]:
        """See `LineReader`."""
        known = {
            "session": self._session, "parent": self._parent, "owner": self._owner, "agent": self._agent,
            "provider": self._provider, "folder": self._folder, "task": self._task, "switches": self._switches,
            "model": self._model, "turn": self._turn, "models": self._models, "total": self._total,
            "recorded": self._recorded, "counted": self._counted,
        }  # fmt: skip
        return {name: value for name, value in known.items() if value}

    def read(self, lines: Iterable[tuple[int, bytes]]) -> list[Call]:
        """See `LineReader`. Lines without tokens, models or tasks are not even parsed."""
        now_ms = self._now_ms()
        calls: list[Call] = []
        for number, line in lines:
            try:
                if line[:1] != b"{" or line[-1:] != b"}":
                    raise CallRefused("This line is not a whole JSON object.")
                if any(mark in line for mark in _TELLING) or self._names_task(line):
                    call = self._take(parse(line))
                    if call is not None and (self._workspaces is None or lies_in(self._folder or "", self._workspaces)):
                        calls.append(validate(call, now_ms))
            except MALFORMED as problem:
                self.refused.append((number, reason(problem)))
        return calls

    def _names_task(self, line: bytes) -> bool:
        return b'_output"' not in line and self._paths.may_name(line)

    def _take(self, line: dict[str, Any]) -> Call | None:
        kind, payload = line.get("type"), line.get("payload")
        if not isinstance(payload, dict):
            return None
        if kind == "session_meta":
            self._head(payload)
        elif kind == "turn_context":
            self._turn_begins(payload)
        elif kind == "token_usage_record":
            return self._record(line, payload)
        elif kind == "compacted":
            latest = payload.get("latest_token_usage_record")
            # Written for its own response too, of which this may be the only record that a migration left.
            return self._response(line, latest) if isinstance(latest, dict) else None
        elif kind == "event_msg" and payload.get("type") == "token_count":
            return self._counter(line, payload)
        elif kind == "event_msg" and payload.get("type") == "user_message":
            self._name_task(line, [payload.get("message")])
        elif kind == "response_item":
            self._look_at_item(line, payload)
        return None

    # What the log says of itself.

    def _head(self, meta: dict[str, Any]) -> None:
        """The session's own header, or, in a copy, the one of the session that the following lines came from."""
        session = text(meta.get("id"))
        if self._session is None:
            self._session = session
            cwd = text(meta.get("cwd"), 4096)
            self._folder = project_folder(cwd) if cwd else None
            self._provider = text(meta.get("model_provider"))
            self._agent, spawned_by = _agent(meta)
            self._parent = spawned_by or text(meta.get("forked_from_id"))
            self._owner = self._parent or session
        else:
            self._owner = session or self._owner

    def _turn_begins(self, context: dict[str, Any]) -> None:
        self._model = text(context.get("model")) or self._model
        self._turn = text(context.get("turn_id"))
        self._recorded = self._counted = None
        if self._turn is not None and self._model is not None:
            self._models = dict([*self._models.items(), (self._turn, self._model)][-_KEPT_TURNS:])
        cwd = text(context.get("cwd"), 4096)
        if self._folder is None and cwd is not None:
            self._folder = project_folder(cwd)

    # Calls.

    def _record(self, line: dict[str, Any], record: dict[str, Any]) -> Call | None:
        usage = _usage(record["usage"])
        if usage == self._counted:  # its twin was written first
            self._counted = None
            return None
        self._recorded = usage
        return self._response(line, record)

    def _response(self, line: dict[str, Any], record: dict[str, Any]) -> Call | None:
        response = text(record.get("response_id"))
        if response is None:
            raise CallRefused("This record of usage names no response.")
        model = self._models.get(str(record.get("turn_id") or record.get("root_turn_id"))) or self._model
        return self._call(line, f"codex:{response}", model, _usage(record["usage"]))

    def _counter(self, line: dict[str, Any], payload: dict[str, Any]) -> Call | None:
        info = payload.get("info")
        if not isinstance(info, dict):
            return None  # only the limits of the account
        total, last = _usage_or_none(info.get("total_token_usage")), _usage_or_none(info.get("last_token_usage"))
        before, self._total = self._total, total or self._total
        if total is not None and total == before:
            return None
        if last is None and total is not None and (before is not None or self._parent is None):
            last = _since(total, before)
        if last is None or not (last[0] or last[3]):
            return None  # an estimate of the context after compaction
        if last == self._recorded:
            self._recorded = None
            return None
        self._counted = last
        scope = self._turn if self._turn is not None and len(self._turn) >= _LONG_ID else self._owner
        numbers = ".".join(map(str, [*(total or [])[:4], *last[:4]])) + ("" if total else f"@{line.get('timestamp')}")
        model = text(payload.get("model")) or text(info.get("model")) or self._model
        return self._call(line, f"codex:{scope}:{numbers}", model, last)

    def _call(self, line: dict[str, Any], identity: str, model: str | None, usage: Usage) -> Call | None:
        prompt, read, write, completion, _ = usage
        if not prompt and not completion:
            return None
        time_ms = read_time(line.get("timestamp"))
        return Call(
            identity,
            time_ms,
            agent_name=self._agent,
            model_name=model,
            provider=self._provider,
            task_id=self._task or self._tasks.at(self._parent, time_ms),
            session_id=self._session,
            project=project_of(self._folder or ""),
            prompt_tokens=prompt,
            completion_tokens=completion,
            cache_read_tokens=read,
            cache_write_tokens=write,
            twin_id=codex_response(self._session, prompt, read, completion) if self._session else None,
        )

    # Tasks.

    def _look_at_item(self, line: dict[str, Any], item: dict[str, Any]) -> None:
        kind = item.get("type")
        if kind == "message" and item.get("role") == "user":
            said = [part for part in strings(item.get("content")) if not part.lstrip().startswith(_INJECTED)]
            self._name_task(line, said)
        elif kind in ("function_call", "custom_tool_call", "local_shell_call"):
            self._name_task(line, strings([item.get("arguments"), item.get("input"), item.get("action")]))

    def _name_task(self, line: dict[str, Any], texts: Iterable[Any]) -> None:
        """From here on the session works at the last task that these texts name."""
        task = text(self._paths.last(part for part in texts if isinstance(part, str)))
        if task is None:
            return
        self._task = task
        if self._session is not None:
            time_ms = read_time(line.get("timestamp"))
            self._switches = [*self._switches, [time_ms, task]][-_KEPT_SWITCHES:]
            self._tasks.note(self._session, time_ms, task)


def _agent(meta: dict[str, Any]) -> tuple[str, str | None]:
    """(name of the agent, session of the agent that started it if it is a sub-agent)."""
    source = meta.get("source")
    sub = source.get("subagent", source.get("subAgent")) if isinstance(source, dict) else None
    spawn = sub.get("thread_spawn") if isinstance(sub, dict) else None
    if not isinstance(spawn, dict):
        spawn = {}
    if sub is None and meta.get("thread_source") not in ("subagent", "guardian_review"):
        return MAIN_AGENT, None
    roles = [spawn.get("agent_role"), meta.get("agent_role")]
    names = [spawn.get("agent_nickname"), meta.get("agent_nickname")]
    kinds = [sub, sub.get("other") if isinstance(sub, dict) else None]
    role = next((name for name in map(text, [*roles, *names, *kinds]) if name and name != "default"), None)
    parent = text(spawn.get("parent_thread_id")) or text(meta.get("parent_thread_id"))
    return role or text(meta.get("id")) or "sub-agent", parent


def _usage(value: object) -> Usage:
    if not isinstance(value, dict):
        raise CallRefused("This usage is not an object.")
    return [count(value, name) for name in _FIELDS]


def _usage_or_none(value: object) -> Usage | None:
    return _usage(value) if value is not None else None


def _since(total: Usage, before: Usage | None) -> Usage:
    """What a total without the last usage adds to the one before; a total that fell began anew."""
    if before is None or any(now < then for now, then in zip(total, before, strict=True)):
        return total
    return [now - then for now, then in zip(total, before, strict=True)]
