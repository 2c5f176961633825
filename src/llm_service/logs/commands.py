"""`llm-service logs ...`: logs from the command line, whether or not a dashboard is running."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import BinaryIO

import click
import msgspec

from .model import LEVELS, ParsedLine
from .parser import LineParser

_BLOCK_BYTES = 128 << 10
_MARKS = {"debug": "·", "info": " ", "warning": "!", "error": "✗"}


@click.group()
def logs() -> None:
    """Parse, search and follow the logs of jobs."""


@logs.command()
@click.option("--view", type=click.Choice(("user", "all")), default="all", help="What to show. Default: all.")
@click.option("--level", type=click.Choice(LEVELS), default="debug", help="Only this level and more severe ones.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line, with all that is known of it.")
def parse(view: str, level: str, as_json: bool) -> None:
    """Read a log on standard input and print its lines as the dashboard shows them: parsed, filtered, redacted."""
    least = LEVELS.index(level)
    encode = msgspec.json.Encoder().encode
    for number, line in enumerate(_parsed(sys.stdin.buffer), start=1):
        if LEVELS.index(line.level) < least or (view == "user" and not line.is_shown):
            continue
        if as_json:
            click.echo(encode({"seq": number, **msgspec.structs.asdict(line)}).decode())
        else:
            phase = f"── {line.phase} ── " if line.phase else ""
            click.echo(f"{number:>6} {_MARKS[line.level]} {phase}{line.message}")


def _parsed(stream: BinaryIO) -> Iterator[ParsedLine]:
    """The lines of a stream, each as soon as it is whole."""
    parser, held = LineParser(), b""
    while data := stream.read1(_BLOCK_BYTES):  # type: ignore[attr-defined]
        held += data
        end = held.rfind(b"\n") + 1
        if end:
            yield from parser.parse(held[:end])
            held = held[end:]
    if held:
        yield from parser.parse(held)
