"""What a rule finds has its hint in it, and what is looked for in all lines stays small."""

from __future__ import annotations

from random import Random

import pytest
from kit.planted_secrets import ASSIGNED, EVERY, planted

from llm_service.logs.patterns import compiled
from llm_service.logs.redaction.expressions import RULES, expressions
from llm_service.logs.redaction.hints import shortened


@pytest.mark.parametrize(
    ("pattern", "short"),
    [
        (r"\b((?:sk-ant-)[0-9A-Za-z_-]{20,})", r"\b((?:sk-ant-)[0-9A-Za-z_-]{4})"),
        (r"((?:abc_|abd_)\w{30}_[0-9a-f]{10})\b", r"((?:abc_|abd_)\w{4})"),
        (r"\b(abc(?:(?:[0-9a-f]{16}|local)_)?[0-9a-f]{40})", r"\b(abc(?:(?:[0-9a-f]{16}|local)_)?[0-9a-f]{4})"),
        (r"abc(?:x|[0-9]{16})y", r"abc(?:x|[0-9]{4})"),
        # What is one of several, or may be missing, is no hint.
        (r"abc[0-9]{16}|d", r"abc[0-9]{16}|d"),
        (r"abc(?:[0-9]{16})?", r"abc(?:[0-9]{16})?"),
        (r"abc(?:[0-9]{16}){0,2}", r"abc(?:[0-9]{16}){0,2}"),
        (r"abc(?:[0-9]{16}(?:d|e)|f)", r"abc(?:[0-9]{16}(?:d|e)|f)"),
        (r"(?:abc([0-9]{16}))*", r"(?:abc([0-9]{16}))*"),
        # Too little before it, what may be white space, and what is short already.
        (r"\b([MNO][0-9A-Za-z]{24})", r"\b([MNO][0-9A-Za-z]{24})"),
        (r"abc[^\"]{24}", r"abc[^\"]{24}"),
        (r"abc[\s\w]{24}", r"abc[\s\w]{24}"),
        (r"abc[ a]{24}", r"abc[ a]{24}"),
        (r"abc[0-9]{3}", r"abc[0-9]{3}"),
        (r"abc\{16}[0-9]{16}", r"abc\{16}[0-9]{4}"),
    ],
)
def test_an_expression_ends_where_only_its_length_is_left(pattern: str, short: str) -> None:
    assert shortened(pattern) == short


def test_what_a_rule_finds_has_its_hint() -> None:
    random = Random(5)
    lines = [planted(template, random)[0].encode() for template in [*EVERY.values(), *ASSIGNED] for _ in range(3)]
    seen = set[str]()
    for rule in RULES:
        whole, hint = compiled(rule.pattern), compiled(rule.hint or shortened(rule.pattern))
        found = [line for line in lines if whole.is_in(line)]
        seen.update([rule.name] if found else [])
        assert all(hint.is_in(line) and expressions().any.is_in(line) for line in found), rule.name
    assert len(seen) >= 0.9 * len(RULES)


def test_random_letters_are_no_states_of_the_search() -> None:
    counted = [rule.name for rule in RULES if not rule.hint and rule.pattern != shortened(rule.pattern)]
    assert len(counted) >= 0.8 * len(RULES), "their lengths alone make an automaton of hundreds of megabytes"
