"""The rules as compiled expressions. Compiling takes 0.1 s, so it waits for the first block."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import re2

from .assignments import ASSIGNMENT, HINT
from .contexts import CONTEXTS
from .private_keys import BEGINS
from .rule import Rule
from .services import SERVICES
from .tokens import TOKENS
from .vendors import VENDOR_RULES

RULES: tuple[Rule, ...] = (*TOKENS, *SERVICES, *CONTEXTS, *VENDOR_RULES)
"""In the order in which they name what several of them find."""


@dataclass(frozen=True, slots=True)
class CompiledRule:
    """A rule with its expression; `search` is the one of `re2`."""

    name: str
    keywords: tuple[bytes, ...]
    expression: Any
    is_secret: Callable[[bytes, bytes], bool] | None


@dataclass(frozen=True, slots=True)
class Expressions:
    """`any` finds what may be a secret of any kind, or the beginning of a private key."""

    any: Any
    rules: tuple[CompiledRule, ...]
    assignment: Any


@cache
def expressions() -> Expressions:
    """The compiled rules."""
    rules = tuple(
        CompiledRule(rule.name, tuple(word.encode() for word in rule.keywords), _compiled(rule.pattern), rule.is_secret)
        for rule in RULES
    )
    every = (*(rule.pattern for rule in RULES), HINT, BEGINS.decode())
    found = _compiled("|".join(f"(?:{each})" for each in every), capture=False)
    return Expressions(found, rules, _compiled(ASSIGNMENT))


def _compiled(pattern: str, capture: bool = True) -> Any:
    options = re2.Options()
    options.log_errors = False
    options.never_nl = True
    options.never_capture = not capture
    options.encoding = re2.Options.Encoding.LATIN1  # a line need not be UTF-8
    options.max_mem = 64 << 20
    return re2.compile(f"(?m:{pattern})".encode("latin-1"), options)
