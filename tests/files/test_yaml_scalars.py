"""The value of a scalar: that of PyYAML where JSON has it, else the text; and the scalar as written."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from llm_service import files
from llm_service.files.yaml_scalars import (
    CONSTANTS,
    MISSING,
    NUMBER_START,
    TAG,
    TypedText,
    UnknownTag,
    key_text,
    resolve_plain,
    resolve_tagged,
    without_surrogates,
)

digits = st.text("0123456789_", min_size=1, max_size=8)
numbers = st.one_of(
    st.builds("{}{}".format, st.sampled_from(["", "-", "+"]), digits),
    st.builds("{}{}.{}".format, st.sampled_from(["", "-", "+"]), digits, digits | st.just("")),
    st.builds("{}.{}e{}{}".format, digits, digits, st.sampled_from(["+", "-", ""]), st.integers(0, 400)),
    st.builds("0{}{}".format, st.sampled_from(["x", "b", "o", ""]), st.text("01789abF_", max_size=8)),
    st.builds(".{}".format, digits),
    st.text("0123456789+-._exb:", min_size=1, max_size=12),
)


def as_pyyaml(text: str) -> Any:
    """What PyYAML makes of an unquoted scalar, where JSON can say it and JavaScript represents it; else the text."""
    kind = yaml.SafeLoader("").resolve(yaml.ScalarNode, text, (True, False)).removeprefix(TAG)
    if kind not in ("int", "float", "bool", "null") or ":" in text:
        return text
    try:
        value = yaml.SafeLoader("").construct_object(yaml.ScalarNode(TAG + kind, text))
        json.dumps(value, allow_nan=False)
    except ValueError:
        return text
    return text if kind == "int" and abs(value) > 2**53 else value


@given(numbers | st.sampled_from([*CONSTANTS, "y", "n", "Y", "nULL", ".inf", "-.INF", ".nan", "2026-11-05", "=", "<<"]))
def test_an_unquoted_scalar_is_what_pyyaml_makes_of_it(text: str) -> None:
    found, expected = resolve_plain(text), as_pyyaml(text)
    assert found == expected
    assert type(found) is type(expected)
    if type(found) is not str:
        # The builder asks only for these.
        assert text in CONSTANTS or text[0] in NUMBER_START


def test_long_numbers_stay_text() -> None:
    assert resolve_plain("0." + "1" * 98) == float("0." + "1" * 98)
    assert resolve_plain("0." + "1" * 99) == "0." + "1" * 99
    assert resolve_plain("9" * 5_000) == "9" * 5_000
    assert (resolve_plain(str(2**53)), resolve_plain(str(-(2**53)))) == (2**53, -(2**53))
    assert (resolve_plain(str(2**53 + 1)), resolve_plain(str(-(2**53) - 1))) == (str(2**53 + 1), str(-(2**53) - 1))


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("int", "12", 12), ("int", "1.5", "1.5"), ("int", "yes", "yes"), ("float", "1", 1), ("float", "1.5", 1.5),
        ("float", "x", "x"), ("float", "no", "no"), ("bool", "no", False), ("bool", "1", "1"), ("null", "", None),
        ("null", "x", "x"), ("str", "12", "12"), ("binary", "aGk=", "aGk="), ("timestamp", "2026", "2026"),
        ("value", "=", "="), ("merge", "<<", "<<"), ("int", "é\ud800", "é\ufffd"), ("str", "é\ud800", "é\ufffd"),
    ],
)  # fmt: skip
def test_a_tag_gives_the_type_if_the_text_is_of_it(kind: str, text: str, value: Any) -> None:
    found = resolve_tagged(text, TAG + kind)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize("tag", ["!Ref", f"{TAG}python/name:os.system", f"{TAG}map", "!" + "t" * 900])
def test_any_other_tag_is_unknown(tag: str) -> None:
    with pytest.raises(UnknownTag) as caught:
        resolve_tagged("x", tag)
    assert str(caught.value) == f"could not determine a constructor for the tag {tag[:200]!r}"


@pytest.mark.parametrize(
    ("value", "key"), [("a", "a"), (TypedText("2.10"), "2.10"), (None, "null"), (True, "true"), (7, "7"), (1.5, "1.5")]
)
def test_a_key_is_text(value: Any, key: str) -> None:
    assert key_text(value) == key
    assert type(key_text(value)) is str


def test_lone_surrogates_are_replaced_and_other_characters_are_not() -> None:
    assert without_surrogates("a\ud83d") == "a\ufffd"
    assert without_surrogates("😀 é") == "😀 é"


def test_missing_are_the_constants_for_null() -> None:
    assert set(MISSING) == {"", "~", "null", "Null", "NULL"}


# --- as written


def written(text: str) -> files.Document:
    """The document as written."""
    return files.parse_mapping(text.encode(), as_written=True)


@pytest.mark.parametrize(
    ("source", "text", "value"),
    [
        ("2.10", "2.10", 2.1), ("0010", "0010", 8), ("No", "No", False), ("0x1F", "0x1F", 31), ("1_000", "1_000", 1000),
        ("!!int '12'", "12", 12), ("!!float 1", "1", 1), ("!!bool yes", "yes", True), ("&a 2.50", "2.50", 2.5),
    ],
)  # fmt: skip
def test_a_number_as_written_is_text_that_knows_its_value(source: str, text: str, value: Any) -> None:
    found = written(f"a: {source}\n").value["a"]
    assert type(found) is TypedText
    assert (found, found.value()) == (text, value)
    assert json.dumps(found) == json.dumps(text)


@pytest.mark.parametrize(
    ("source", "text"),
    [("'2.10'", "2.10"), ("!!str No", "No"), ("|\n  7\n", "7\n"), ("2026-11-05", "2026-11-05"),
     (".inf", ".inf"), ("12:30", "12:30"), ("9" * 20, "9" * 20), ("!!int twelve", "twelve")],
)  # fmt: skip
def test_what_is_text_anyway_is_plain_text(source: str, text: str) -> None:
    found = written(f"a: {source}\n").value["a"]
    assert type(found) is str
    assert found == text


def test_no_value_is_none_as_written_too() -> None:
    assert written("a: ~\nb:\nc: null\nd: !!null ''\ne: ''\n").value == {
        "a": None,
        "b": None,
        "c": None,
        "d": None,
        "e": "",
    }


def test_keys_are_as_written() -> None:
    document = written(
        "2.10: a\nyes: b\n~: c\n0010: d\n2026-01-01: e\n'<<': f\n!!str 2: g\n? !!int '3'\n: h\n? ''\n: i\n"
    )
    assert list(document.value) == ["2.10", "yes", "~", "0010", "2026-01-01", "<<", "2", "3", ""]
    assert {type(key) for key in document.value} == {str}
    assert written("1: a\n1.0: b\n'1': c\n").duplicate_keys == ("1",)
    assert written("? \n: a\n").value == {"null": "a"}
    assert written("x: &n 2.10\n*n : y\nz: !!set {0010, No}\n").value == {"x": "2.10", "2.10": "y", "z": ["0010", "No"]}


def test_all_documents_of_a_stream_are_as_written() -> None:
    document = written("- 2.10\n---\nid: 2.10\n---\nid: 0010\n")
    assert (document.value, document.extra) == ({"id": "2.10"}, (["2.10"], {"id": "0010"}))
    assert written('{"a": 2.10, "b": "\\ud83d\\ude00"}').value == {"a": "2.10", "b": "😀"}


def test_by_default_numbers_are_numbers() -> None:
    assert files.parse_mapping(b"a: 2.10\nb: No\n1.50: c\n").value == {"a": 2.1, "b": False, "1.5": "c"}
