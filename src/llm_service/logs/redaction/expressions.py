"""The rules as compiled expressions. Compiling takes 0.1 s, so it waits for the first block."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache

from ...files.expression import Expression
from ..patterns import compiled
from .assignments import ASSIGNMENT, HINT
from .contexts import CONTEXTS
from .encoded import ENCODED
from .hints import shortened
from .multiline import BEGINS
from .rule import Rule
from .services import SERVICES
from .tokens import TOKENS
from .vendors import VENDOR_RULES

RULES: tuple[Rule, ...] = (*TOKENS, *SERVICES, *CONTEXTS, *ENCODED, *VENDOR_RULES)
"""In the order in which they name what several of them find."""

_LONG = 2_000
"""From so many bytes on, looking for each keyword is quicker."""


@dataclass(frozen=True, slots=True, eq=False)
class CompiledRule:
    """A rule with its expression."""

    name: str
    expression: Expression
    is_secret: Callable[[bytes, bytes], bool] | None


class Keywords:
    """Finds which rules have a keyword in a line, without looking for each of 300 of them."""

    def __init__(self, rules: Iterable[tuple[Rule, CompiledRule]]) -> None:
        self._short: list[tuple[bytes, int]] = []
        self._by_begin: dict[bytes, list[tuple[bytes, int]]] = {}
        self._rules: list[CompiledRule] = []
        for number, (rule, compiled_rule) in enumerate(rules):
            self._rules.append(compiled_rule)
            for keyword in rule.keywords:
                word = keyword.encode()
                group = self._short if len(word) < 3 else self._by_begin.setdefault(word[:3], [])
                group.append((word, number))

    def rules_of(self, lowered: bytes) -> list[CompiledRule]:
        """The rules for a line in lower case, in their order."""
        if len(lowered) < _LONG:
            begins = {lowered[at : at + 3] for at in range(len(lowered) - 2)} & self._by_begin.keys()
            groups = [self._short, *(self._by_begin[begin] for begin in begins)]
        else:
            groups = [self._short, *self._by_begin.values()]
        return [self._rules[at] for at in sorted({at for group in groups for word, at in group if word in lowered})]


@dataclass(frozen=True, slots=True)
class Expressions:
    """`any` finds what may be a secret of any kind, or the beginning of a private key; `of_rule` only what a rule may
    find, `assignment` what has a name like "password" before it."""

    any: Expression
    of_rule: Expression
    keywords: Keywords
    assignment: Expression


@cache
def expressions() -> Expressions:
    """The compiled rules."""
    rules = [(rule, CompiledRule(rule.name, compiled(rule.pattern, capture=True), rule.is_secret)) for rule in RULES]
    hints = tuple(rule.hint or shortened(rule.pattern) for rule in RULES)
    every = compiled(*hints, HINT, BEGINS.decode(), max_mb=64)
    return Expressions(every, compiled(*hints, max_mb=32), Keywords(rules), compiled(ASSIGNMENT, capture=True))
