"""What is known of a session, and one line of its transcript. Values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from ..calls.store.session_cost import SessionCost

VIEWS = ("conversation", "all")
"""`conversation`: what was said and done; `all`: every line of the log."""
PART_KINDS = ("prompt", "text", "thinking", "tool", "result", "note", "meta", "broken")

Turn = Literal["", "prompt", "text", "tool", "result", "question", "failed", "ended", "interrupted"]
"""How far the last turn is, by the last line that says something about it; "" before the first one."""


@dataclass(frozen=True, slots=True)
class Part:
    """One thing in a line, not redacted yet. `kind` is one of PART_KINDS; `title` says a tool's use in one line, `call`
    joins a use with its result, `agent` is the session of a sub-agent that it started."""

    kind: str
    text: str
    title: str = ""
    tool: str | None = None
    call: str | None = None
    is_error: bool = False
    agent: str | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """What one line says about its session; None: nothing. `title_rank`: a higher one is the better title. `context` is
    the number of tokens that the model was given, `window` how many it can be given; `pending` are tools without a
    result where these are not counted yet (`tools`); `files` are (path, kind: add or update), `todos`
    `{items: [{text, status}], done, total, current}`."""

    time: str | None = None
    session: str | None = None
    parent: str | None = None
    title: str | None = None
    title_rank: int = 0
    cwd: str | None = None
    branch: str | None = None
    model: str | None = None
    agent: str | None = None
    context: int | None = None
    window: int | None = None
    turn: Turn = ""
    question: str | None = None
    tools: tuple[str, ...] = ()
    pending: tuple[str, ...] = ()
    files: tuple[tuple[str, str], ...] = ()
    todos: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Glance:
    """A session by the beginning and the end of its log, texts not redacted yet."""

    session: str | None = None
    parent: str | None = None
    title: str | None = None
    title_rank: int = 0
    cwd: str | None = None
    branch: str | None = None
    model: str | None = None
    agent: str | None = None
    context: int | None = None
    window: int | None = None
    turn: Turn = ""
    question: str | None = None
    pending: tuple[str, ...] = ()
    started_at: str | None = None
    last_at: str | None = None

    def with_line(self, facts: Facts) -> Glance:
        """The same after one more line, which comes later."""
        is_title = facts.title is not None and (self.title is None or facts.title_rank > self.title_rank)
        is_renamed = facts.title is not None and facts.title_rank >= 2 and facts.title_rank == self.title_rank
        named = is_title or is_renamed
        return replace(
            self,
            session=self.session or facts.session,
            parent=self.parent or facts.parent,
            title=facts.title if named else self.title,
            title_rank=facts.title_rank if named else self.title_rank,
            cwd=self.cwd or facts.cwd,
            branch=facts.branch or self.branch,
            model=facts.model or self.model,
            agent=self.agent or facts.agent,
            context=facts.context if facts.context is not None else self.context,
            window=facts.window if facts.window is not None else self.window,
            turn=facts.turn or self.turn,
            question=facts.question if facts.turn else self.question,
            pending=(facts.pending or facts.tools if facts.turn == "tool" else ()) if facts.turn else self.pending,
            started_at=self.started_at or facts.time,
            last_at=facts.time or self.last_at,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRow:
    """A session as lists show it, without secrets. `program` wrote the log; `agent` is its role, if the log says one.
    `project` is "" for a session that is in none: only who may see all sees it. `state`, `certainty` and `rests_on` are
    as those of `GET /api/sessions`. `cost` is None where calls are not counted, or are counted with its `parent`;
    `counted_as` is the id under which its calls are counted. `bytes` is None where the log has no file of its own."""

    id: str
    program: str
    agent: str | None
    title: str | None
    project: str
    folder: str | None
    branch: str | None
    model: str | None
    parent: str | None
    state: str
    certainty: str
    rests_on: str
    question: str | None
    context: int | None
    window: int | None
    window_is_known: bool
    started_at: str | None
    last_at: str
    bytes: int | None
    children: int
    counted_as: str
    cost: SessionCost | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RowPart:
    """A `Part` without secrets; `size` is the number of characters of the whole text, of which `text` is the beginning
    if `is_cut`."""

    kind: str
    title: str
    text: str
    tool: str | None
    call: str | None
    is_error: bool
    agent: str | None
    size: int
    is_cut: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TranscriptRow:
    """One line of the log; `line` is its number, from 1."""

    line: int
    time: str | None
    parts: tuple[RowPart, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TranscriptPage:
    """Rows of a view from `first_row` on. `is_indexed` is False while the log is still being read: there are more than
    `rows` rows then. `generation` is another one when the log was replaced: numbers mean something else then. The first
    `settled_rows` do not change any more; the others may, in a database."""

    view: str
    first_row: int
    rows: int
    lines: int
    settled_rows: int
    bytes: int
    generation: int
    is_indexed: bool
    data: tuple[TranscriptRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A line of a row's text that a search found; `ranges` in UTF-16 units of `text`."""

    row: int
    line: int
    kind: str
    time: str | None
    text: str
    ranges: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchPage:
    """Matches, the last row first. `next_before` is where to go on, None if all was searched."""

    view: str
    rows: int
    generation: int
    matches: tuple[Match, ...]
    next_before: int | None


@dataclass(slots=True)
class Figures:
    """What all lines of a log add up to; bounded in size."""

    tools: dict[str, int] = field(default_factory=dict)
    files: dict[str, list[Any]] = field(default_factory=dict)
    """path -> [how often, kind of the last change]"""
    todos: Mapping[str, Any] | None = None
    prompts: int = 0
    calls: int = 0
    errors: int = 0
