"""The parts of a text that may be paths: `parts_of(text)`. Pure functions.

People and agents write a path in any language, with any words, marks, positions and remarks around it. So everything is
taken out that could be one, and the disk decides: a part that is none names no file. Nothing here knows a form of
writing as a whole, only what may stand next to a path.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from urllib.parse import unquote

MOST_PARTS = 160
"""So many parts of a text are taken at most; real texts have fewer than ten."""
KNOWN_NAMES = frozenset((
    "BUILD", "CHANGELOG", "CODEOWNERS", "CONTRIBUTING", "COPYING", "Caddyfile", "Containerfile", "Dockerfile",
    "Gemfile", "Jenkinsfile", "Justfile", "justfile", "LICENSE", "MANIFEST", "Makefile", "makefile", "NOTICE",
    "Pipfile", "Procfile", "README", "Rakefile", "Tiltfile", "VERSION", "Vagrantfile", "WORKSPACE", "gradlew",
))  # fmt: skip
"""Names of files that have no extension."""

_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufe00-\ufe0f\ufeff]")
_ANY_SPACE = re.compile(r"\s+")
_SPACED_SLASH = re.compile(r"\s+([/\\])\s+")
_ARROW = re.compile(r"\s*(?:<?[-=~]+>|<[-=]+|[\u2190-\u21ff\u2794-\u27be\u27f0-\u27ff\u2b00-\u2b4f])\s*")
_RENAMED = re.compile(r"\{([^{}]*?)\s*=>\s*([^{}]*?)\}")
_URL = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*://\S+")
_POSITION = re.compile(r"(?:[?#].*|(?::\d+){1,2})$")
_QUOTES = ("“”", "„“", "„”", "‘’", "‚‘", "«»", "»«", "‹›", "›‹", "「」", "『』", "《》", "〈〉", "【】", "＂＂", "<>")
_SET_OFF = (
    re.compile(r"\]\(\s*<(?P<inner>[^<>]+)>[^()]*\)"),
    re.compile(r"\]\(\s*(?P<inner>(?:[^()\s]|\([^()\s]*\))+)(?:\s+[\"'(][^)]*)?\)"),
    re.compile(r"(?<!`)(`{1,3})(?!`)\s?(?P<inner>.+?)\s?\1"),
    *(re.compile(f"{pair[0]}(?P<inner>[^{pair}]+){pair[1]}") for pair in _QUOTES),
    re.compile(r'"(?P<inner>[^"]+)"'),
    re.compile(r"(?<!\w)'(?P<inner>[^']+)'(?!\w)"),
    re.compile(r"(?<![\w/.*-])\{(?P<inner>[^{}]+)\}(?![\w./])"),
    re.compile(r"(?<![\w/.*-])\[(?P<inner>[^\[\]]+)\](?![\w/.(])"),
    re.compile(r"\*{1,3}(?P<inner>[^*\s](?:[^*]*[^*\s])?)\*{1,3}(?![/\w.])"),
    re.compile(r"~~(?P<inner>[^~]+)~~"),
    re.compile(r"(?<!\w)_{1,3}(?P<inner>[^_\s].*?)_{1,3}(?!\w)"),
)
_REMARK = re.compile(r"(?<![\w/.*\]-])[(（]([^()（）]*)[)）](?![\w/])")
_OTHER_PLACE = re.compile(r"\s*(?:or|oder|ou|now|moved|renamed|alias|aka|jetzt|file|path|datei|in|at)\b", re.IGNORECASE)
"""In brackets after a path: it may lie there instead. Anything else in brackets is about the path before it."""
_MARKS = "*_~`\"'“”„‘’‚«»‹›「」『』《》〈〉【】（）＂<>()[]{}|,;:!?.…·•、。，；：！？"
_LEADING_MARKS = _MARKS.replace(".", "")
_BESIDE = re.compile(r"[,;|&→←«»“”„‘’‚\"'`<>「」『』《》〈〉【】（）、。，；：！？…—–=#?§:@+(){}\[\]!*^$~]")
_ONLY_BEFORE = frozenset("@+*^$~!?)]}")
"""After these, the rest of a word that had a slash before them is no path of its own: `app/[id]/page.tsx`."""
_EXTENSION_ENDS = re.compile(r"(?<=[^\s/\\.])\.[A-Za-z]\w{0,11}(?=[^\w]|$)", re.ASCII)
_KNOWN = re.compile(rf"(?<![A-Za-z0-9])(?:{'|'.join(sorted(KNOWN_NAMES))})(?![A-Za-z0-9])")
_NAMED = re.compile(r"[\w\])}][/\\][\w.\[(]")
_SCRIPT_CHANGES = re.compile(r"(?<=[\x21-\x7e])(?=[^\W\x00-\u024f])|(?<=[^\W\x00-\u024f])(?=[\x21-\x7e])")
_MOST_WORDS, _LONGEST_SPAN, _MOST_SPANS, _MOST_CUTS = 60, 6, 60, 9


@dataclass(frozen=True, slots=True)
class Parts:
    """`whole` are words and what is set off, which may name a folder too; `cut` is what is left of them where something
    else began, which may only name a file: of `src/x@2` the part `src/` says nothing."""

    whole: tuple[str, ...]
    cut: tuple[str, ...]


def cleaned(text: str) -> str:
    """A text without characters that are not seen, with plain spaces, and entities of HTML decoded."""
    text = _UNSEEN.sub("", text)
    if "&" in text:
        text = html.unescape(text)
    return _ANY_SPACE.sub(" ", text).strip()


def parts_of(text: str) -> Parts:
    """Every part of a text that may be a path, the likeliest first: the text itself, what is set off in it by quotes or
    links, its words and several of them in a row, and what is left of a word without what may stand beside a path."""
    whole: dict[str, None] = {}
    cut: dict[str, None] = {}
    for part, is_cut in _all_parts(text):
        for variant in _decoded(part):
            if variant.strip() and variant not in whole:
                (cut if is_cut else whole).setdefault(variant)
        if len(whole) + len(cut) >= MOST_PARTS:
            break
    return Parts(tuple(whole), tuple(cut))


def is_likely(word: str) -> bool:
    """True if a word of a sentence may contain a path: it has a slash, or an extension, or is a known name."""
    return "/" in word or "\\" in word or _EXTENSION_ENDS.search(word) is not None or _KNOWN.search(word) is not None


def without_marks(text: str) -> str:
    """A text without quotes and emphasis around all of it, and without a bullet or number before it."""
    text = cleaned(text)
    text = re.sub(r"^(?:[-*•+]|\d{1,3}[.)]|\[[ xX]\]|[^\w\s./\\'\"`<>(){}\[\]*?~@$%|#&=+-])\s+", "", text)
    while len(text) > 2 and (text[0] + text[-1] in _AROUND_ALL or (text[0] == text[-1] and text[0] in "`'\"*_")):
        if text[0] == "{" and "{" in text[1:]:  # {src,docs}/*.{py,md}
            break
        text = text[1:-1].strip()
    return text


_AROUND_ALL = frozenset((*_QUOTES, "{}"))


def _all_parts(text: str) -> Iterator[tuple[str, bool]]:
    """(part, True if it is cut from a word)."""
    yield text.strip(), False
    clean = cleaned(text)
    yield clean, False
    yield without_marks(text), False
    for line in _renames(clean):
        yield from _of_line(line)
    if " / " in clean or " \\ " in clean:
        yield from _of_line(_SPACED_SLASH.sub(r"\1", clean))


def _renames(text: str) -> Iterator[str]:
    """A text as it is, or as git writes renames, `src/{old => new}/a.py`, once with each name, the new one first."""
    if "=>" in text and _RENAMED.search(text):
        yield _RENAMED.sub(r"\2", text).replace("//", "/")
        yield _RENAMED.sub(r"\1", text).replace("//", "/")
    else:
        yield text


def _of_line(text: str) -> Iterator[tuple[str, bool]]:
    remarks = [
        hit for hit in _REMARK.finditer(text) if not text[: hit.start()].rstrip().endswith((">", "→", ":", "："))
    ]
    starts = {remark.start() for remark in remarks}
    if remarks:
        outside = _REMARK.sub(lambda hit: " " if hit.start() in starts else hit.group(), text)
        if _EXTENSION_ENDS.search(outside) or _NAMED.search(outside) or _KNOWN.search(outside):
            yield from ((part, False) for part in islice(_spans(text.split(" ")[:_MOST_WORDS]), _MOST_SPANS))
            yield from _of_plain(outside)
            for remark in remarks:
                if _OTHER_PLACE.match(remark[1]):
                    yield from _of_plain(remark[1])
            return
    yield from _of_plain(text)


def _of_plain(text: str) -> Iterator[tuple[str, bool]]:
    urls = [hit.group().rstrip(_MARKS) for hit in _URL.finditer(text)]
    for url in urls:
        yield url, False
        yield _POSITION.sub("", url), False
    if urls:
        text = _URL.sub(" ", text)
    set_off = [part for part in dict.fromkeys(_set_off(text)) if is_likely(part)]
    yield from ((part, False) for part in set_off)
    # What an arrow points at comes first: `old -> new`.
    for line in (*set_off, *reversed(_ARROW.split(text))):
        words = line.split(" ")[:_MOST_WORDS]
        yield from ((part, False) for part in islice(_spans(words), _MOST_SPANS))
        for word in words:
            if is_likely(word):
                yield from _of_word(word)


def _set_off(text: str) -> Iterator[str]:
    for pattern in _SET_OFF:
        for hit in pattern.finditer(text):
            yield hit["inner"].strip()


def _spans(words: list[str]) -> Iterator[str]:
    """Words in a row that may be one path, as names may contain spaces: there is a slash, the last has an extension."""
    ends = [at for at, word in enumerate(words) if at and (_EXTENSION_ENDS.search(word) or "/" in word)]
    for end in ends:
        last = words[end]
        for start in range(max(0, end - _LONGEST_SPAN + 1), end):
            between = " ".join(["", *words[start + 1 : end], ""])
            yield _trimmed(f"{words[start]}{between}{last}")
            for first in dict.fromkeys(words[start][at:] for at in _starts(words[start])):
                for at in (*(hit.end() for hit in _EXTENSION_ENDS.finditer(last)), len(last)):
                    span = _trimmed(f"{first}{between}{last[:at]}")
                    if "/" in span or "\\" in span:
                        yield span


def _of_word(word: str) -> Iterator[tuple[str, bool]]:
    """A word, then less and less of it, cut where something may stand beside a path."""
    yield word, False
    bare = _trimmed(word)
    if not (bare.endswith(("/", "\\")) and word.rstrip(")]}'\"`*_").endswith(("…", ".."))):
        yield bare, False
    yield word.rstrip(_MARKS), True
    marks = [hit.start() for hit in _BESIDE.finditer(word)]
    changes = [hit.start() for hit in _SCRIPT_CHANGES.finditer(word)]
    starts = _starts(word)
    ends = [*_few([*marks, *(hit.end() for hit in _EXTENSION_ENDS.finditer(word)), *changes]), len(word)]
    spans = {(end - start, start, end) for start in starts for end in ends if end - start > 1}
    for _, start, end in sorted(spans, key=lambda span: (-span[0], span[1])):
        part = _trimmed(word[start:end])
        if is_likely(part) and not part.endswith(("/", "\\")):
            yield part, True


def _starts(word: str) -> list[int]:
    """Where in a word a path may start."""
    marks = [hit.start() for hit in _BESIDE.finditer(word)]
    begins = [at + 1 for at in marks if word[at] not in _ONLY_BEFORE or not ("/" in word[:at] or "\\" in word[:at])]
    return [0, *_few([*begins, *(hit.start() for hit in _SCRIPT_CHANGES.finditer(word))])]


def _trimmed(word: str) -> str:
    word = word.rstrip(_MARKS)
    bare = word.lstrip(_LEADING_MARKS)
    if bare.startswith(("/", "\\")) and word[: len(word) - len(bare)].endswith(("*", "~", ")", "]", "}", "…")):
        return word  # `*/a.md`
    return bare


def _few(places: Iterable[int]) -> list[int]:
    found = sorted(set(places))
    return found if len(found) <= _MOST_CUTS else found[: _MOST_CUTS - 3] + found[-3:]


def _decoded(part: str) -> Iterator[str]:
    """A part as it is, then as it may be meant: percent-encoded, with escaped characters, with backslashes."""
    yield part
    if "%" in part and (decoded := unquote(part)) != part and "\ufffd" not in decoded:
        yield decoded
    if "\\" in part:
        yield re.sub(r"\\([^\w/\\])", r"\1", part)
        yield part.replace("\\\\", "/").replace("\\", "/")
