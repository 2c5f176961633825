"""Texts of sessions as they are shown: without secrets, valid, cut. Also what is searched goes through here."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from .formats.values import MAX_PART
from .model import Part, RowPart

Redact = Callable[[bytes], bytes]
"""Whole lines -> the same lines without secrets; never more or fewer lines."""
_OVERLAP = 16_384
"""Left out at the end of a text that was cut, where a secret may have been cut in two."""
_MULTILINE = b"-----BEGIN"


class Cleaner:
    """`redact` takes the secrets out of whole lines."""

    def __init__(self, redact: Redact) -> None:
        self._redact = redact

    def line(self, text: str | None, limit: int = 500) -> str | None:
        """A text in one line, cut; None for none."""
        if text is None:
            return None
        shown = " ".join(self.text(text).split())
        return shown if len(shown) <= limit else shown[: limit - 1] + "…"

    def text(self, text: str) -> str:
        """The whole text without secrets, as far as it was read."""
        shown = self._redact(_bytes(text)).decode("utf-8", "replace")
        return shown[: max(0, len(shown) - _OVERLAP)] if len(text) >= MAX_PART else shown

    def part(self, part: Part, limit: int) -> RowPart:
        """A part as it is shown, at most `limit` characters of its text."""
        text = self.text(part.text)
        is_cut = len(text) > limit
        return RowPart(
            kind=part.kind,
            title=self.line(part.title, 300) or "",
            text=text[:limit] if is_cut else text,
            tool=self.line(part.tool, 200),
            call=self.line(part.call, 200),
            is_error=part.is_error,
            agent=self.line(part.agent, 200),
            size=len(text),
            is_cut=is_cut,
        )

    def block(self, texts: Sequence[str]) -> bytes:
        """Texts one below the other, each ending with a line end, redacted: line n of the result is line n of them."""
        data = [_bytes(text) for text in texts]
        if any(_MULTILINE in each for each in data):
            # A key that does not end must not hide what follows in another text.
            return b"\n".join(self._redact(each) for each in data) + b"\n"
        return self._redact(b"\n".join(data) + b"\n")


def _bytes(text: str) -> bytes:
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace")
