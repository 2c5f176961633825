"""The REST routes about session logs. All of them answer only who may see the project of the session."""

from __future__ import annotations

from collections.abc import Callable

from ..errors import BadRequest
from ..files.search_pattern import pattern_of
from ..json_values import schema_of
from ..web.api import Api
from ..web.params import MAX_PAGE, Choice, Flag, InPath, Integer, OptionalInteger, OptionalText, Text, Texts
from .model import VIEWS, MatchPage, TranscriptPage, TranscriptRow
from .queries import SessionQueries
from .shapes import SessionDetail, SessionFilter, SessionPage

_SESSION = InPath("session", "id of the session")
_LINE_IN_PATH = InPath("line", "number of the line, from 1")
_TEXT = Text("q", "only with this text in title, folder, branch, model or id", max_length=200)
_PROGRAM = Texts("program", "only of these programs, such as `Claude Code`")
_STATE = Texts("state", "only in these states", ("working", "permission", "question", "failed", "idle", "ended"))
_PROJECT = OptionalText("project", "only those that work in this project")
_CHILDREN = Flag("children", "1: sub-agents too, which are otherwise below their session")
_OFFSET = Integer("offset", "how many to skip: the `next_offset` of the page before", 0, 0, 1_000_000)
_LIMIT = Integer("limit", f"how many at most, 1 to {MAX_PAGE}", 50, 1, MAX_PAGE)
_VIEW = Choice("view", "`conversation`, or `all`: every line of the log", VIEWS, VIEWS[0])
_ROW = OptionalInteger("row", "first row, from 0; without it the last rows")
_LINE = OptionalInteger("line", "in place of `row`: the rows from this line of the log on", 1)
_QUERY = OptionalText("q", "a text that lines contain, whatever its case")
_REGEX = Flag("regex", "1: `q` is a regular expression in RE2's syntax")
_CASE = Flag("case", "1: upper and lower case differ")
_BEFORE = OptionalInteger("before", "matches in rows before this one: the `next_before` of the page before")


def session_routes(api: Api, queries: Callable[[], SessionQueries]) -> None:
    """Declare the routes. `queries` raises SessionsOff where the settings say so."""

    @api.get(
        "/api/session-logs",
        _TEXT, _PROGRAM, _STATE, _PROJECT, _CHILDREN, _OFFSET, _LIMIT,
        answer=schema_of(SessionPage),
    )  # fmt: skip
    def list_session_logs() -> SessionPage:
        """Sessions by their logs, those written to last first; texts without secrets."""
        filters = SessionFilter(_TEXT.value(), _PROGRAM.value(), _STATE.value(), _PROJECT.value(), _CHILDREN.value())
        return queries().page(filters, _OFFSET.value(), _LIMIT.value())

    @api.get("/api/session-logs/<session>", _SESSION, answer=schema_of(SessionDetail))
    def show_session_log(session: str) -> SessionDetail:
        """One session: tools, files, to-dos, sub-agents, cost over time, and what it belongs to."""
        return queries().detail(session)

    @api.get(
        "/api/session-logs/<session>/lines",
        _SESSION, _VIEW, _ROW, _LINE, _LIMIT,
        answer=schema_of(TranscriptPage),
    )  # fmt: skip
    def show_transcript(session: str) -> TranscriptPage:
        """Rows of the transcript, without secrets; long texts are cut."""
        return queries().rows(session, _VIEW.value(), _ROW.value(), _LINE.value(), _LIMIT.value())

    @api.get("/api/session-logs/<session>/lines/<line>", _SESSION, _LINE_IN_PATH, answer=schema_of(TranscriptRow))
    def show_transcript_line(session: str, line: str) -> TranscriptRow:
        """One line of the transcript with its whole texts, without secrets."""
        if not (line.isascii() and line.isdigit() and len(line) < 12):
            raise BadRequest("`line` has to be the number of a line.")
        return queries().whole(session, int(line))

    @api.get(
        "/api/session-logs/<session>/search",
        _SESSION, _VIEW, _QUERY, _REGEX, _CASE, _BEFORE, _LIMIT,
        answer=schema_of(MatchPage),
    )  # fmt: skip
    def search_transcript(session: str) -> MatchPage:
        """Rows of the transcript that match `q`, the last first; only what is shown is searched."""
        query = _QUERY.value()
        if query is None:
            raise BadRequest("`q` says what to search for.")
        pattern = pattern_of(query, _REGEX.value(), _CASE.value())
        return queries().search(session, pattern, _VIEW.value(), _BEFORE.value(), _LIMIT.value())
