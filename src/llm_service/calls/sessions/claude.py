"""Claude Code's session logs: `~/.claude/projects/<folder>/<session>.jsonl` and `.../subagents/agent-*.jsonl`.

One line for each block of an answer: they share `message.id` and repeat the usage, of which `output_tokens` grows; the
line that says most counts. Resumed and forked sessions copy earlier lines into new files under the same ids, side
questions copy them with another `requestId`; a long message id is given by the server and so names one answer. Lines
of type `progress` are copies of a sub-agent's own log. `<synthetic>` answers were made by Claude Code itself: those
that tell of an error of the API are calls that failed, the others are none. What a call took is not in the log
(`durationMs` of 2025's first versions apart): the time since the line before includes tools, questions and retries.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from hashlib import blake2b
from typing import Any

from ..model import NANOS, Call, CallRefused, read_time, validate
from ..store.duplicate_ids import claude_request
from .claude_usage import advice, as_failed, identity, input_tokens, positive, provider_of, texts
from .line_reader import MALFORMED, NowMs, count, parse, reason, system_now_ms, text
from .session_facts import TaskPaths, TaskSwitches, lies_in, project_folder, project_of, strings

MAIN_AGENT = "claude-code"
_KEPT_SPAWNS = 32
_KEPT_SWITCHES = 32
_KEPT_LEAVES = 64
_KEPT_PROMPTS = 4096


class Family:
    """What the logs of one folder have to know of each other: who started a sub-agent, and for which task."""

    def __init__(self, describe: Callable[[str], Mapping[str, Any]] = lambda path: {}) -> None:
        self.describe = describe
        """`agent-<id>.meta.json` beside a sub-agent's log, {} without one."""
        self.tasks = TaskSwitches()
        self._agents: dict[str, str] = {}

    def spawned(self, prompt_digest: str, agent: str) -> None:
        """A sub-agent of this type was given this prompt."""
        self._agents[prompt_digest] = agent
        if len(self._agents) > _KEPT_PROMPTS:
            del self._agents[next(iter(self._agents))]

    def agent_of(self, prompt_digest: str | None) -> str | None:
        """The type of the sub-agent that was given this prompt."""
        return self._agents.get(prompt_digest or "")


class ClaudeSession:
    """A `LineReader` for one log of a session or of one of its sub-agents."""

    def __init__(
        self,
        path: str,
        family: Family,
        paths: TaskPaths,
        workspaces: Sequence[str] | None = None,
        state: Mapping[str, Any] | None = None,
        now_ms: NowMs = system_now_ms,
    ) -> None:
        """`path` is relative to the watched folder. `workspaces`: only sessions in one of them count; None: all."""
        self.refused: list[tuple[int, str]] = []
        self._family, self._paths, self._workspaces, self._now_ms = family, paths, workspaces, now_ms
        self._path = path
        parts = path.split("/")
        self._folders = tuple(parts[:-1])
        self._agent_file = parts[-1].removeprefix("agent-").removesuffix(".jsonl") if is_sub_agent(path) else None
        self._asked = False
        known = dict(state or {})
        self._folder: str | None = known.get("folder")
        self._task: str | None = known.get("task")
        self._setting: str | None = known.get("setting")
        self._agent: str | None = known.get("agent")
        self._prompt: str | None = known.get("prompt")
        self._session: str | None = known.get("session")
        self._spawns: list[list[str]] = known.get("spawns", [])
        self._switches: list[list[Any]] = known.get("switches", [])
        self._leaves: dict[str, str] = known.get("leaves", {})
        for digest, agent in self._spawns:
            family.spawned(digest, agent)
        if self._session is not None:
            for time_ms, task in self._switches:
                family.tasks.note(self._session, time_ms, task)

    def state(self) -> dict[str, Any]:
        """See `LineReader`."""
        known = {
            "folder": self._folder, "task": self._task, "setting": self._setting, "agent": self._agent,
            "prompt": self._prompt, "session": self._session, "spawns": self._spawns, "switches": self._switches,
            "leaves": self._leaves,
        }  # fmt: skip
        return {name: value for name, value in known.items() if value}

    def read(self, lines: Iterable[tuple[int, bytes]]) -> list[Call]:
        """See `LineReader`. Lines without tokens, tasks or names are not even parsed."""
        now_ms = self._now_ms()
        self._asked = False
        calls: list[Call] = []
        for number, line in lines:
            try:
                if line[:1] != b"{" or line[-1:] != b"}":
                    raise CallRefused("This line is not a whole JSON object.")
                if b'"usage"' in line or self._says_something(line):
                    self._take(parse(line), now_ms, calls)
            except MALFORMED as problem:
                self.refused.append((number, reason(problem)))
        return calls

    def _says_something(self, line: bytes) -> bool:
        """Whether a line without usage has to be read: a prompt that names a task or starts a sub-agent, a name."""
        if b'"tool_result"' in line:
            # The results of tools name any number of tasks; they only matter where lines of sub-agents interleave.
            return self._agent_file is None and b'"isSidechain":true' in line
        return (
            (self._prompt is None and self._agent_file is not None)
            or (self._agent_file is None and b'"isSidechain":true' in line)
            or b'"agent-setting"' in line
            or self._paths.may_name(line)
        )

    def _take(self, line: dict[str, Any], now_ms: int, calls: list[Call]) -> None:
        kind = line.get("type")
        if kind == "assistant":
            message = line["message"]
            calls.extend(self._calls(line, message, now_ms))
            self._follow(line)
            content = message.get("content")
            if isinstance(content, list):
                self._look_at_tools(line, content)
        elif kind == "user":
            self._look_at_prompt(line)
            self._follow(line)
        elif kind == "agent-setting":
            setting = text(line.get("agentSetting"))
            self._setting = None if setting == "default" else setting

    # Calls.

    def _calls(self, line: dict[str, Any], message: dict[str, Any], now_ms: int) -> list[Call]:
        usage = message.get("usage")
        if usage is None:
            return []
        model = text(message.get("model"))
        failed = line.get("isApiErrorMessage") is True
        if model == "<synthetic>" and not failed:
            return []
        if not self._is_wanted(line):
            return []
        time_ms = read_time(line.get("timestamp"))
        prompt, read, write, write_1h = input_tokens(usage)
        request = text(line.get("requestId"))
        call = Call(
            identity(line, message),
            time_ms,
            agent_name=self._agent_name(line),
            model_name=None if model == "<synthetic>" else model,
            provider=provider_of(model, message.get("id")),
            task_id=self._task_at(line, time_ms),
            session_id=text(line.get("sessionId")),
            project=project_of(self._folder or ""),
            prompt_tokens=prompt,
            completion_tokens=count(usage, "output_tokens"),
            cache_read_tokens=read,
            cache_write_tokens=write,
            cache_write_1h_tokens=write_1h,
            cost_nanos=positive(line.get("costUSD"), NANOS),
            latency_ms=positive(line.get("durationMs"), 1),
            supersedes=True,
            twin_id=claude_request(request) if request is not None else None,
        )
        if failed:
            call = as_failed(call, message)
        found = [validate(call, now_ms)]
        iterations = usage.get("iterations")
        if isinstance(iterations, list):
            found += [validate(used, now_ms) for used in advice(call, iterations)]
        return found

    def _is_wanted(self, line: dict[str, Any]) -> bool:
        """Note the project the session belongs to, which is where it began; False if such sessions do not count."""
        if self._folder is None:
            cwd = text(line.get("cwd"), 4096)
            if cwd is not None:
                self._folder = project_folder(cwd, self._folders)
        return self._workspaces is None or lies_in(self._folder or "", self._workspaces)

    # Tasks.

    def _task_at(self, line: dict[str, Any], time_ms: int) -> str | None:
        if self._task is not None or (self._agent_file is None and line.get("isSidechain") is not True):
            return self._task
        return self._family.tasks.at(text(line.get("sessionId")), time_ms)

    def _name_task(self, line: dict[str, Any], said: Iterable[str]) -> None:
        """From here on the session works at the last task that is named."""
        if self._agent_file is None and line.get("isSidechain") is True:
            return  # what a sub-agent looks at does not turn the session that it works for
        task = text(self._paths.last(said))
        if task is None:
            return
        self._task = task
        session = text(line.get("sessionId"))
        if self._agent_file is None and session is not None:
            if session != self._session:
                self._session, self._switches = session, []
            time_ms = read_time(line.get("timestamp"))
            self._switches = [*self._switches, [time_ms, task]][-_KEPT_SWITCHES:]
            self._family.tasks.note(session, time_ms, task)

    # Names of agents.

    def _agent_name(self, line: dict[str, Any]) -> str:
        if self._agent_file is not None:
            if self._agent is None and not self._asked:
                self._asked = True
                described = self._family.describe(self._path.removesuffix(".jsonl") + ".meta.json")
                self._agent = text(described.get("agentType")) or self._family.agent_of(self._prompt)
            return self._agent or text(line.get("agentId")) or self._agent_file
        if line.get("isSidechain") is True:
            return self._leaves.get(str(line.get("parentUuid"))) or text(line.get("agentId")) or "sub-agent"
        return text(line.get("agentName")) or self._setting or MAIN_AGENT

    def _follow(self, line: dict[str, Any]) -> None:
        """Remember whose line the next one answers, where sub-agents write into the log of their session."""
        if self._agent_file is not None or line.get("isSidechain") is not True:
            return
        name = self._leaves.get(str(line.get("parentUuid")))
        if name is None and line.get("type") == "user" and line.get("parentUuid") is None:
            name = self._family.agent_of(_digest(_typed(line)))
        uuid = text(line.get("uuid"))
        if name is not None and uuid is not None:
            self._leaves[uuid] = name
            if len(self._leaves) > _KEPT_LEAVES:
                del self._leaves[next(iter(self._leaves))]

    # What else lines say.

    def _look_at_tools(self, line: dict[str, Any], content: list[Any]) -> None:
        inputs = []
        for block in content:
            if not isinstance(block, dict) or block.get("type") != "tool_use":
                continue
            given = block.get("input")
            inputs.append(given)
            if block.get("name") in ("Task", "Agent") and isinstance(given, dict):
                digest = _digest(text(given.get("prompt"), 1 << 20))
                agent = text(given.get("subagent_type")) or "general-purpose"
                if digest is not None and [digest, agent] not in self._spawns:
                    self._spawns = [*self._spawns, [digest, agent]][-_KEPT_SPAWNS:]
                    self._family.spawned(digest, agent)
        if inputs:
            self._name_task(line, strings(inputs))

    def _look_at_prompt(self, line: dict[str, Any]) -> None:
        typed = _typed(line)
        if typed is None:
            return
        if self._agent_file is not None and self._prompt is None:
            self._prompt = _digest(typed)
        if line.get("isMeta") is not True:
            self._name_task(line, [typed])


def is_sub_agent(path: str) -> bool:
    """True for the log of a sub-agent, by its name."""
    return path.rsplit("/", 1)[-1].startswith("agent-")


def _typed(line: dict[str, Any]) -> str | None:
    """What was typed in a line of type `user`; None for the results of tools."""
    if line.get("toolUseResult") is not None:
        return None
    message = line.get("message")
    typed = "\n".join(texts(message.get("content"))) if isinstance(message, dict) else ""
    return typed or None


def _digest(prompt: str | None) -> str | None:
    if prompt is None:
        return None
    return blake2b(prompt.encode("utf-8", "replace"), digest_size=8).hexdigest()
