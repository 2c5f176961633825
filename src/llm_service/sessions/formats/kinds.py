"""Which logs have a transcript, and who reads it: `FORMATS`, by the kind of the folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from ..model import Facts, Part
from .claude import ClaudeFormat
from .codex import CodexFormat
from .copilot import CopilotFormat
from .opencode import OpenCodeFormat
from .others import GeminiFormat, PiFormat, QwenFormat
from .values import parse

__all__ = ["FORMATS", "Format", "is_transcript", "parse"]


class Format(Protocol):
    """How one program writes its sessions."""

    def is_shown(self, line: bytes) -> bool | None:
        """Whether `parts` gives any, at a tenth of the time; None if the line is no JSON object."""

    def counts(self, line: bytes) -> bool:
        """False if `facts` of a line surely has no prompt, tools, files or to-dos."""

    def parts(self, line: dict[str, Any]) -> list[Part]:
        """What a line shows, whatever came before; [] if it is no part of the conversation."""

    def facts(self, line: dict[str, Any]) -> Facts:
        """What a line says about the session; called for all lines in their order."""


FORMATS: Mapping[str, tuple[str, Callable[[], Format]]] = {
    "claude": ("Claude Code", ClaudeFormat),
    "codex": ("Codex", CodexFormat),
    "pi": ("pi", PiFormat),
    "openclaw": ("OpenClaw", PiFormat),
    "gemini": ("Gemini CLI", GeminiFormat),
    "qwen": ("Qwen Code", QwenFormat),
    "opencode": ("OpenCode", OpenCodeFormat),
    "copilot": ("Copilot CLI", CopilotFormat),
}
"""kind of a folder (`calls/sessions/kinds.py`) -> name of the program, reader."""


def is_transcript(path: str) -> bool:
    """True if the file has one JSON object a line: neither a whole document, nor compressed, nor a database."""
    return path.endswith(".jsonl") or ".jsonl.reset." in path or ".jsonl.deleted." in path
