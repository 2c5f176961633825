"""`LineParser.parse(block)`: lines of a log, redacted; `parse_log_line(line)`: one line by itself.

Any bytes are valid input: what is no UTF-8 becomes U+FFFD, control characters too, `\\r` progress its last state; a
line over 65,536 characters is cut and says so. The same lines come out wherever a log is cut into whole lines.

A block is worked on as a whole: searches over all of it find the words of levels and the few lines that need more; only
these are read one by one. The others are no more than a byte for their class, until somebody asks for them (`Lines`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import msgspec

from .block_reader import BlockOfLines
from .details import DetailReader
from .line_maker import LineMaker
from .lines import Lines
from .model import ParsedLine
from .patterns import literal
from .phases import PhasePatterns
from .project_paths import ProjectPaths
from .redaction import Redactor

_WINDOWS_END = literal(b"\r\n")
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
        paths = ProjectPaths(project_dir)
        self._redactor = Redactor(_two_numbers(known.get("key")))
        self._phases = PhasePatterns(phases)
        self._make = LineMaker(paths).make
        self._details = DetailReader(paths, str(known.get("traceback", "")), known.get("agents"))
        self.is_unchanged = False
        """Redaction has left the last block that was parsed as it was."""

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

    def parse(self, block: bytes) -> Lines:
        """The lines of a block, one for each line end in it; the last of a log may have none."""
        lines, plain = self._redactor.lines(block)
        self.is_unchanged = not self._redactor.has_changed
        if _WINDOWS_END.is_in(block):
            lines, plain = b"\n".join(lines).replace(b"\r\n", b"\n").split(b"\n"), None
        each = BlockOfLines(lines, plain, self._details)
        each.read_special()
        if self._phases.is_any:
            each.find_phases(self._phases, self._make)
        return each.lines(self._make)


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
