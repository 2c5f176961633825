"""`LineMaker.make(lines, classes)`: lines that say nothing about each other, made together: for `Lines`.

They are what `DetailReader.read` gives of each by itself. What each counts as is known: so its words are not looked for
again, only what its head says is. What has facts, begins a phase, or is said over several lines, such as a traceback or
what an agent does, is not for this: `LineParser` reads that as it comes.
"""

from __future__ import annotations

from . import cleaning
from .details import DetailReader
from .formats.block_heads import BlockHead, block_heads
from .formats.heads import DIGITS, read_head, read_level_head, read_time_head
from .formats.levels import LEVELS
from .formats.logfmt import FIRST_LETTERS
from .formats.times import SECONDS
from .model import ParsedLine
from .patterns import compiled, literal, mark_lines
from .project_paths import ProjectPaths
from .tally import CLASSES

_TIME, _BRACKET, _LEVEL, _LOGFMT, _JSON = range(5)
_KINDS: dict[str, int] = (
    dict.fromkeys("DIWECNTFVSAP", _LEVEL)
    | dict.fromkeys(FIRST_LETTERS, _LOGFMT)
    | dict.fromkeys(DIGITS, _TIME)
    | {"[": _BRACKET, "<": _LEVEL, "{": _JSON}
)
"""What a line may be, by its first character: only such formats are tried."""
_LATER = ParsedLine("")
_HIGH_CONTROLS = compiled(r"\xc2[\x80-\x9f]")
_ESCAPES = literal(b"\x1b")


class LineMaker:
    """Makes lines of one log. May be used from any thread."""

    def __init__(self, paths: ProjectPaths) -> None:
        self._paths = paths
        self._folder = literal(paths.folder) if paths.folder else None

    def make(self, lines: list[bytes], classes: bytes) -> list[ParsedLine]:
        """The lines of these texts, each of a class of `tally.CLASSES`."""
        block = b"\n".join(lines) + b"\n"
        text = block.decode("utf-8", "replace")
        texts = text.split("\n")
        texts.pop()
        return _lines(texts, classes, self._marks(block, texts), block_heads(text), DetailReader(self._paths))

    def _marks(self, block: bytes, texts: list[str]) -> bytearray:
        """1 for each line with control characters, the project's folder, or too many characters, else 0."""
        marks = bytearray(len(texts) + 1)
        if b"\x1b" in block:
            mark_lines(_ESCAPES, 1, block, marks)
        if not block.isascii():
            mark_lines(_HIGH_CONTROLS, 1, block, marks)
        if self._folder is not None:
            mark_lines(self._folder, 1, block, marks)
        if has_long_line(block):
            for number, line in enumerate(texts):
                marks[number] |= len(line) > cleaning.MAX_CHARACTERS
        return marks


def _lines(
    texts: list[str], classes: bytes, marks: bytearray, heads: list[BlockHead], details: DetailReader
) -> list[ParsedLine]:
    """This loop is what the time for a line goes into: ordinary lines are made here, all others by `details`."""
    parsed: list[ParsedLine] = []
    objects: list[tuple[int, str]] = []
    add, kind_of = parsed.append, _KINDS.get
    second_of = SECONDS.get
    for line, (level, shown), mark, (second, fraction, zone, name, word, first_word, message) in zip(
        texts, map(CLASSES.__getitem__, classes), marks, heads, strict=False
    ):
        if mark and line[:1] != "{":
            add(details.read_known(line, level, shown))
            continue
        time = None
        if (word or first_word) in LEVELS and (not second or (time := second_of(second + zone)) is not None):
            if time is not None:
                time = f"{time}.{fraction}Z" if len(fraction) == 3 else f"{time}.{fraction[:3]:0<3}Z"
                if name:
                    message = f"{name}: {message}"
            add(ParsedLine(message, level, "agent", None, time, line, (), shown))
            continue
        kind = kind_of(line[:1])
        if kind is None or (kind == _LOGFMT and "=" not in line[:10]):
            add(ParsedLine(line, level, "agent", None, None, line, (), shown))
            continue
        if kind == _JSON:
            objects.append((len(parsed), line))
            add(_LATER)
            continue
        if kind == _LOGFMT:
            add(details.read_known(line, level, shown))
            continue
        if kind == _TIME:
            _, time, at, name = read_time_head(line, 0)
        elif kind == _LEVEL:
            _, time, at, name = read_level_head(line)
        else:
            _, time, at, name = read_head(line)
        add(ParsedLine(f"{name}: {line[at:]}" if name else line[at:], level, "agent", None, time, line, (), shown))
    for place, line in objects:  # two thirds of the time that they take between lines of other kinds
        parsed[place] = details.read_object(line, 0)
    return parsed


def has_long_line(block: bytes) -> bool:
    """True if a line may have more characters than are retained; not each line is checked for it."""
    at, last = 0, len(block) - cleaning.MAX_CHARACTERS
    while at < last:
        end = block.rfind(b"\n", at, at + cleaning.MAX_CHARACTERS + 1)
        if end < 0:
            return True
        at = end + 1
    return False
