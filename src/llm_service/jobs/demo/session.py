"""The session log that the demo program writes, as Claude Code would: the prompt, what it wrote, what it said.

It has no usage, as the calls are in `work/telemetry/`, under the same id of the session.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

_MODEL = "claude-sonnet-4-5"


class Session:
    """Appends lines, whole, to a log of this job; without the folder `work/sessions` nothing is done."""

    def __init__(self, project_dir: Path, job: str) -> None:
        folder = project_dir.parent.parent / "sessions"
        self._path = folder / project_dir.name / f"{job}-session.jsonl" if folder.is_dir() else None
        self._cwd, self._session = str(project_dir), f"{job}-session"
        self._number = 0

    def prompt(self, text: str) -> None:
        """What it was asked for."""
        self._add("user", {"role": "user", "content": text})

    def say(self, text: str, is_end: bool = False) -> None:
        """A message of the agent; the last one of its turn if `is_end`."""
        self._answer({"type": "text", "text": text}, "end_turn" if is_end else None)

    def use(self, tool: str, result: str, is_error: bool = False, **given: Any) -> None:
        """A use of a tool with its result."""
        call = f"toolu_{self._number:04}"
        self._answer({"type": "tool_use", "id": call, "name": tool, "input": given}, None)
        block = {"type": "tool_result", "tool_use_id": call, "content": result, "is_error": is_error}
        self._add("user", {"role": "user", "content": [block]})

    def todos(self, texts: list[str], done: int) -> None:
        """The to-dos, of which the first `done` are done and the next is in progress."""
        states = ("completed" if at < done else "in_progress" if at == done else "pending" for at in range(len(texts)))
        items = [{"content": text, "status": state} for text, state in zip(texts, states, strict=True)]
        self.use("TodoWrite", "Todos have been modified successfully.", todos=items)

    def _answer(self, block: dict[str, Any], stop: str | None) -> None:
        message = {"model": _MODEL, "id": f"msg_{self._session}_{self._number}", "role": "assistant"}
        self._add("assistant", message | {"content": [block], "stop_reason": stop})

    def _add(self, kind: str, message: dict[str, Any]) -> None:
        if self._path is None:
            return
        self._number += 1
        line = {
            "type": kind,
            "sessionId": self._session,
            "cwd": self._cwd,
            "gitBranch": "demo",
            "uuid": f"{self._session}-{self._number}",
            "timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "message": message,
        }
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with open(self._path, "a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
