"""Which phase of a job begins with a line.

The defaults know spec-kit in its three spellings: `/speckit.plan`, `$speckit-plan`, "Running plan". A command counts
where it is given (at the beginning of a line, or to an agent's program), not where a text proposes it ("Next: run
`/speckit.plan`").
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import re2

from ..errors import BadSettings
from ..files.expression import Expression
from ..files.search_pattern import required_word
from .model import PHASES
from .patterns import compiled, mark_lines

COMMANDS = {
    "constitution": "specify",
    "specify": "specify",
    "clarify": "specify",
    "plan": "plan",
    "checklist": "plan",
    "tasks": "plan",
    "analyze": "plan",
    "taskstoissues": "plan",
    "implement": "implement",
    "test": "test",
    "converge": "review",
    "review": "review",
}
"""Phase by the name of spec-kit's command."""
_NAMES = "|".join(COMMANDS)
_COMMAND = rf"[/$]speckit[.:-]({_NAMES})\b"
_PROMPT = r"(?:(?:[Rr]unning|[Ee]xecuting|[Ss]tarting|[Ii]nvoking|[Cc]ommand|[Pp]rompt|[Ss]kill|[Uu]ser):? )?"
_PROGRAM = r"\b(?:claude|codex|gemini|copilot|opencode|qwen|cursor-agent|amp)\b"
DEFAULTS = (
    rf"^(?:[\s>*#+-]|❯|›|»|•)*{_PROMPT}[`'\"]?{_COMMAND}",
    rf"{_PROGRAM}.*[\s\"'=]{_COMMAND}",
    rf"^[^\w]*(?i:running|executing|starting)(?: command| phase| step)?:? [`'\"]?(?:/?speckit[.-])?({_NAMES})\b"
    r"(?: phase| step| command)?[`'\"]?(?:\W|$)",
    rf"^[^\w]*(?i:phase) *[:=] *[`'\"]?({_NAMES})\b",
)
"""In the syntax that RE2 and `re` share."""
HINTS = (
    _COMMAND,
    rf"(?i:running|executing|starting)(?: command| phase| step)?:? [`'\"]?(?:/?speckit[.-])?({_NAMES})\b",
    rf"(?i:phase) *[:=] *[`'\"]?({_NAMES})\b",
)
"""What every line has that one of the defaults finds; `scan.py` looks for them in whole blocks."""
_ANY_DEFAULT = compiled(*HINTS).is_in
_DEFAULT = re.compile("|".join(DEFAULTS))
_NAMED = re.compile(rf"[/$]?(?:speckit[.:-])?({_NAMES})$")
_MAX_PATTERNS, _MAX_LENGTH, _EXAMINED = 100, 500, 4_000


def default_phase(message: str) -> str | None:
    """The phase that a line begins by the defaults, None if none."""
    message = message[:_EXAMINED]
    match = _DEFAULT.search(message) if _ANY_DEFAULT(message.encode("utf-8", "replace")) else None
    return COMMANDS[match[match.lastindex or 0]] if match else None


def phase_of_command(command: str) -> str | None:
    """The phase of a command or skill that an agent says it runs: "/speckit.plan …", "speckit-plan"."""
    word = command.strip().partition(" ")[0]
    match = _NAMED.match(word) if "speckit" in word else None
    return COMMANDS[match[1]] if match else None


class PhasePatterns:
    """A profile's patterns: phase -> regular expressions of RE2, looked for in messages. They come before the
    defaults, which stay in force. Raises BadSettings for an unknown phase or an expression that cannot be used."""

    def __init__(self, patterns: Mapping[str, Sequence[str]]) -> None:
        options = re2.Options()
        options.log_errors = False
        options.never_nl = True
        options.never_capture = True
        self._each: list[tuple[str, Expression]] = []
        for phase, expressions in patterns.items():
            if phase not in PHASES:
                raise BadSettings(f"There is no phase {phase!r}; the phases are {', '.join(PHASES)}.")
            for expression in expressions:
                self._each.append((phase, _compiled(expression, options)))
        if len(self._each) > _MAX_PATTERNS:
            raise BadSettings(f"A profile can have {_MAX_PATTERNS} patterns of phases, not {len(self._each)}.")
        every = "|".join(f"(?:{expression})" for each in patterns.values() for expression in each)
        self._any = _compiled(f"(?m:{every})", options, _MAX_PATTERNS * _MAX_LENGTH) if every else None
        words = [required_word(expression) for each in patterns.values() for expression in each]
        some = "|".join(word for word in words if word)
        some = f"(?i:{some})" if "(?" in every else some
        self._words = _compiled(some, options, _MAX_PATTERNS * _MAX_LENGTH) if some and all(words) else None

    @property
    def is_any(self) -> bool:
        """True if there are patterns."""
        return self._any is not None

    def possible_lines(self, block: bytes) -> list[int] | None:
        """The places of the lines, without colours and escapes, whose messages a pattern may find; None: any line."""
        if self._words is None:
            return None
        marks = bytearray(block.count(b"\n") + 1)
        mark_lines(self._words, 1, block, marks)
        return [place for place, mark in enumerate(marks) if mark] if any(marks) else []

    def found(self, messages: Sequence[str]) -> list[tuple[int, str]]:
        """(index, phase) of the messages that begin a phase."""
        if self._any is None:
            return []
        text = "\n".join(messages).encode("utf-8", "replace")
        found, at, index = [], 0, 0
        while (begin := self._any.find(text, at)) >= 0:
            index += text.count(b"\n", at, begin)
            phase = self._phase(messages[index].encode("utf-8", "replace"))
            if phase is not None:
                found.append((index, phase))
            at = text.find(b"\n", begin) + 1
            if not at:
                break
            index += 1
        return found

    def _phase(self, message: bytes) -> str | None:
        return next((phase for phase, expression in self._each if expression.is_in(message)), None)


def _compiled(expression: str, options: Any, limit: int = _MAX_LENGTH) -> Expression:
    if not isinstance(expression, str) or not expression or len(expression) > limit:
        raise BadSettings(f"A pattern of a phase is a text of 1 to {_MAX_LENGTH} characters.")
    try:
        return Expression(re2.compile(expression.encode(), options))
    except (re2.error, UnicodeEncodeError) as problem:
        raise BadSettings(f"The pattern {expression!r} of a phase cannot be used.") from problem
