"""Qwen Code's session logs: `~/.qwen/projects/<folder>/chats/<session>.jsonl`.

Source: github.com/QwenLM/qwen-code, `packages/core/src/services/chatRecordingService.ts` (`ChatRecord`):

- Each `assistant` record has the `usageMetadata` of its response. Records of the subtype `ui_telemetry` repeat them for
  the screen.
- `/branch` copies records with their `uuid` into the log of another session.
- Records of a sub-agent have `isSidechain` and its name.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b
from typing import Any

from ..model import Call, read_time
from .agent_folders import first_set
from .gemini_usage import count_tokens
from .line_reader import clean_text, token_count
from .log_kind import LogKind
from .session_facts import iter_strings
from .session_log import SessionLog

MAIN_AGENT = "qwen-code"
_FILE_NAME = re.compile(r"(?:.*/)?[^./][^/]*\.jsonl")
_FIELDS = (
    "promptTokenCount", "candidatesTokenCount", "cachedContentTokenCount", "thoughtsTokenCount",
    "toolUsePromptTokenCount", "totalTokenCount",
)  # fmt: skip


class QwenReader(SessionLog):
    """A `LineReader` for the log of one session or sub-agent."""

    marks = (b'"usageMetadata"',)

    def apply(self, line: dict[str, Any]) -> Iterable[Call]:
        """See `SessionLog`."""
        kind, message = line.get("type"), line.get("message")
        parts = message.get("parts") if isinstance(message, dict) else None
        parts = [part for part in parts if isinstance(part, dict)] if isinstance(parts, list) else []
        self.set_folder(line.get("cwd"))
        if kind == "user":
            self.set_task(iter_strings([part.get("text") for part in parts]))
        elif kind == "assistant":
            usage = line.get("usageMetadata")
            if isinstance(usage, dict):
                yield from self._read_response(line, usage)
            self.set_task(iter_strings([part.get("functionCall") for part in parts]))

    def _read_response(self, line: dict[str, Any], usage: dict[str, Any]) -> Iterable[Call]:
        given, output, cached, thoughts, tool, total = (token_count(usage, name) for name in _FIELDS)
        prompt, completion, read = count_tokens(given, output, cached, thoughts, tool, total)
        if not prompt and not completion:
            return
        written = line.get("timestamp")
        sub_agent = clean_text(line.get("agentName")) or clean_text(line.get("agentId"))
        identity = clean_text(line.get("uuid"))
        if identity is None:
            facts = f"{line.get('sessionId')} {written} {line.get('model')} {prompt} {completion} {read}"
            identity = blake2b(facts.encode("utf-8", "replace"), digest_size=12).hexdigest()
        yield Call(
            f"qwen:{identity}",
            read_time(written),
            agent_name=sub_agent if sub_agent and line.get("isSidechain") is True else MAIN_AGENT,
            model_name=clean_text(line.get("model")),
            task_id=self.task,
            session_id=clean_text(line.get("sessionId")),
            project=self.project,
            prompt_tokens=prompt,
            completion_tokens=completion,
            cache_read_tokens=read,
            supersedes=True,
        )


def _recognises(lines: Sequence[bytes]) -> bool:
    return any(b'"type"' in line and (b'"usageMetadata"' in line or b'"parts"' in line) for line in lines)


def _default_folders(environ: Mapping[str, str], home: str) -> list[str]:
    base = first_set(environ, "QWEN_RUNTIME_DIR", "QWEN_HOME", default=os.path.join(home, ".qwen"))
    return [os.path.join(base, "projects")]


KIND = LogKind(
    agent="Qwen Code",
    setting="qwen_folders",
    default_folders=_default_folders,
    includes=lambda path: _FILE_NAME.fullmatch(path) is not None,
    readers=lambda scope: lambda path, state: QwenReader(scope, state),
    recognises=lambda path, lines: _recognises(lines),
)
