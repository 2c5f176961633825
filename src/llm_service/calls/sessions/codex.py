"""Codex' session logs: `~/.codex/sessions/YYYY/MM/DD/rollout-*.jsonl`, and those in `archived_sessions/`.

`CodexReader` reads one log. Since version 0.153 a `token_usage_record` has the usage and the id of one response.
Before that, and beside it, a `token_count` event ("counter") has the running total of the session and the usage of the
last request; it is repeated whenever the rate limits are refreshed. So a counter is a call if its total has changed
and no record has the same usage.

A forked session and a sub-agent start with a copy of their parent's log, with old or new times. The id of a counter is
therefore its turn and its numbers, which a copy has too; the copy that is read first counts. Where there are no turn
ids, `codex_forks` finds the session that a counter belongs to.

The service tier of a request is not in the log. Since version 0.144 `thread_settings_applied` has the tier that the
next requests ask for; what was served, and billed, may be another one, so these calls are marked as not confirmed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..model import Call, CallRefused, read_time, validate
from ..served import normalize_tier
from ..store.duplicate_ids import codex_response
from .codex_forks import CounterOwner, SharedCounters
from .line_reader import LINE_ERRORS, NowMs, clean_text, parse_line, refusal_reason, system_now_ms, token_count
from .session_facts import TaskPaths, TaskSwitches, is_within, iter_strings, project_folder, project_name

MAIN_AGENT = "codex"
_LONG_ID = 32
_MAX_TURNS = 16
_MAX_SWITCHES = 32
_INJECTED = ("<", "# AGENTS.md")
"""Prefixes of messages that Codex itself adds in the name of the user."""
_RELEVANT = (
    b'"token_count"', b'"token_usage_record"', b'"turn_context"', b'"session_meta"', b'"compacted"',
    b'"thread_settings_applied"',
)  # fmt: skip
_FIELDS = (
    "input_tokens", "cached_input_tokens", "cache_write_input_tokens", "output_tokens", "reasoning_output_tokens",
)  # fmt: skip

TokenCounts = list[int]
"""Token counts in the order of `_FIELDS`; a list because the state is JSON."""


class CodexReader:
    """A `LineReader` for one rollout log."""

    def __init__(
        self,
        tasks: TaskSwitches,
        paths: TaskPaths,
        workspaces: Sequence[str] | None = None,
        state: Mapping[str, Any] | None = None,
        now_ms: NowMs = system_now_ms,
        counters: SharedCounters | None = None,
    ) -> None:
        """`workspaces`: only sessions in one of these folders count; None: all. `counters`: of the folder."""
        self.refused: list[tuple[int, str]] = []
        self._tasks, self._paths, self._workspaces, self._now_ms = tasks, paths, workspaces, now_ms
        saved = dict(state or {})
        self._session: str | None = saved.get("session")
        self._parent: str | None = saved.get("parent")
        self._owner: str | None = saved.get("owner")
        self._agent: str = saved.get("agent", MAIN_AGENT)
        self._provider: str | None = saved.get("provider")
        self._folder: str | None = saved.get("folder")
        self._task: str | None = saved.get("task")
        self._switches: list[list[Any]] = saved.get("switches", [])
        self._model: str | None = saved.get("model")
        self._tier: str | None = saved.get("tier")
        self._turn: str | None = saved.get("turn")
        self._models: dict[str, str] = saved.get("models", {})
        self._total: TokenCounts | None = saved.get("total")
        self._last_record: TokenCounts | None = saved.get("recorded")
        self._last_counter: TokenCounts | None = saved.get("counted")
        self._counter_owner = CounterOwner(counters or SharedCounters(), saved.get("counters"))
        for time_ms, task in self._switches:
            tasks.add(self._session or "", time_ms, task)

    def state(self) -> dict[str, Any]:
        """See `LineReader`."""
        saved = {
            "session": self._session, "parent": self._parent, "owner": self._owner, "agent": self._agent,
            "provider": self._provider, "folder": self._folder, "task": self._task, "switches": self._switches,
            "model": self._model, "tier": self._tier, "turn": self._turn, "models": self._models, "total": self._total,
            "recorded": self._last_record, "counted": self._last_counter, "counters": self._counter_owner.state(),
        }  # fmt: skip
        return {name: value for name, value in saved.items() if value}

    def read(self, lines: Iterable[tuple[int, bytes]]) -> list[Call]:
        """See `LineReader`. Lines without tokens, models or tasks are not parsed."""
        now_ms = self._now_ms()
        calls: list[Call] = []
        for number, line in lines:
            try:
                if line[:1] != b"{" or line[-1:] != b"}":
                    raise CallRefused("This line is not a whole JSON object.")
                if self._is_relevant(line):
                    call = self._apply_line(parse_line(line))
                    if call is not None and self._is_in_scope():
                        calls.append(validate(call, now_ms))
            except LINE_ERRORS as problem:
                self.refused.append((number, refusal_reason(problem)))
        return calls

    def _is_in_scope(self) -> bool:
        return self._workspaces is None or is_within(self._folder or "", self._workspaces)

    def _is_relevant(self, line: bytes) -> bool:
        for mark in _RELEVANT:  # a loop, as it is asked for every line
            if mark in line:
                return True
        return b'_output"' not in line and self._paths.may_match(line)

    def _apply_line(self, line: dict[str, Any]) -> Call | None:
        kind, payload = line.get("type"), line.get("payload")
        if not isinstance(payload, dict):
            return None
        if kind == "session_meta":
            self._apply_session_meta(line, payload)
        elif kind == "turn_context":
            self._apply_turn_context(line, payload)
        elif kind == "token_usage_record":
            return self._read_usage_record(line, payload)
        elif kind == "compacted":
            latest = payload.get("latest_token_usage_record")
            # Repeats the record of its own response, and may be the only copy after a migration.
            return self._read_response(line, latest) if isinstance(latest, dict) else None
        elif kind == "event_msg" and payload.get("type") == "token_count":
            return self._read_token_count(line, payload)
        elif kind == "event_msg" and payload.get("type") == "thread_settings_applied":
            self._apply_settings(payload)
        elif kind == "event_msg" and payload.get("type") == "user_message":
            self._set_task(line, [payload.get("message")])
        elif kind == "response_item":
            self._apply_item(line, payload)
        return None

    # Session and turns.

    def _apply_session_meta(self, line: dict[str, Any], meta: dict[str, Any]) -> None:
        """The session's own header, or, in a copy, the header of the session that the next lines were copied from."""
        session, time_ms = clean_text(meta.get("id")), read_time(line.get("timestamp"))
        if self._session is None:
            self._session = session
            cwd = clean_text(meta.get("cwd"), 4096)
            self._folder = project_folder(cwd) if cwd else None
            self._provider = clean_text(meta.get("model_provider"))
            self._agent, spawned_by = _agent_and_parent(meta)
            self._parent = spawned_by or clean_text(meta.get("forked_from_id"))
            self._owner = self._parent or session
            self._counter_owner.begin(session, self._parent, time_ms)
        else:
            self._owner = session or self._owner
            self._counter_owner.meet(session, time_ms)

    def _apply_turn_context(self, line: dict[str, Any], context: dict[str, Any]) -> None:
        self._counter_owner.pass_line(read_time(line.get("timestamp")))
        self._model = clean_text(context.get("model")) or self._model
        self._turn = clean_text(context.get("turn_id"))
        self._last_record = self._last_counter = None
        if self._turn is not None and self._model is not None:
            self._models = dict([*self._models.items(), (self._turn, self._model)][-_MAX_TURNS:])
        cwd = clean_text(context.get("cwd"), 4096)
        if self._folder is None and cwd is not None:
            self._folder = project_folder(cwd)

    def _apply_settings(self, payload: dict[str, Any]) -> None:
        """The service tier of the next requests. The settings in a copy of a parent's log are not those of the copy."""
        settings = payload.get("thread_settings")
        thread = payload.get("thread_id")
        if not isinstance(settings, dict) or (thread is not None and thread != self._session):
            return
        self._model = self._model or clean_text(settings.get("model"))
        if "service_tier" in settings:
            tier = normalize_tier(clean_text(settings["service_tier"]))
            self._tier = "priority" if tier == "fast" else tier

    # Calls.

    def _read_usage_record(self, line: dict[str, Any], record: dict[str, Any]) -> Call | None:
        usage = _read_usage(record["usage"])
        if usage == self._last_counter:  # its counter was written first
            self._last_counter = None
            return None
        self._last_record = usage
        return self._read_response(line, record)

    def _read_response(self, line: dict[str, Any], record: dict[str, Any]) -> Call | None:
        response = clean_text(record.get("response_id"))
        if response is None:
            raise CallRefused("This usage record has no response id.")
        model = self._models.get(str(record.get("turn_id") or record.get("root_turn_id"))) or self._model
        return self._make_call(line, f"codex:{response}", model, _read_usage(record["usage"]))

    def _read_token_count(self, line: dict[str, Any], payload: dict[str, Any]) -> Call | None:
        info = payload.get("info")
        if not isinstance(info, dict):
            return None  # only rate limits of the account
        total, last = (
            _read_usage_or_none(info.get("total_token_usage")),
            _read_usage_or_none(info.get("last_token_usage")),
        )
        before, self._total = self._total, total or self._total
        if total is not None and total == before:
            return None
        if last is None and total is not None and (before is not None or self._parent is None):
            last = _difference(total, before)
        if last is None or not (last[0] or last[3]):
            return None  # an estimate of the context size after compaction
        if last == self._last_record:
            self._last_record = None
            return None
        self._last_counter = last
        numbers = ".".join(map(str, [*(total or [])[:4], *last[:4]])) + ("" if total else f"@{line.get('timestamp')}")
        scope = self._turn
        if scope is None or len(scope) < _LONG_ID:
            scope = self._counter_owner.owner(numbers, self._owner, read_time(line.get("timestamp")))
        model = clean_text(payload.get("model")) or clean_text(info.get("model")) or self._model
        return self._make_call(line, f"codex:{scope}:{numbers}", model, last)

    def _make_call(self, line: dict[str, Any], call_id: str, model: str | None, usage: TokenCounts) -> Call | None:
        prompt, read, write, completion, _ = usage
        if not prompt and not completion:
            return None
        time_ms = read_time(line.get("timestamp"))
        return Call(
            call_id,
            time_ms,
            agent_name=self._agent,
            model_name=model,
            provider=self._provider,
            task_id=self._task or self._tasks.task_at(self._parent, time_ms),
            session_id=self._session,
            project=project_name(self._folder or ""),
            prompt_tokens=prompt,
            completion_tokens=completion,
            cache_read_tokens=read,
            cache_write_tokens=write,
            service_tier=self._tier,
            unconfirmed=self._tier is not None,
            duplicate_id=codex_response(self._session, prompt, read, completion) if self._session else None,
        )

    # Tasks.

    def _apply_item(self, line: dict[str, Any], item: dict[str, Any]) -> None:
        kind = item.get("type")
        if kind == "message" and item.get("role") == "user":
            typed = [part for part in iter_strings(item.get("content")) if not part.lstrip().startswith(_INJECTED)]
            self._set_task(line, typed)
        elif kind in ("function_call", "custom_tool_call", "local_shell_call"):
            self._set_task(line, iter_strings([item.get("arguments"), item.get("input"), item.get("action")]))

    def _set_task(self, line: dict[str, Any], texts: Iterable[Any]) -> None:
        """From here on the session works on the last task that the texts name."""
        task = clean_text(self._paths.last_task(part for part in texts if isinstance(part, str)))
        if task is None:
            return
        self._task = task
        if self._session is not None:
            time_ms = read_time(line.get("timestamp"))
            self._switches = [*self._switches, [time_ms, task]][-_MAX_SWITCHES:]
            self._tasks.add(self._session, time_ms, task)


def _agent_and_parent(meta: dict[str, Any]) -> tuple[str, str | None]:
    """(agent name, session of the agent that started it; None if it is no sub-agent)."""
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
    role = next((name for name in map(clean_text, [*roles, *names, *kinds]) if name and name != "default"), None)
    parent = clean_text(spawn.get("parent_thread_id")) or clean_text(meta.get("parent_thread_id"))
    return role or clean_text(meta.get("id")) or "sub-agent", parent


def _read_usage(value: object) -> TokenCounts:
    if not isinstance(value, dict):
        raise CallRefused("This usage is not an object.")
    return [token_count(value, name) for name in _FIELDS]


def _read_usage_or_none(value: object) -> TokenCounts | None:
    return _read_usage(value) if value is not None else None


def _difference(total: TokenCounts, before: TokenCounts | None) -> TokenCounts:
    """The increase since the previous total; a total that fell has been reset and counts in full."""
    if before is None or any(new < old for new, old in zip(total, before, strict=True)):
        return total
    return [new - old for new, old in zip(total, before, strict=True)]
