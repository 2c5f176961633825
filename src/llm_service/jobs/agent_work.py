"""`AgentWork`: what the agent of a run has reported of its work: turns, to-dos, commands, files, limits, its result."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..logs.model import Fact

_MOST_COMMANDS, _MOST_FILES, _MOST_TEXT = 50, 100, 300


@dataclass(slots=True)
class AgentWork:
    """Owned by the progress of its run. `line` is the number of the line in the log which says it."""

    agent: str | None = None
    """"claude-code" or "codex"; None while no agent has said that it works."""
    model: str | None = None
    turns: int = 0
    todos: list[dict[str, str]] = field(default_factory=list)
    commands: list[dict[str, Any]] = field(default_factory=list)
    """The last ones, `{line, command, exit_code, is_error}`."""
    counted: Counter[str] = field(default_factory=Counter)
    """All commands: passed, failed, and "no exit code"."""
    files: dict[str, dict[str, Any]] = field(default_factory=dict)
    """The last ones, path -> `{line, kind}`."""
    files_total: int = 0
    """How many files, as far as the last ones are remembered; a file that was forgotten counts anew."""
    result: dict[str, Any] | None = None
    """`{line, is_error, text, denied: [tool]}`: its last word."""

    def learn(self, line: int, fact: Fact) -> None:
        """One more thing that the line with this number says."""
        data = fact.data
        if fact.kind == "session":
            self.agent, self.model = _text(data, "agent") or self.agent, _text(data, "model") or self.model
        elif fact.kind == "turn":
            self.agent = self.agent or _text(data, "agent")
            self._turn(line, data)
        elif fact.kind == "todos" and isinstance(items := data.get("items"), list):
            self.todos = [dict(item) for item in items]
        elif fact.kind == "command":
            self._command(line, data)
        elif fact.kind == "files" and isinstance(changes := data.get("changes"), list):
            for change in changes:
                self._file(line, change)
        elif fact.kind == "result":
            self.result = {
                "line": line,
                "is_error": data.get("is_error") is True,
                "text": _text(data, "text") or _text(data, "subtype") or "",
                "denied": list(data.get("denied") or ()),
            }

    @property
    def failure(self) -> str | None:
        """Why it gave up, as it said last; None if it did not."""
        found = self.result
        return (str(found["text"]) or None) if found is not None and found["is_error"] else None

    def as_json(self) -> dict[str, Any]:
        """`{agent, model, turns, todos, commands, commands_counted, files, files_total, result}`."""
        return {
            "agent": self.agent,
            "model": self.model,
            "turns": self.turns,
            "todos": self.todos,
            "commands": self.commands,
            "commands_counted": dict(self.counted),
            "files": [{"path": path, **change} for path, change in self.files.items()],
            "files_total": self.files_total,
            "result": self.result,
        }

    @classmethod
    def of_json(cls, value: Mapping[str, Any]) -> AgentWork:
        """That of an `as_json`. Raises ValueError, KeyError, TypeError for anything else."""
        return cls(
            agent=value["agent"],
            model=value["model"],
            turns=int(value["turns"]),
            todos=list(value["todos"]),
            commands=list(value["commands"]),
            counted=Counter(value["commands_counted"]),
            files={each["path"]: {"line": each["line"], "kind": each["kind"]} for each in value["files"]},
            files_total=int(value["files_total"]),
            result=None if value["result"] is None else dict(value["result"]),
        )

    def _turn(self, line: int, data: Mapping[str, Any]) -> None:
        status = data.get("status")
        self.turns += status == "started"
        if status == "started":
            self.result = None  # it goes on
        elif status == "failed":
            self.result = {"line": line, "is_error": True, "text": _text(data, "error") or "", "denied": []}

    def _command(self, line: int, data: Mapping[str, Any]) -> None:
        code, is_error = data.get("exit_code"), data.get("is_error") is True
        self.counted["no exit code" if code is None else "failed" if code != 0 else "passed"] += 1
        command = _text(data, "command") or ""
        self.commands.append({"line": line, "command": command, "exit_code": code, "is_error": is_error})
        del self.commands[:-_MOST_COMMANDS]

    def _file(self, line: int, change: Any) -> None:
        path = _text(change, "path") if isinstance(change, dict) else None
        if path is None:
            return
        before = self.files.pop(path, None)
        self.files_total += before is None
        kind = str(change.get("kind"))
        is_still_new = kind == "update" and before is not None and before["kind"] == "add"
        self.files[path] = {"line": line, "kind": "add" if is_still_new else kind}
        if len(self.files) > _MOST_FILES:
            del self.files[next(iter(self.files))]


def _text(data: Mapping[str, Any], name: str) -> str | None:
    value = data.get(name)
    return value[:_MOST_TEXT] if isinstance(value, str) and value else None
