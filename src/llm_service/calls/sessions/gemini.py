"""Gemini CLI's session logs: `~/.gemini/tmp/<project>/chats/session-*.json`, since 2026 `.jsonl`.

Source: github.com/google-gemini/gemini-cli, `packages/core/src/services/chatRecordingService.ts` and
`chatRecordingTypes.ts`:

- A `.json` log is written anew as a whole after each message. A `.jsonl` log begins with the header; a message is
  appended again whenever its tokens or tool calls change, `$set` changes the header and may contain all messages again.
- Resuming a `.json` session copies its messages into a `.jsonl` log, with their ids. Rewinding (`$rewindTo`) hides
  messages; their calls were made.
- `tokens` are those of the message's request; messages of the types info, error and warning have none.
- Logs of sub-agents are in a folder named after their session. The project is a hash of its path, or a name; then
  `<project>/.project_root` contains the path.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Any

import msgspec

from ... import files
from ...errors import FileRefused, FileUnreadable
from ...watch.tail import Position, Tail
from ..model import Call, read_time
from .agent_folders import first_set
from .document import DocumentLog
from .gemini_usage import count_tokens
from .line_reader import clean_text, token_count
from .log_kind import LineSource, LogKind, ReadScope
from .session_facts import iter_strings
from .session_log import SessionLog

_LOG = re.compile(r"(?:.*/)?(?:chats/(?:[^/]+/)?[^./][^/]*|session-[^/]*)\.jsonl?")
_ROOT_FILE = ".project_root"
_MAX_ROOT_BYTES = 4096
_HASH = re.compile(r"[0-9a-f]{64}")
_LONG_ID = 20


class GeminiReader(SessionLog):
    """A `LineReader` for the log of one session."""

    marks = (b'"tokens"', b'"projectHash"', b'"$set"')

    def __init__(self, path: str, scope: ReadScope, state: Mapping[str, Any] | None = None) -> None:
        """`path` is relative to the folder."""
        super().__init__(scope, state)
        self._project_folder = path.split("chats/", 1)[0].rstrip("/") or None if "chats/" in path else None
        self._agent: str = dict(state or {}).get("agent", "gemini-cli")

    def own_state(self) -> dict[str, Any]:
        """See `SessionLog`."""
        return {"agent": self._agent}

    @property
    def project(self) -> str | None:
        """The name of the session's project; None if only its hash is known."""
        name = (self._project_folder or "").rpartition("/")[2]
        if self.folder is not None or not name or _HASH.fullmatch(name):
            return super().project
        return name

    def apply(self, line: dict[str, Any]) -> Iterable[Call]:
        """See `SessionLog`."""
        changes = line.get("$set")
        if isinstance(changes, dict):
            messages = changes.get("messages")
            for message in messages if isinstance(messages, list) else ():
                if isinstance(message, dict):
                    yield from self._read_message(message)
        elif "projectHash" in line:
            self._apply_header(line)
        else:
            yield from self._read_message(line)

    def _apply_header(self, header: dict[str, Any]) -> None:
        self.session = clean_text(header.get("sessionId"))
        if header.get("kind") == "subagent":
            self._agent = "gemini-cli:subagent"
        if self.folder is None:
            self.set_folder(self._read_project_root())
        if self.folder is None and self.scope.workspaces is not None:
            digest = header.get("projectHash")
            known = (path for path in self.scope.workspaces if sha256(path.encode()).hexdigest() == digest)
            self.set_folder(next(known, None))

    def _read_message(self, message: dict[str, Any]) -> Iterable[Call]:
        kind, tokens = message.get("type"), message.get("tokens")
        if kind == "user":
            self.set_task(iter_strings(message.get("content")))
        if kind != "gemini":
            return
        if isinstance(tokens, dict):
            given, output, cached, thoughts, tool, total = (
                token_count(tokens, name) for name in ("input", "output", "cached", "thoughts", "tool", "total")
            )
            prompt, completion, read = count_tokens(given, output, cached, thoughts, tool, total)
            if prompt or completion:
                yield Call(
                    self._call_id(message),
                    read_time(message.get("timestamp")),
                    agent_name=self._agent,
                    model_name=clean_text(message.get("model")),
                    provider="google",
                    task_id=self.task,
                    session_id=self.session,
                    project=self.project,
                    prompt_tokens=prompt,
                    completion_tokens=completion,
                    cache_read_tokens=read,
                    supersedes=True,
                )
        calls = message.get("toolCalls")
        if isinstance(calls, list):
            self.set_task(iter_strings([call.get("args") for call in calls if isinstance(call, dict)]))

    def _call_id(self, message: dict[str, Any]) -> str:
        message_id = clean_text(message.get("id")) or f"{message.get('timestamp')}"
        return f"gemini:{message_id}" if len(message_id) >= _LONG_ID else f"gemini:{self.session or ''}:{message_id}"

    def _read_project_root(self) -> str | None:
        """Raises FileUnreadable."""
        if self._project_folder is None:
            return None
        try:
            content = files.read_file(self.scope.root, f"{self._project_folder}/{_ROOT_FILE}", _MAX_ROOT_BYTES).data
        except FileUnreadable:
            raise
        except FileRefused:
            return None
        return content.decode("utf-8", "replace").strip()


class _Chat(msgspec.Struct, frozen=True):
    """A `.json` log, of which only the messages are taken apart later, one by one."""

    sessionId: str | None = None
    projectHash: str | None = None
    kind: str | None = None
    messages: list[msgspec.Raw] = []


_decode = msgspec.json.Decoder(_Chat).decode


def _split(document: bytes) -> Sequence[bytes]:
    chat = _decode(document)
    header = {"sessionId": chat.sessionId, "projectHash": chat.projectHash, "kind": chat.kind}
    return [msgspec.json.encode(header), *map(bytes, chat.messages)]


def _open(root: str, path: str, position: Position) -> LineSource:
    return Tail(root, path, position) if path.endswith(".jsonl") else DocumentLog(root, path, position, _split)


def _default_folders(environ: Mapping[str, str], home: str) -> list[str]:
    return [os.path.join(first_set(environ, "GEMINI_CLI_HOME", default=home), ".gemini/tmp")]


KIND = LogKind(
    agent="Gemini CLI",
    setting="gemini_folders",
    default_folders=_default_folders,
    includes=lambda path: _LOG.fullmatch(path) is not None,
    readers=lambda scope: lambda path, state: GeminiReader(path, scope, state),
    recognises=lambda path, lines: any(b'"projectHash"' in line for line in lines),
    open=_open,
)
