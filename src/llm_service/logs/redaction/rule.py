"""A rule: what one kind of secret looks like (pure values)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rule:
    """`pattern` is a regular expression of RE2 over bytes; its first group is the secret, or the whole match without
    a group. It finds nothing over a line's end. `keywords`, in lower case: a line without any of them is not searched.
    `is_secret(whole match, secret)` may refuse a match."""

    name: str
    pattern: str
    keywords: tuple[str, ...]
    is_secret: Callable[[bytes, bytes], bool] | None = None
    hint: str = ""
    """What a line with such a secret has in it, if the pattern does not begin with a text: a search for words of any
    letters would have to follow each word of a block."""


def token(name: str, *beginnings: str, rest: str, before: str = r"\b") -> Rule:
    """The rule for tokens that begin with one of these texts; `rest` is the expression of what follows."""
    escaped = "|".join(each.replace(".", r"\.") for each in beginnings)
    return Rule(name, f"{before}((?:{escaped}){rest})", tuple(each.lower() for each in beginnings))


def has_mixed(_: bytes, secret: bytes) -> bool:
    """A random secret has digits and letters, and not one of them only."""
    return any(48 <= byte < 58 for byte in secret) and any(byte >= 65 for byte in secret)
