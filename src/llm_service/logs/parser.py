"""`LineParser.parse(block)`: lines of a log, redacted; `parse_log_line(line)`: one line by itself.

Any bytes are valid input: what is no UTF-8 becomes U+FFFD, control characters too, `\\r` progress its last state; a
line over 65,536 characters is cut and says so. The same lines come out wherever a log is cut into whole lines.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import msgspec

from . import cleaning, scan
from .details import DetailReader, with_phase
from .formats.heads import DIGITS, read_head, read_level_head, read_time_head
from .formats.logfmt import FIRST_LETTERS
from .model import ParsedLine
from .phases import PhasePatterns
from .project_paths import ProjectPaths
from .redaction import Redactor

_TIME, _BRACKET, _LEVEL, _LOGFMT, _JSON = range(5)
_KINDS: dict[str, int] = (
    dict.fromkeys("DIWECNTFVSAP", _LEVEL)
    | dict.fromkeys(FIRST_LETTERS, _LOGFMT)
    | dict.fromkeys(DIGITS, _TIME)
    | {"[": _BRACKET, "<": _LEVEL, "{": _JSON}
)
"""What a line may be, by its first character: only such formats are tried."""
_NO_PHASES: Mapping[str, Sequence[str]] = MappingProxyType({})


class LineParser:
    """Parses the blocks of one log in order.

    `project_dir` (absolute) is what paths in messages become relative to, `phases` are a profile's patterns (see
    `PhasePatterns`, which raises BadSettings), `state` is that of an earlier parser of the same log.
    """

    def __init__(
        self, project_dir: str | None = None, phases: Mapping[str, Sequence[str]] = _NO_PHASES, state: bytes = b""
    ) -> None:
        known = _decode_state(state)
        self._redactor = Redactor(_two_numbers(known.get("key")))
        self._phases = PhasePatterns(phases)
        self._paths = ProjectPaths(project_dir)
        self._details = DetailReader(self._paths, str(known.get("traceback", "")), known.get("agents"))

    def state(self) -> bytes:
        """What a later parser needs to go on behind the last block; b"" if nothing."""
        key, details = self._redactor.state(), self._details
        known = {
            "key": key if any(key) else None,
            "traceback": details.tracebacks.kind,
            "agents": details.agents.state(),
        }
        known = {name: value for name, value in known.items() if value}
        return msgspec.json.encode(known) if known else b""

    def redact(self, block: bytes) -> bytes:
        """The lines of a block as they are, but redacted; the same object if that changes nothing. For one who wants
        the text only: what `parse` was given must not be given again."""
        return self._redactor.redact(block)

    def parse(self, block: bytes) -> list[ParsedLine]:
        """The lines of a block, one for each line end in it; the last of a log may have none."""
        if not block:
            return []
        block = self._redactor.redact(block)
        if b"\r\n" in block:
            block = block.replace(b"\r\n", b"\n")
        lines = block.decode("utf-8", "replace").split("\n")
        if not lines[-1]:
            lines.pop()
        marks = scan.special_lines(block, len(lines) + 1)
        if self._paths.folder:
            scan.mark_lines_with(self._paths.folder, block, marks)
        if len(block) > cleaning.MAX_CHARACTERS and max(map(len, lines)) > cleaning.MAX_CHARACTERS:
            for number, line in enumerate(lines):
                marks[number] |= scan.OTHER if len(line) > cleaning.MAX_CHARACTERS else 0
        parsed = self._parse_lines(lines, marks)
        for index, phase in self._phases.found([line.message for line in parsed]):
            parsed[index] = with_phase(parsed[index], phase)
        return parsed

    def _parse_lines(self, lines: list[str], marks: bytearray) -> list[ParsedLine]:
        """This loop is what the time for a line goes into: ordinary lines are read here, all others by `details`."""
        parsed: list[ParsedLine] = []
        add, kind_of, details, tracebacks = parsed.append, _KINDS.get, self._details, self._details.tracebacks
        for line, mark in zip(lines, marks, strict=False):
            if tracebacks.kind or (mark and (mark != scan.LEVEL or not line.isprintable())):
                add(details.read(line, mark))
                continue
            kind = kind_of(line[:1])
            if kind is None or (kind == _LOGFMT and "=" not in line[:10]):
                if mark:
                    add(details.read(line, mark))
                    continue
                add(ParsedLine(line, "info", "agent", None, None, line))
                continue
            if kind == _TIME:
                level, time, at, name = read_time_head(line, 0)
            elif kind == _LEVEL:
                level, time, at, name = read_level_head(line)
            elif kind == _BRACKET:
                level, time, at, name = read_head(line)
            else:
                add(details.read(line, mark))
                continue
            if mark and level is None:
                add(details.read(line, mark))
                continue
            message = f"{name}: {line[at:]}" if name else line[at:]
            if level == "debug":
                add(ParsedLine(message, level, "agent", None, time, line, (), False))
            else:
                add(ParsedLine(message, level or "info", "agent", None, time, line))
        return parsed


def parse_log_line(line: str | bytes) -> ParsedLine:
    """One line by itself, without what earlier lines say; only the first of several."""
    data = line.encode("utf-8", "replace") if isinstance(line, str) else bytes(line)
    return LineParser().parse(data.partition(b"\n")[0] + b"\n")[0]


def _decode_state(state: bytes) -> dict[str, Any]:
    try:
        known = msgspec.json.decode(state) if state else {}
    except msgspec.DecodeError:
        return {}
    return known if isinstance(known, dict) else {}


def _two_numbers(value: Any) -> tuple[int, int]:
    if isinstance(value, list) and len(value) == 2 and all(type(number) is int for number in value):
        return value[0], value[1]
    return 0, 0
