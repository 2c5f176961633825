"""The sessions of pi and OpenClaw, Qwen Code, and Gemini CLI: what their logs give (formats: `calls/sessions/`).

They name no sub-agents that they started and keep no to-dos; Gemini's `.jsonl` appends a message again when it changes,
so the same one may be there twice.
"""

from __future__ import annotations

from typing import Any

from ..model import Facts, Part, Turn
from .values import (
    MAX_PART,
    files_written,
    first_line,
    has_parts,
    input_text,
    input_title,
    joined,
    number_sum,
    object_of,
    objects_of,
    text_of,
)


class _Slow:
    """Of these logs, which are short, each line is read as a whole."""

    def is_shown(self, line: bytes) -> bool | None:
        """See `Format`."""
        return has_parts(line, self.parts)

    def counts(self, line: bytes) -> bool:
        """See `Format`."""
        return True

    def parts(self, line: dict[str, Any]) -> list[Part]:
        """See `Format`."""
        raise NotImplementedError


class PiFormat(_Slow):
    """Reads the lines of pi and OpenClaw."""

    def parts(self, line: dict[str, Any]) -> list[Part]:
        """What a line shows; [] if it is no part of the conversation."""
        message = object_of(line.get("message"))
        if line.get("type") != "message":
            is_note = line.get("type") in ("compaction", "branch_summary")
            return [Part("note", text_of(line.get("summary"), MAX_PART))] if is_note else []
        role, content = message.get("role"), message.get("content")
        if role == "user":
            return [Part("prompt", joined(content))]
        if role == "toolResult":
            call = text_of(message.get("toolCallId"), 200) or None
            name = text_of(message.get("toolName"), 200) or None
            return [Part("result", joined(content), tool=name, call=call, is_error=message.get("isError") is True)]
        if role != "assistant":
            return []
        found = []
        for block in objects_of(content):
            kind = block.get("type")
            if kind == "text":
                found.append(Part("text", text_of(block.get("text"), MAX_PART)))
            elif kind == "thinking" and (text := text_of(block.get("thinking"), MAX_PART)):
                found.append(Part("thinking", text))
            elif kind == "toolCall":
                name, given = text_of(block.get("name"), 200) or "tool", block.get("arguments")
                call = text_of(block.get("id"), 200) or None
                found.append(Part("tool", input_text(given), input_title(given), name, call))
        if error := text_of(message.get("errorMessage"), MAX_PART):
            found.append(Part("note", error, is_error=True))
        return found

    def facts(self, line: dict[str, Any]) -> Facts:
        """What a line says about the session."""
        kind, time = line.get("type"), text_of(line.get("timestamp"), 40) or None
        if kind == "session":
            return Facts(time, text_of(line.get("id"), 200) or None, cwd=text_of(line.get("cwd"), 4_096) or None)
        if kind == "session_info":
            return Facts(time, title=first_line(text_of(line.get("name"))) or None, title_rank=2)
        if kind != "message":
            return Facts(time)
        message = object_of(line.get("message"))
        role = message.get("role")
        if role == "user":
            return Facts(time, title=first_line(joined(message.get("content"))) or None, turn="prompt")
        if role != "assistant":
            return Facts(time, turn="result" if role == "toolResult" else "")
        uses = [each for each in objects_of(message.get("content")) if each.get("type") == "toolCall"]
        stop = message.get("stopReason")
        turn: Turn = "tool" if uses else "ended" if stop == "stop" else "failed" if stop == "error" else "text"
        return Facts(
            time,
            model=text_of(message.get("model"), 200) or None,
            context=number_sum(object_of(message.get("usage")), "input", "cacheRead", "cacheWrite") or None,
            turn="interrupted" if stop == "aborted" else turn,
            tools=_names(uses),
            files=files_written((each.get("name"), each.get("arguments")) for each in uses),
        )


class QwenFormat(_Slow):
    """Reads the lines of Qwen Code."""

    def parts(self, line: dict[str, Any]) -> list[Part]:
        """What a line shows; [] if it is no part of the conversation."""
        kind, found = line.get("type"), list[Part]()
        if kind not in ("user", "assistant", "tool_result"):
            return []
        for part in objects_of(object_of(line.get("message")).get("parts")):
            call, answer = object_of(part.get("functionCall")), object_of(part.get("functionResponse"))
            if call:
                name, given = text_of(call.get("name"), 200) or "tool", call.get("args")
                found.append(
                    Part("tool", input_text(given), input_title(given), name, text_of(call.get("id"), 200) or None)
                )
            elif answer:
                text = input_text(answer.get("response")).removeprefix("output: ").removeprefix("output:\n")
                use, tool = text_of(answer.get("id"), 200) or None, text_of(answer.get("name"), 200) or None
                found.append(Part("result", text, tool=tool, call=use, is_error=text.startswith("error:")))
            elif text := text_of(part.get("text"), MAX_PART):
                shown = "prompt" if kind == "user" else "thinking" if part.get("thought") is True else "text"
                found.append(Part(shown, text))
        return found

    def facts(self, line: dict[str, Any]) -> Facts:
        """What a line says about the session."""
        kind, time = line.get("type"), text_of(line.get("timestamp"), 40) or None
        shown = self.parts(line)
        uses = [object_of(part.get("functionCall")) for part in objects_of(object_of(line.get("message")).get("parts"))]
        uses = [use for use in uses if use]
        last = shown[-1].kind if shown else ""
        turns: dict[str, Turn] = {"tool": "tool", "result": "result", "text": "text", "prompt": "prompt"}
        typed = next((part.text for part in shown if part.kind == "prompt"), "")
        usage = object_of(line.get("usageMetadata"))
        return Facts(
            time,
            text_of(line.get("sessionId"), 200) or None,
            title=first_line(typed) or None,
            cwd=text_of(line.get("cwd"), 4_096) or None,
            branch=text_of(line.get("gitBranch"), 200) or None,
            model=text_of(line.get("model"), 200) or None if kind == "assistant" else None,
            context=number_sum(usage, "promptTokenCount") or None,
            turn=turns.get(last, ""),
            tools=_names(uses),
            files=files_written((use.get("name"), use.get("args")) for use in uses),
        )


class GeminiFormat(_Slow):
    """Reads the lines of Gemini CLI's `.jsonl` logs."""

    def parts(self, line: dict[str, Any]) -> list[Part]:
        """What a line shows; [] if it is no part of the conversation."""
        kind, content = line.get("type"), line.get("content")
        text = joined(content) if content else ""
        if kind == "user":
            return [Part("prompt", text)]
        if kind in ("info", "error", "warning"):
            return [Part("note", text, is_error=kind == "error")]
        if kind != "gemini":
            return []
        thoughts = [
            f"{text_of(each.get('subject'), 500)}: {text_of(each.get('description'), MAX_PART)}"
            for each in objects_of(line.get("thoughts"))
        ]
        found = [Part("thinking", "\n".join(thoughts))] if thoughts else []
        if text:
            found.append(Part("text", text))
        for use in objects_of(line.get("toolCalls")):
            name, call = text_of(use.get("name"), 200) or "tool", text_of(use.get("id"), 200) or None
            found.append(Part("tool", input_text(use.get("args")), input_title(use.get("args")), name, call))
            if use.get("result") is not None:
                shown = text_of(use.get("resultDisplay"), MAX_PART) or input_text(use.get("result"))
                found.append(Part("result", shown, tool=name, call=call, is_error=use.get("status") == "error"))
        return found

    def facts(self, line: dict[str, Any]) -> Facts:
        """What a line says about the session."""
        kind, time = line.get("type"), text_of(line.get("timestamp"), 40) or text_of(line.get("startTime"), 40) or None
        if kind == "user":
            return Facts(time, title=first_line(joined(line.get("content", ""))) or None, turn="prompt")
        if kind != "gemini":
            return Facts(time, text_of(line.get("sessionId"), 200) or None, turn="failed" if kind == "error" else "")
        uses = objects_of(line.get("toolCalls"))
        return Facts(
            time,
            model=text_of(line.get("model"), 200) or None,
            context=number_sum(object_of(line.get("tokens")), "input") or None,
            turn="result" if uses else "text",
            tools=_names(uses),
            files=files_written((use.get("name"), use.get("args")) for use in uses),
        )


def _names(uses: list[dict[str, Any]]) -> tuple[str, ...]:
    return tuple(text_of(use.get("name"), 200) or "tool" for use in uses)
