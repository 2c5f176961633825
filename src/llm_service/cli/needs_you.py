"""`llm-service needs-you`: what waits for a person, from the running dashboard; `--watch` prints each change."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from typing import Any

import click

from ..errors import ServiceError
from ..files import printable
from ..server.launcher import print_line
from ..settings.options import workspace_options
from .client import Client

_PATH = "/api/needs-you"
_TOPIC = "needs_you"
_RETRY_S = 1.0
_MAX_TEXT = 160


@click.command(name="needs-you")
@workspace_options
@click.option("--watch", is_flag=True, help="Go on, and print one line for each change.")
@click.option(
    "--json", "as_json", is_flag=True, help="Print the same as `GET /api/needs-you`; with --watch a line each."
)
def needs_you(workspace: str | None, config_file: str | None, watch: bool, as_json: bool) -> None:
    """Print what waits for you, the oldest first, with its certainty; its dashboard has to run."""
    client = Client.of(workspace, config_file)
    found = client.get(_PATH)
    if as_json and not watch:
        print_line(json.dumps(found, indent=2))
        return
    known = _print_changes({}, found, as_json)
    summary = _print_summary(None, found, as_json)
    if not watch:
        return
    is_lost = False
    while True:
        try:
            for _ in client.changes(_TOPIC):
                is_lost, found = False, client.get(_PATH)
                known = _print_changes(known, found, as_json)
                summary = _print_summary(summary, found, as_json)
        except ServiceError as problem:
            if not is_lost:
                click.echo(f"Error: {printable(problem.message)} It is tried again.", err=True)
            is_lost = True
        time.sleep(_RETRY_S)
        with suppress(ServiceError):  # it may have been started again, elsewhere
            client = Client.of(workspace, config_file)


def _print_changes(known: dict[str, Any], found: dict[str, Any], as_json: bool) -> dict[str, Any]:
    """Print what is new, different or over; what is known then."""
    current = {need["id"]: need for need in found["needs"]}
    for need_id, need in known.items():
        if need_id not in current:
            _print("-", need, as_json)
    for need_id, need in current.items():
        if need_id not in known:
            _print("+", need, as_json)
        elif known[need_id] != need:
            _print("~", need, as_json)
    return current


def _print_summary(before: str | None, found: dict[str, Any], as_json: bool) -> str:
    text: str = found["summary"]["text"]
    if text != before:
        print_line(json.dumps({"change": "=", "summary": found["summary"]}) if as_json else f"= {text}")
    return text


def _print(change: str, need: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_line(json.dumps({"change": change, "need": need}))
        return
    said = f": {need['text'][:_MAX_TEXT]}" if need["text"] else ""
    line = f"{change} {need['since'][:19]}Z  {need['kind']:<10} {need['certainty']:<11} {need['title']}{said}"
    print_line(printable(" ".join(line.splitlines())))
