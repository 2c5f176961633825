"""What is written as YAML is read as what it was, by our reader and by PyYAML."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from llm_service.files import parse_mapping, yaml_key, yaml_value
from llm_service.files.yaml_scalars import JSON

NUMBERS = st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("xyz"), inner, max_size=3),
    max_leaves=6,
)


@given(VALUES)
@example(1e18)
@example([1e-07, -1e300, 1.5e-09, 5e-324])
@example({"x": '1e+18 "2e+18" \\'})
@example("\u2028\x85\ufeff")
def test_what_is_written_is_read_again(value: JSON) -> None:
    data = f"{yaml_key('value')}: {yaml_value(value)}\n".encode()
    assert parse_mapping(data).value == {"value": value}
    assert yaml.safe_load(data) == {"value": value}


@pytest.mark.parametrize("key", ["on", "null", "y", "1", "a b", "", "a: b", "Größe", "1e+3"])
def test_keys_that_are_no_plain_words_are_quoted(key: str) -> None:
    assert yaml_key(key).startswith('"')
    assert parse_mapping(f"{yaml_key(key)}: 1\n".encode()).value == {key: 1}


def test_numbers_have_a_point_and_texts_stay() -> None:
    assert yaml_value({"a": [1e22, -2e-9, 1.5e-9, 3.0], "b": "1e+18"}) == (
        '{"a": [1.0e+22, -2.0e-09, 1.5e-09, 3.0], "b": "1e+18"}'
    )
