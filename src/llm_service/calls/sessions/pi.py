"""pi's session logs: `~/.pi/agent/sessions/--<folder>--/<time>_<session>.jsonl`.

Source: github.com/badlogic/pi-mono, `packages/coding-agent/docs/session.md` and `src/core/session-manager.ts` (lines),
`packages/ai/src/types.ts` (`Usage`):

- An assistant's `message` has the usage of one response: `input` without `cacheRead` and `cacheWrite`, `output` with
  reasoning, and `cost.total` in dollars from pi's own price list, 0 for a model that it does not know.
- Branches are kept in the same file; forks copy lines with their ids and times into another one. Opening a log of an
  older version rewrites it with new ids. So a response is recognised by what its message says: time, model and tokens.
- A response that was aborted or failed is a message too, often without tokens.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..model import Call, read_time
from .agent_folders import first_set
from .line_reader import clean_text, token_count
from .log_kind import LogKind, ReadScope
from .session_facts import iter_strings
from .session_log import SessionLog, failed, reported_nanos

_HEADER = re.compile(rb'"type"\s*:\s*"session"')
_MAX_SESSIONS = 256
_FILE_NAME = re.compile(r"(?:.*/)?[^./][^/]*\.jsonl")


class PiReader(SessionLog):
    """A `LineReader` for the log of one session."""

    marks = (b'"usage"', b'"cwd"', b'"model_change"')

    def __init__(
        self, scope: ReadScope, state: Mapping[str, Any] | None = None, source: str = "pi", agent: str = "pi"
    ) -> None:
        """`source` begins the ids of the calls; `agent` is the name under which they count."""
        super().__init__(scope, state)
        self._source, self._agent = source, agent
        saved = dict(state or {})
        self._model: str | None = saved.get("model")
        self._provider: str | None = saved.get("provider")
        self._others: dict[str, list[str | None]] = saved.get("others", {})
        self._last: list[Any] = saved.get("last", ["", None, 0])

    def own_state(self) -> dict[str, Any]:
        """See `SessionLog`."""
        return {"model": self._model, "provider": self._provider, "last": self._last, "others": self._others}

    def apply(self, line: dict[str, Any]) -> Iterable[Call]:
        """See `SessionLog`."""
        kind, message = line.get("type"), line.get("message")
        self._enter(clean_text(line.get("sessionId")))
        if kind == "session":
            self.session = clean_text(line.get("id"))
            self.set_folder(line.get("cwd"))
        elif kind == "model_change":
            self._model = clean_text(line.get("modelId")) or self._model
            self._provider = clean_text(line.get("provider")) or self._provider
        elif kind == "message" and isinstance(message, dict):
            role, content = message.get("role"), message.get("content")
            if role == "user":
                self.set_task(iter_strings(content))
            elif role == "assistant":
                yield from self._read_response(line, message)
                if isinstance(content, list):
                    self.set_task(iter_strings([part.get("arguments") for part in content if isinstance(part, dict)]))

    def _enter(self, session: str | None) -> None:
        """The line belongs to this session; None: to that of the file. OpenClaw's database has all of an agent."""
        if session is None or session == self.session:
            return
        if self.session is not None:
            self._others[self.session] = [self.folder, self.task]
            if len(self._others) > _MAX_SESSIONS:
                del self._others[next(iter(self._others))]
        self.session = session
        self.folder, self.task = self._others.pop(session, [None, None])

    def _read_response(self, line: dict[str, Any], message: dict[str, Any]) -> Iterable[Call]:
        usage = message.get("usage")
        usage = usage if isinstance(usage, dict) else {}
        read, write = token_count(usage, "cacheRead"), token_count(usage, "cacheWrite")
        prompt, completion = token_count(usage, "input") + read + write, token_count(usage, "output")
        has_failed = message.get("stopReason") in ("error", "aborted")
        if not prompt and not completion and message.get("stopReason") != "error":
            return  # the agent's own remarks, and what was aborted before it was sent
        cost = usage.get("cost")
        written, entry = message.get("timestamp"), clean_text(line.get("id"))
        time_ms = read_time(line.get("timestamp") if written is None else written)
        model = clean_text(message.get("model")) or self._model
        when = entry if written is None and entry is not None else time_ms  # a copy may have a time of its own
        numbers = f"{when}:{model or ''}:{prompt}.{completion}.{read}.{write}"
        call = Call(
            self._call_id(f"{clean_text(message.get('responseId')) or ''}:{numbers}", entry),
            time_ms,
            agent_name=self._agent,
            model_name=model,
            provider=clean_text(message.get("provider")) or self._provider,
            task_id=self.task,
            session_id=self.session,
            project=self.project,
            prompt_tokens=prompt,
            completion_tokens=completion,
            cache_read_tokens=read,
            cache_write_tokens=write,
            cost_nanos=reported_nanos(cost.get("total") if isinstance(cost, dict) else cost),
        )
        yield failed(call, message.get("errorMessage") or message.get("stopReason")) if has_failed else call

    def _call_id(self, key: str, entry: str | None) -> str:
        """The id for a key; entries that follow each other with the same key are several calls if their ids differ."""
        last_key, last_entry, count = self._last
        if key != last_key:
            count = 0
        elif entry != last_entry:
            count += 1
        self._last = [key, entry, count]
        return f"{self._source}:{key}" + (f":{count}" if count else "")


def is_session(lines: Sequence[bytes]) -> bool:
    """True if a log starts with the header of a session."""
    return any(_HEADER.search(line) is not None and b'"cwd"' in line for line in lines[:1])


def _default_folders(environ: Mapping[str, str], home: str) -> list[str]:
    base = first_set(environ, "PI_CODING_AGENT_DIR", default=os.path.join(home, ".pi/agent"))
    return [os.path.join(base, "sessions")]


KIND = LogKind(
    agent="pi",
    setting="pi_folders",
    default_folders=_default_folders,
    includes=lambda path: _FILE_NAME.fullmatch(path) is not None,
    readers=lambda scope: lambda path, state: PiReader(scope, state),
    recognises=lambda path, lines: is_session(lines),
)
