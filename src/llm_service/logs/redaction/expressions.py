"""The rules as compiled expressions. Compiling takes 0.1 s, so it waits for the first block."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from ..patterns import compiled
from .assignments import ASSIGNMENT, HINT
from .contexts import CONTEXTS
from .private_keys import BEGINS
from .rule import Rule
from .services import SERVICES
from .tokens import TOKENS
from .vendors import VENDOR_RULES

RULES: tuple[Rule, ...] = (*TOKENS, *SERVICES, *CONTEXTS, *VENDOR_RULES)
"""In the order in which they name what several of them find."""


@dataclass(frozen=True, slots=True, eq=False)
class CompiledRule:
    """A rule with its expression; `search` is the one of `re2`."""

    name: str
    expression: Any
    is_secret: Callable[[bytes, bytes], bool] | None


@dataclass(frozen=True, slots=True)
class Expressions:
    """`any` finds what may be a secret of any kind, or the beginning of a private key; `keywords` are those of all
    rules, in their order."""

    any: Any
    keywords: tuple[tuple[bytes, CompiledRule], ...]
    assignment: Any


@cache
def expressions() -> Expressions:
    """The compiled rules."""
    rules = [(rule, CompiledRule(rule.name, compiled(rule.pattern, capture=True), rule.is_secret)) for rule in RULES]
    keywords = tuple((word.encode(), each) for rule, each in rules for word in rule.keywords)
    every = (*(rule.hint or rule.pattern for rule in RULES), HINT, BEGINS.decode())
    return Expressions(compiled(*every, max_mb=64), keywords, compiled(ASSIGNMENT, capture=True))
