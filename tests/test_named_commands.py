"""Every `llm-service ...` that docs, messages and the page name is a command with these subcommands and options."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path

import click
import pytest
from kit.paths import ROOT

from llm_service.cli.main import cli

_FILES = [
    *ROOT.glob("*.md"),
    *ROOT.glob("docs/*.md"),
    *(ROOT / "src/llm_service").rglob("*.py"),
    *(path for path in (ROOT / "static").rglob("*.js") if "vendor" not in path.parts),
]
_SENTENCES = {"dashboard events"}
_OF_OTHERS = {"--method"}
"""An option of the MCP inspector, which starts the command that stands before it."""
_NAMED = re.compile(r"(?<![\w.-])llm-service((?: +(?:--)?[a-z][a-z-]*(?:=\S+)?)+)")


def complaint(words: list[str]) -> str | None:
    """What is wrong with a command line; None if nothing is, or if it is the name of the program in a sentence."""
    context = click.Context(cli, info_name="llm-service")
    command: click.Command = cli
    for word in words:
        if word.startswith("--"):
            name = word.partition("=")[0]
            known = {text for one in command.get_params(context) for text in (*one.opts, *one.secondary_opts)}
            if name not in known:
                return f"{command.name} has no option {name}"
        elif isinstance(command, click.Group):
            found = command.get_command(context, word)
            if found is None:
                return None if command is cli else f"{command.name} has no subcommand {word}"
            command = found
    return None


def named(path: Path) -> Iterator[list[str]]:
    for match in _NAMED.finditer(path.read_text(encoding="utf-8")):
        words = match[1].split()
        words = [*takewhile(lambda word: word not in _OF_OTHERS, words)]
        if " ".join(words) not in _SENTENCES:
            yield words


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("dashboard restart", "dashboard has no subcommand restart"),
        ("dashboard start --prot", "start has no option --prot"),
        ("dashboard start --port", None),
        ("cannot report", None),
    ],
)
def test_a_command_that_is_not_there_is_found(words: str, found: str | None) -> None:
    assert complaint(words.split()) == found


def test_every_command_that_is_named_is_there() -> None:
    wrong = {
        f"{path.relative_to(ROOT)}: llm-service {' '.join(words)}: {found}"
        for path in _FILES
        for words in named(path)
        if (found := complaint(words)) is not None
    }
    assert wrong == set()
