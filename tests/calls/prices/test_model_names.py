"""Names of models as agents write them, and which of the price list they may mean."""

from __future__ import annotations

import pytest

from llm_service.calls.prices.model_names import candidates, normalize_model


@pytest.mark.parametrize(
    ("name", "hint", "expected"),
    [
        ("gpt-4o", None, [(None, "gpt-4o")]),
        ("gpt-4o", "openai", [("openai", "gpt-4o"), (None, "gpt-4o")]),
        ("claude-opus-4-1", "groq", [("groq", "claude-opus-4-1"), ("groq", "claude-opus-4.1")]),
        ("google/models/gemini-2.5-pro", None, [("google", "gemini-2.5-pro"), (None, "gemini-2.5-pro")]),
        ("openai/gpt-4o", "openai", [("openai", "openai/gpt-4o"), ("openai", "gpt-4o")]),
        ("openrouter/gpt-4o", "openai", [("openai", "openrouter/gpt-4o"), ("openrouter", "gpt-4o")]),
        ("groq/gpt-4o", "cohere", [("cohere", "groq/gpt-4o")]),
        ("openai", None, [(None, "openai")]),
        ("open ai/gpt-4o", None, []),
        ("ollama/gpt-4o", None, []),
        ("gpt-4o", "local", []),
        ("someone/gpt-4o", None, []),
    ],
)
def test_what_a_name_may_mean_the_most_certain_first(
    name: str, hint: str | None, expected: list[tuple[str | None, str]]
) -> None:
    assert list(candidates(name, hint)) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (None, None),
        ("", None),
        ("<synthetic>", None),
        (" GPT-4o ", "gpt-4o"),
        ("claude-opus-4-1[1m]", "claude-opus-4-1"),
        ("[1m]", None),
    ],
)
def test_a_name_is_in_lower_case_without_brackets(name: str | None, expected: str | None) -> None:
    assert normalize_model(name) == expected
