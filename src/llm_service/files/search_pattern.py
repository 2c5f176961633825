"""`pattern_of` makes of what the user typed a `Pattern` that finds it in bytes of UTF-8.

RE2 does the matching, of plain words too: 2.5 GB/s without regard to case (`bytes.lower` and `find`: 1.3, `re`:
0.2), it lets other threads run meanwhile, and its time is linear in the text whatever the pattern is. `regex`
with a time limit would hold this thread until the limit for each file that a hostile pattern meets.

Two things that a reader takes for granted: a letter with its accent is found however it is encoded (one code point or
several: NFC, NFD, unicode.org/reports/tr15), and `$` is before CR LF too, as with `rg --crlf`.

`required_word` says what a text must have in which an expression finds something, so that most need not be searched.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import cached_property, partial

import re2

from ..errors import BadRequest
from .expression import Expression
from .line_runs import line_runs, search_options

MAX_QUERY_CHARACTERS = 500
_LETTERS = re.compile(r"[A-Za-z]{3,}")
_LEAST_LETTERS = 3
_TOKEN = re.compile(
    r"\\([^A-Za-z0-9]|[AbBdDsSwWzntrfv])|(\[\^?\]?(?:\\.|\[:\^?\w+:\]|[^\]\\])*\])|([*+?]|\{\d*,?\d*\})"
    r"|([A-Za-z])|([()|])|(.)",
    re.DOTALL,
)
"""An escape, a class, a repeat, a letter, a group's border, anything else."""


class Pattern:
    """What is searched for. Only what `normalized` or `chunks` gave is searched."""

    def __init__(
        self,
        expression: re2._Regexp,
        drops_returns: bool,
        words: tuple[str, ...] = (),
        make_runs: Callable[[], Expression | None] = lambda: None,
    ) -> None:
        self._drops_returns = drops_returns
        self._make_runs = make_runs
        self.search = expression.search
        self.spans = Expression(expression).spans
        """`spans(data, begin, end)[0]`: where the first match is, (-1, -1) if there is none; quicker than `search`."""
        self.words = words
        """Runs of ASCII letters that, in any case, each text has in which it finds something; () if none is known."""

    @cached_property
    def line_runs(self) -> Expression | None:
        """Finds, at the beginning of a line, whole lines with a match in each. None where that is not known."""
        return self._make_runs()

    def normalized(self, data: bytes) -> bytes:
        """All bytes of a text, without CR before LF if that could hide a match."""
        return data.replace(b"\r\n", b"\n") if self._drops_returns else data

    def chunks(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        """The same of a text in chunks that end anywhere."""
        if not self._drops_returns:
            yield from chunks
            return
        held = b""
        for chunk in chunks:
            data = held + chunk
            held = b"\r" if data.endswith(b"\r") else b""
            if data := self.normalized(data.removesuffix(held)):
                yield data
        if held:
            yield held


def pattern_of(query: str, regex: bool = False, match_case: bool = False) -> Pattern:
    """What is searched for: a text as it is or, with `regex`, an expression of RE2's syntax. Raises BadRequest."""
    if not query or len(query) > MAX_QUERY_CHARACTERS:
        raise BadRequest(f"The search text has to have 1 to {MAX_QUERY_CHARACTERS} characters.")
    if "\n" in query or "\x00" in query:
        raise BadRequest("The search text has to be in one line.")
    options = search_options(match_case)
    options.never_nl = True
    try:
        if regex:
            re2.compile(query.encode(), options)  # by itself: "a)(b" must not close the group around it
            text = f"(?m:{_in_all_forms(query)})"
        else:
            text = "".join(_forms(each) if not each.isascii() else re2.escape(each) for each in _clusters(query))
        # Without CR "\r" is found nowhere: who asks for it is given the text as it is.
        drops_returns = regex and "$" in query and "\\r" not in query and "\\x" not in query
        compiled = re2.compile(text.encode(), options)
        return Pattern(compiled, drops_returns, _words(query, regex), partial(line_runs, text, match_case))
    except UnicodeEncodeError as problem:
        raise BadRequest("The search text is not text.") from problem
    except re2.error as problem:
        reason = problem.args[0].decode(errors="replace") if problem.args else "it is too large"
        raise BadRequest(f"This expression cannot be used: {reason}.") from problem
    finally:
        re2.purge()  # its cache would keep what a hundred expressions need


def required_word(expression: str) -> str | None:
    """The longest run of ASCII letters outside of groups that has to be there, in any case if the expression has flags;
    None if there is none of three letters, or the expression is not simple enough to say."""
    words, run, depth, at = [], "", 0, 0
    while at < len(expression):
        match = _TOKEN.match(expression, at)
        if match is None or (match[0] == "\\"):
            return None
        at = match.end()
        _, _, repeat, letter, border, _ = match.groups()
        if letter and not depth:
            run += letter
            continue
        if repeat and not depth:
            words.append(run if repeat == "+" else run[:-1])
        else:
            words.append(run)
        run = ""
        if border == "|" and not depth:
            return None
        if border and border != "|":
            depth += 1 if border == "(" else -1
            if depth < 0:
                return None
    longest = max([*words, run], key=len)
    return longest if len(longest) >= _LEAST_LETTERS and depth == 0 else None


def _words(query: str, regex: bool) -> tuple[str, ...]:
    if not query.isascii():
        return ()
    if not regex:
        return tuple(_LETTERS.findall(query))
    word = required_word(query)
    return () if word is None else (word,)


def _clusters(text: str) -> Iterator[str]:
    """The characters of a text in NFC that is not empty, each with the marks that follow it."""
    cluster = ""
    for character in unicodedata.normalize("NFC", text):
        if cluster and not unicodedata.combining(character):
            yield cluster
            cluster = ""
        cluster += character
    yield cluster


def _forms(cluster: str) -> str:
    """An expression for all ways in which a character with its marks can be encoded."""
    apart = unicodedata.normalize("NFD", cluster)
    forms = {cluster, apart}
    for end in range(2, len(apart)):
        forms.add(unicodedata.normalize("NFC", apart[:end]) + apart[end:])
    if len(forms) == 1:
        return str(re2.escape(cluster))
    return f"(?:{'|'.join(re2.escape(form) for form in sorted(forms))})"


def _in_all_forms(query: str) -> str:
    """An expression in which each letter with an accent is there in all forms. In a class of characters only that of
    one code point can be; the others become alternatives to the class."""
    if query.isascii():
        return query
    made, at = "", 0
    query = unicodedata.normalize("NFC", query)
    while at < len(query):
        end = _end_of(query, at)
        token = query[at:end]
        if len(token) == 1 and not token.isascii():
            while end < len(query) and unicodedata.combining(query[end]):
                end += 1
            made += _forms(query[at:end])
        elif token[0] == "[" and not token.startswith("[^") and not token.isascii():
            others = {unicodedata.normalize("NFD", each) for each in token if not each.isascii()}
            several = sorted(form for form in others if len(form) > 1)
            made += f"(?:{'|'.join([token, *map(re2.escape, several)])})" if several else token
        else:
            made += token
        at = end
    return made


def _end_of(query: str, at: int) -> int:
    """Where the escape, quotation or class that begins there ends; the next character if none does."""
    if query.startswith("\\Q", at):
        end = query.find("\\E", at)
        return end + 2 if end >= 0 else len(query)
    if query[at] == "\\":
        return min(len(query), at + 2)
    if query[at] != "[":
        return at + 1
    end = at + 2 if query.startswith("[^", at) else at + 1
    if query.startswith("]", end):
        end += 1
    while end < len(query) and query[end] != "]":
        if query.startswith("[:", end) and (closed := query.find(":]", end)) >= 0:
            end = closed + 2
        else:
            end += 2 if query[end] == "\\" else 1
    return min(len(query), end + 1)
