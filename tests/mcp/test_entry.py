"""Which commands start at once: `llm-service mcp` alone, with the options that say where."""

from __future__ import annotations

import pytest

from llm_service.cli.entry import stdio_options


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        (["mcp"], {}),
        (["mcp", "--workspace", "w"], {"--workspace": "w"}),
        (["mcp", "--workspace=w", "--config", "c"], {"--workspace": "w", "--config": "c"}),
        ([], None),
        (["jobs"], None),
        (["mcp", "--help"], None),
        (["mcp", "install"], None),
        (["mcp", "--workspace"], None),
        (["mcp", "--workspace", "w", "skill"], None),
    ],
)
def test_only_serving_starts_without_the_rest(arguments: list[str], found: dict[str, str] | None) -> None:
    assert stdio_options(arguments) == found
