"""The tools that Claude Code uses: what they did is known when their results come.

A use has an id, and its result comes in a later event of type `user`. Commands have an exit code in the text of a
failed result ("Exit code 1"); a result that is no error is exit code 0. To-dos come whole (`TodoWrite`) or one by one
(`TaskCreate`, `TaskUpdate`).
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

from ..model import Fact
from ..phases import phase_of_command
from .claude_texts import STATUSES, prompt, result_text, todos_of
from .values import AgentLine, command_fact, object_of, objects_of, text_of, todos_fact, todos_text

_MAX_OPEN, _MAX_TASKS = 64, 200
_FILES = {"Write": "add", "Edit": "update", "MultiEdit": "update", "NotebookEdit": "update"}
_SUB_AGENTS = ("Task", "Agent")
_EXIT_CODE = re.compile(r"(?:Error: )?Exit code (\d{1,3})\b")
_TASK_NUMBER = re.compile(r"[Tt]ask #?(\w{1,40})\b")
_INPUTS = (
    "command",
    "file_path",
    "notebook_path",
    "pattern",
    "path",
    "query",
    "url",
    "description",
    "skill",
    "subject",
)


class ClaudeTools:
    """The open uses of tools and the list of to-dos of one log."""

    def __init__(self, state: dict[str, Any]) -> None:
        opened = object_of(state.get("open"))
        self._open = {key: (text_of(value[0]), text_of(value[1])) for key, value in opened.items() if len(value) == 2}
        self._tasks = {
            key: (text_of(value[0]), text_of(value[1])) for key, value in object_of(state.get("tasks")).items()
        }

    def state(self) -> dict[str, Any]:
        """Plain JSON for the constructor, {} if nothing is open."""
        return {"open": self._open, "tasks": self._tasks} if self._open or self._tasks else {}

    def use(self, block: dict[str, Any]) -> AgentLine:
        """The line of a use, such as "Bash: npm test", with the facts that its input already says."""
        name, given = text_of(block.get("name")) or "tool", object_of(block.get("input"))
        value = _first_text(given)
        facts: list[Fact] = []
        phase = None
        if name == "TodoWrite":
            todos = todos_of(objects_of(given.get("todos")))
            facts.append(todos)
            return AgentLine(todos_text(todos), facts=tuple(facts))
        if name == "TaskUpdate":
            facts += self._update_task(given)
        elif name in ("AskUserQuestion", "ExitPlanMode"):
            questions = [text_of(each.get("question")) for each in objects_of(given.get("questions"))]
            value = " ".join(questions) or text_of(given.get("question")) or value
            facts.append(Fact("waiting", {"question": value or "It waits for its plan to be accepted."}))
        elif name in ("Skill", "SlashCommand"):
            value = text_of(given.get("skill")) or value
            phase = phase_of_command(value)
            if phase:
                facts.append(Fact("phase", {"phase": phase, "text": value[:200]}))
        elif name == "Bash" or name in _FILES or name in _SUB_AGENTS or name == "TaskCreate":
            self._remember(text_of(block.get("id")), name, value)
        return AgentLine(f"{name}: {value}" if value else name, facts=tuple(facts), phase=phase)

    def user(self, event: dict[str, Any]) -> AgentLine:
        """The line of an event of type `user`: a prompt, or the results of tools."""
        content = object_of(event.get("message")).get("content")
        if isinstance(content, str):
            return prompt(content)
        texts, facts, failed, prompts = [], [], False, []
        for block in objects_of(content):
            if block.get("type") == "tool_result":
                text, is_error = result_text(block.get("content")), block.get("is_error") is True
                texts.append(text)
                failed = failed or is_error
                facts += self._done(
                    text_of(block.get("tool_use_id")), text, is_error, object_of(event.get("tool_use_result"))
                )
            elif block.get("type") == "text":
                prompts.append(text_of(block.get("text"), 1 << 16))
        if prompts and not texts:
            return prompt("\n".join(prompts))
        return AgentLine(
            "\n".join([*texts, *prompts]) or "(no output)", "warning" if failed else "debug", facts=tuple(facts)
        )

    def under(self, parent: str, line: AgentLine, is_prompt: bool) -> AgentLine:
        """The line of a sub-agent, under the name of its task. `is_prompt`: an event of type `user`, in which the agent
        speaks and no person does."""
        name, task = self._open.get(parent, ("", ""))
        text = f"{task}: {line.text}" if task and name in _SUB_AGENTS else line.text
        facts = tuple(fact for fact in line.facts if fact.kind != "todos")
        if is_prompt and line.source == "user":
            return AgentLine(text, "debug")
        return msgspec.structs.replace(line, text=text, facts=facts)

    def _remember(self, key: str, name: str, value: str) -> None:
        if key:
            self._open[key] = (name, value)
            if len(self._open) > _MAX_OPEN:
                del self._open[next(iter(self._open))]

    def _done(self, key: str, text: str, is_error: bool, details: dict[str, Any]) -> list[Fact]:
        if key not in self._open:
            return []
        name, value = self._open.pop(key)
        if name in _SUB_AGENTS:
            return []
        if name == "Bash":
            match = _EXIT_CODE.match(text)
            code = int(match[1]) if match else None if is_error or details.get("interrupted") else 0
            return [command_fact(value, code, is_error or bool(code))]
        if name == "TaskCreate":
            return [] if is_error else self._add_task(value, text, details)
        if is_error or not value:
            return []
        kind = {"create": "add", "update": "update"}.get(text_of(details.get("type")), _FILES[name])
        return [Fact("files", {"changes": [{"path": value, "kind": kind}]})]

    def _add_task(self, subject: str, text: str, details: dict[str, Any]) -> list[Fact]:
        match = _TASK_NUMBER.search(text)
        key = text_of(object_of(details.get("task")).get("id")) or (match[1] if match else "")
        if not key or len(self._tasks) >= _MAX_TASKS:
            return []
        self._tasks[key] = (subject[:200], "pending")
        return [self._task_list()]

    def _update_task(self, given: dict[str, Any]) -> list[Fact]:
        key, status = text_of(given.get("taskId")), text_of(given.get("status"))
        if key not in self._tasks:
            return []
        subject, before = self._tasks[key]
        if status == "deleted":
            del self._tasks[key]
        else:
            self._tasks[key] = (
                text_of(given.get("subject"), 200) or subject,
                status if status in STATUSES else before,
            )
        return [self._task_list()]

    def _task_list(self) -> Fact:
        return todos_fact([{"text": subject, "status": status} for subject, status in self._tasks.values()])


def _first_text(given: dict[str, Any]) -> str:
    """What says most of a tool's input; "" if none of it is text."""
    for key in _INPUTS:
        if key in given and (text := text_of(given[key])):
            return text
    return ""
