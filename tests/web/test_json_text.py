"""JSON of snapshots: what the standard library writes, for whatever can be in one."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from llm_service.files.yaml_scalars import TypedText
from llm_service.json_values import as_json
from llm_service.web.json_text import json_text


@dataclass(frozen=True, slots=True)
class Card:
    """A dataclass within another."""

    title: str
    inner: Any = None
    tags: tuple[Any, ...] = ()


TEXTS = st.text(st.characters() | st.just("\ud800")) | st.sampled_from(["2.10", "No", "0x1F"]).map(TypedText)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(st.text() | st.integers(), inner)
        | st.builds(Card, TEXTS, inner, st.lists(inner).map(tuple))
    ),
)


@given(VALUES)
def test_it_is_the_json_of_the_standard_library(value: Any) -> None:
    assert json.loads(json_text(value)) == json.loads(json.dumps(as_json(value)))


def test_a_number_that_json_does_not_have_is_null() -> None:
    assert json_text([float("nan"), float("inf"), 1e300]) == "[null,null,1e300]"
