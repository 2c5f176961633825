"""Claude Code's session logs: `~/.claude/projects/<folder>/<session>.jsonl` and `.../subagents/agent-*.jsonl`.

`ClaudeReader` reads one log. The format is not documented; this was observed:

- There is one line for each block of a response. They share `message.id` and repeat the usage, of which
  `output_tokens` grows; the line with most output counts.
- Resumed and forked sessions copy earlier lines into new files with the same ids; side questions copy them with
  another `requestId`. A long message id comes from the server and so identifies one response.
- Lines of type `progress` are copies of a sub-agent's own log.
- The tool WebSearch asks the API in requests of its own; only the number of searches is in the log, in its result.
- `<synthetic>` responses were made by Claude Code itself: those that report an API error are failed calls, the others
  are no calls.
- Latency is not in the log, except `durationMs` in the first versions of 2025: the time since the previous line
  includes tools, questions and retries.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from ..model import NANOS, Call, CallRefused, read_time, validate
from ..store.duplicate_ids import claude_request
from . import claude_usage
from .line_reader import LINE_ERRORS, NowMs, clean_text, parse_line, refusal_reason, system_now_ms, token_count
from .session_facts import TaskPaths, TaskSwitches, is_within, iter_strings, project_folder, project_name

MAIN_AGENT = "claude-code"
_MAX_SPAWNS = 32
_MAX_SWITCHES = 32
_MAX_SIDECHAIN_AGENTS = 64
_MAX_PROMPTS = 4096


class SharedContext:
    """State shared by the readers of one folder: the type and the task of each sub-agent that a session started."""

    def __init__(self, read_description: Callable[[str], Mapping[str, Any]] = lambda path: {}) -> None:
        self.read_description = read_description
        """Reads `agent-<id>.meta.json` next to a sub-agent's log, {} without one."""
        self.tasks = TaskSwitches()
        self._agent_types: dict[str, str] = {}

    def add_spawn(self, prompt_digest: str, agent: str) -> None:
        """A sub-agent of type `agent` was started with this prompt."""
        self._agent_types[prompt_digest] = agent
        if len(self._agent_types) > _MAX_PROMPTS:
            del self._agent_types[next(iter(self._agent_types))]

    def agent_type(self, prompt_digest: str | None) -> str | None:
        """The type of the sub-agent that was started with this prompt; None if unknown."""
        return self._agent_types.get(prompt_digest or "")


class ClaudeReader:
    """A `LineReader` for the log of a session or of one of its sub-agents."""

    def __init__(
        self,
        path: str,
        shared: SharedContext,
        paths: TaskPaths,
        workspaces: Sequence[str] | None = None,
        state: Mapping[str, Any] | None = None,
        now_ms: NowMs = system_now_ms,
    ) -> None:
        """`path` is relative to the watched folder. `workspaces`: only sessions in these folders count; None: all."""
        self.refused: list[tuple[int, str]] = []
        self._shared, self._paths, self._workspaces, self._now_ms = shared, paths, workspaces, now_ms
        self._path = path
        parts = path.split("/")
        self._folders = tuple(parts[:-1])
        self._agent_file = parts[-1].removeprefix("agent-").removesuffix(".jsonl") if is_sub_agent_log(path) else None
        self._description_read = False
        saved = dict(state or {})
        self._folder: str | None = saved.get("folder")
        self._task: str | None = saved.get("task")
        self._agent_setting: str | None = saved.get("setting")
        self._agent: str | None = saved.get("agent")
        self._prompt_digest: str | None = saved.get("prompt")
        self._session: str | None = saved.get("session")
        self._model: list[str | None] = saved.get("model", [None, None])
        self._spawns: list[list[str]] = saved.get("spawns", [])
        self._switches: list[list[Any]] = saved.get("switches", [])
        self._sidechain_agents: dict[str, str] = saved.get("leaves", {})
        for digest, agent in self._spawns:
            shared.add_spawn(digest, agent)
        if self._session is not None:
            for time_ms, task in self._switches:
                shared.tasks.add(self._session, time_ms, task)

    def state(self) -> dict[str, Any]:
        """See `LineReader`."""
        saved = {
            "folder": self._folder, "task": self._task, "setting": self._agent_setting, "agent": self._agent,
            "prompt": self._prompt_digest, "session": self._session, "spawns": self._spawns, "switches": self._switches,
            "leaves": self._sidechain_agents, "model": self._model if any(self._model) else None,
        }  # fmt: skip
        return {name: value for name, value in saved.items() if value}

    def read(self, lines: Iterable[tuple[int, bytes]]) -> list[Call]:
        """See `LineReader`. Lines without tokens, tasks or agent names are not parsed."""
        now_ms = self._now_ms()
        self._description_read = False
        calls: list[Call] = []
        for number, line in lines:
            try:
                if line[:1] != b"{" or line[-1:] != b"}":
                    raise CallRefused("This line is not a whole JSON object.")
                if b'"usage"' in line or self._is_relevant(line):
                    self._apply_line(parse_line(line), now_ms, calls)
            except LINE_ERRORS as problem:
                self.refused.append((number, refusal_reason(problem)))
        return calls

    def _is_relevant(self, line: bytes) -> bool:
        """Whether a line without usage has to be parsed: it may name a task or an agent, or start a sub-agent."""
        if b'"tool_result"' in line:
            # Tool results mention any number of tasks; they matter if they report searches, and where sub-agents write
            # into the same log.
            return b'"searchCount"' in line or (self._agent_file is None and b'"isSidechain":true' in line)
        return (
            (self._prompt_digest is None and self._agent_file is not None)
            or (self._agent_file is None and b'"isSidechain":true' in line)
            or b'"agent-setting"' in line
            or self._paths.may_match(line)
        )

    def _apply_line(self, line: dict[str, Any], now_ms: int, calls: list[Call]) -> None:
        kind = line.get("type")
        if kind == "assistant":
            message = line["message"]
            calls.extend(self._read_calls(line, message, now_ms))
            self._track_sidechain(line)
            content = message.get("content")
            if isinstance(content, list):
                self._apply_tool_uses(line, content)
        elif kind == "user":
            calls.extend(self._read_searches(line, now_ms))
            self._apply_prompt(line)
            self._track_sidechain(line)
        elif kind == "agent-setting":
            setting = clean_text(line.get("agentSetting"))
            self._agent_setting = None if setting == "default" else setting

    # Calls.

    def _read_calls(self, line: dict[str, Any], message: dict[str, Any], now_ms: int) -> list[Call]:
        usage = message.get("usage")
        if usage is None:
            return []
        model = clean_text(message.get("model"))
        failed = line.get("isApiErrorMessage") is True
        if model == "<synthetic>" and not failed:
            return []
        if not self._is_in_scope(line):
            return []
        prompt, read, write, write_1h = claude_usage.input_tokens(usage)
        request = clean_text(line.get("requestId"))
        provider = claude_usage.provider_of(model, message.get("id"))
        if not failed:
            self._model = [model, provider]
        call = self._make_call(
            line,
            claude_usage.call_id(line, message),
            model_name=None if model == "<synthetic>" else model,
            provider=provider,
            prompt_tokens=prompt,
            completion_tokens=token_count(usage, "output_tokens"),
            cache_read_tokens=read,
            cache_write_tokens=write,
            cache_write_1h_tokens=write_1h,
            **claude_usage.how_served(usage),
            cost_nanos=claude_usage.positive_or_none(line.get("costUSD"), NANOS),
            latency_ms=claude_usage.positive_or_none(line.get("durationMs"), 1),
            supersedes=True,
            duplicate_id=claude_request(request) if request is not None else None,
        )
        if failed:
            call = claude_usage.mark_failed(call, message)
        calls = [validate(call, now_ms)]
        iterations = usage.get("iterations")
        if isinstance(iterations, list):
            calls += [validate(inner, now_ms) for inner in claude_usage.inner_calls(call, iterations)]
        return calls

    def _read_searches(self, line: dict[str, Any], now_ms: int) -> list[Call]:
        """The searches of the tool WebSearch, as a call of the model that asked for them, without tokens."""
        searches = claude_usage.search_count(line)
        if not searches or not self._is_in_scope(line):
            return []
        model, provider = self._model
        call = self._make_call(line, claude_usage.search_id(line), model_name=model, provider=provider)
        return [validate(call._replace(tool_name="WebSearch", web_searches=searches), now_ms)]

    def _make_call(self, line: dict[str, Any], call_id: str, **fields: Any) -> Call:
        """A call with what a line says about its origin."""
        time_ms = read_time(line.get("timestamp"))
        return Call(
            call_id,
            time_ms,
            agent_name=self._agent_name(line),
            task_id=self._task_at(line, time_ms),
            session_id=clean_text(line.get("sessionId")),
            project=project_name(self._folder or ""),
            **fields,
        )

    def _is_in_scope(self, line: dict[str, Any]) -> bool:
        """Store the folder where the session started, which is its project; False if its calls are out of scope."""
        if self._folder is None:
            cwd = clean_text(line.get("cwd"), 4096)
            if cwd is not None:
                self._folder = project_folder(cwd, self._folders)
        return self._workspaces is None or is_within(self._folder or "", self._workspaces)

    # Tasks.

    def _task_at(self, line: dict[str, Any], time_ms: int) -> str | None:
        if self._task is not None or (self._agent_file is None and line.get("isSidechain") is not True):
            return self._task
        return self._shared.tasks.task_at(clean_text(line.get("sessionId")), time_ms)

    def _set_task(self, line: dict[str, Any], texts: Iterable[str]) -> None:
        """From here on the session works on the last task that the texts name."""
        if self._agent_file is None and line.get("isSidechain") is True:
            return  # the files of a sub-agent do not change the task of its session
        task = clean_text(self._paths.last_task(texts))
        if task is None:
            return
        self._task = task
        session = clean_text(line.get("sessionId"))
        if self._agent_file is None and session is not None:
            if session != self._session:
                self._session, self._switches = session, []
            time_ms = read_time(line.get("timestamp"))
            self._switches = [*self._switches, [time_ms, task]][-_MAX_SWITCHES:]
            self._shared.tasks.add(session, time_ms, task)

    # Agent names.

    def _agent_name(self, line: dict[str, Any]) -> str:
        if self._agent_file is not None:
            if self._agent is None and not self._description_read:
                self._description_read = True
                description = self._shared.read_description(self._path.removesuffix(".jsonl") + ".meta.json")
                self._agent = clean_text(description.get("agentType")) or self._shared.agent_type(self._prompt_digest)
            return self._agent or clean_text(line.get("agentId")) or self._agent_file
        if line.get("isSidechain") is True:
            return (
                self._sidechain_agents.get(str(line.get("parentUuid")))
                or clean_text(line.get("agentId"))
                or "sub-agent"
            )
        return clean_text(line.get("agentName")) or self._agent_setting or MAIN_AGENT

    def _track_sidechain(self, line: dict[str, Any]) -> None:
        """Remember the agent of a line for the next ones, where sub-agents write into the log of their session."""
        if self._agent_file is not None or line.get("isSidechain") is not True:
            return
        name = self._sidechain_agents.get(str(line.get("parentUuid")))
        if name is None and line.get("type") == "user" and line.get("parentUuid") is None:
            name = self._shared.agent_type(claude_usage.text_digest(claude_usage.read_typed_text(line)))
        uuid = clean_text(line.get("uuid"))
        if name is not None and uuid is not None:
            self._sidechain_agents[uuid] = name
            if len(self._sidechain_agents) > _MAX_SIDECHAIN_AGENTS:
                del self._sidechain_agents[next(iter(self._sidechain_agents))]

    # Prompts and tool uses.

    def _apply_tool_uses(self, line: dict[str, Any], content: list[Any]) -> None:
        inputs = []
        for block in content:
            if not isinstance(block, dict) or block.get("type") != "tool_use":
                continue
            tool_input = block.get("input")
            inputs.append(tool_input)
            if block.get("name") in ("Task", "Agent") and isinstance(tool_input, dict):
                digest = claude_usage.text_digest(clean_text(tool_input.get("prompt"), 1 << 20))
                agent = clean_text(tool_input.get("subagent_type")) or "general-purpose"
                if digest is not None and [digest, agent] not in self._spawns:
                    self._spawns = [*self._spawns, [digest, agent]][-_MAX_SPAWNS:]
                    self._shared.add_spawn(digest, agent)
        if inputs:
            self._set_task(line, iter_strings(inputs))

    def _apply_prompt(self, line: dict[str, Any]) -> None:
        typed_text = claude_usage.read_typed_text(line)
        if typed_text is None:
            return
        if self._agent_file is not None and self._prompt_digest is None:
            self._prompt_digest = claude_usage.text_digest(typed_text)
        if line.get("isMeta") is not True:
            self._set_task(line, [typed_text])


def is_sub_agent_log(path: str) -> bool:
    """True if this path is the log of a sub-agent, by its file name."""
    return path.rsplit("/", 1)[-1].startswith("agent-")
