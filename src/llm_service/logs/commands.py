"""`llm-service logs ...`: logs from the command line, whether or not a dashboard is running."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import BinaryIO

import click
import msgspec

from ..files import terminal_text
from .blocks import READ_BYTES
from .model import LEVELS, ParsedLine
from .parser import LineParser

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
            click.echo(f"{number:>6} {_MARKS[line.level]} {phase}{terminal_text(line.message)}")


def _parsed(stream: BinaryIO) -> Iterator[ParsedLine]:
    """The lines of a stream, each as soon as it is whole; of one that is too long the beginning, as soon as it is."""
    parser, held, is_skipped = LineParser(), b"", False
    while data := stream.read1(READ_BYTES):  # type: ignore[attr-defined]
        if is_skipped:
            end = data.find(b"\n") + 1
            is_skipped, data = not end, data[end:] if end else b""
        held += data
        end = held.rfind(b"\n") + 1
        if end:
            yield from parser.parse(held[:end])
            held = held[end:]
        if len(held) >= READ_BYTES:
            yield from parser.parse(held[:READ_BYTES] + b"\n")
            held, is_skipped = b"", True
    if held:
        yield from parser.parse(held)
