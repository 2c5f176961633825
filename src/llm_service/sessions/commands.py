"""`llm-service sessions list | show | tail`: the session logs on the command line, whether or not a dashboard runs."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import islice

import click

from ..files import terminal_text
from ..json_values import as_json
from ..settings.load import Settings
from ..settings.options import workspace_options
from .model import VIEWS, SessionRow, TranscriptRow
from .offline import OfflineSessions
from .shapes import SessionFilter

LoadSettings = Callable[[str | None, str | None], Settings]
_JSON = click.option("--json", "is_json", is_flag=True, help="Print JSON.")
_MAX_TEXT_LINES = 12
_MARKS = {"prompt": "> ", "text": "", "thinking": "~ ", "tool": "* ", "result": "  ", "note": "# ", "broken": "! "}


def sessions_commands(load_settings: LoadSettings, redact: Callable[[bytes], bytes]) -> click.Group:
    """The group with its commands."""

    @click.group()
    def sessions() -> None:
        """Session logs of agents, without secrets."""

    @sessions.command(name="list")
    @workspace_options
    @click.option("--limit", type=click.IntRange(1), default=30, help="How many at most. Default: 30.")
    @click.option("--text", default="", help="Only with this text in title, folder, branch, model or id.")
    @_JSON
    def list_sessions(workspace: str | None, config_file: str | None, limit: int, text: str, is_json: bool) -> None:
        """Print the sessions, those written to last first."""
        found = OfflineSessions(load_settings(workspace, config_file), redact)
        found.look()
        page = found.queries.page(SessionFilter(text), 0, limit)
        if is_json:
            click.echo(json.dumps(as_json(page), indent=2))
            return
        for row in page.sessions:
            click.echo(_row_text(row))
        if not page.sessions:
            none = "There are no such sessions." if text else "There are no sessions yet."
            click.echo(f"{none} The settings `claude_folders`, `codex_folders`, … name the folders.")
        elif page.next_offset is not None:
            click.echo(f"{page.total - len(page.sessions):,} more: see --limit.", err=True)

    @sessions.command()
    @workspace_options
    @click.argument("session")
    @_JSON
    def show(workspace: str | None, config_file: str | None, session: str, is_json: bool) -> None:
        """Print what is known of a session: tools, files, to-dos, sub-agents."""
        found = OfflineSessions(load_settings(workspace, config_file), redact)
        found.look()
        detail = found.queries.detail(session, 3_600.0)
        if is_json:
            click.echo(json.dumps(as_json(detail), indent=2))
            return
        click.echo(_row_text(detail.session))
        click.echo(f"{detail.session.state} ({detail.session.certainty}): {terminal_text(detail.session.rests_on)}")
        click.echo(f"{detail.lines:,} lines in {terminal_text(detail.log)}")
        for title, lines in (
            ("Tools", [f"{each.uses:>6,}  {each.name}" for each in detail.tools]),
            ("Files", [f"{each.times:>6,}  {each.path}" for each in detail.files]),
            ("To-dos", [f"{each['status']:<12}{each['text']}" for each in (detail.todos or {}).get("items", ())]),
            ("Sub-agents", [_row_text(each) for each in detail.children]),
        ):
            if lines:
                click.echo(f"\n{title}")
                for line in lines:
                    click.echo(f"  {terminal_text(line)}")

    @sessions.command()
    @workspace_options
    @click.argument("session")
    @click.option("--lines", "-n", "count", type=click.IntRange(0), default=20, help="How many lines. Default: 20.")
    @click.option("--all", "every", is_flag=True, help="Every line of the log, not the conversation alone.")
    @click.option("--follow", "-f", is_flag=True, help="Wait for more lines until Ctrl-C.")
    @_JSON
    def tail(
        workspace: str | None,
        config_file: str | None,
        session: str,
        count: int,
        every: bool,
        follow: bool,
        is_json: bool,
    ) -> None:
        """Print the end of a transcript."""
        found = OfflineSessions(load_settings(workspace, config_file), redact)
        for row in found.tail(session, count, VIEWS[1] if every else VIEWS[0], follow):
            if is_json:
                click.echo(json.dumps(as_json(row), ensure_ascii=False))
            else:
                _print(row)

    return sessions


def _row_text(row: SessionRow) -> str:
    parts = [row.last_at[:16].replace("T", " "), f"{row.state:<10}", f"{row.program:<12}", row.id]
    more = [text for text in (row.folder, row.branch, row.model) if text]
    return terminal_text("  ".join([*parts, row.title or "(no title)", *more]))


def _print(row: TranscriptRow) -> None:
    for part in row.parts:
        head = f"{part.tool}: {part.title}" if part.kind == "tool" else part.text or part.title
        lines = head.splitlines() or [""]
        mark = _MARKS.get(part.kind, "  ")
        click.echo(f"{row.line:>7} {mark}{terminal_text(lines[0])}")
        for line in islice(lines, 1, _MAX_TEXT_LINES):
            click.echo(f"{'':>7} {mark}{terminal_text(line)}")
        if len(lines) > _MAX_TEXT_LINES:
            click.echo(f"{'':>7} {mark}… {len(lines) - _MAX_TEXT_LINES:,} more lines")
