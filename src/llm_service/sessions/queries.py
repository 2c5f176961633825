"""`SessionQueries`: the list, one session, rows of its transcript, search; the logs are read on demand."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from ..errors import NotFound
from ..files.search_pattern import Pattern
from .board import Known, SessionBoard
from .model import Figures, MatchPage, SessionRow, TranscriptPage, TranscriptRow
from .needs import CostPoint, Neighbours, Reported
from .rows_index import RowsIndex
from .search import search
from .shapes import FileTouched, SessionDetail, SessionFilter, SessionPage, ToolCount
from .store import Indexes
from .transcript import SHORT, rows_of
from .view import SessionViewer, valid_time

INDEX_S = 0.4
"""A request reads a log that is not known yet for so long; the page asks again for the rest."""
SEARCH_S = 1.0
WHOLE = 1 << 20
_MOST_CHILDREN = 200


class SessionQueries:
    """`may_see(project)`: whether the sender of the current request may."""

    def __init__(
        self,
        board: SessionBoard,
        viewer: SessionViewer,
        neighbours: Neighbours,
        may_see: Callable[[str | None], bool],
    ) -> None:
        self._board, self._viewer, self._neighbours, self._may_see = board, viewer, neighbours, may_see
        self.indexes = Indexes()

    def page(self, filters: SessionFilter, offset: int, limit: int) -> SessionPage:
        """A page of the list."""
        reported, children = self._neighbours.reported(), self._board.child_counts()
        found, unseen, programs = list[Known](), 0, set[str]()
        for known in self._board.newest():
            if known.glance is None:
                unseen += 1
                continue
            if not self._is_visible(known):
                continue
            programs.add(known.log.program)
            if self._passes(known, filters, reported):
                found.append(known)
        shown = found[offset : offset + limit]
        for known in shown:
            self._board.look(known)
        rows = tuple(self._viewer.row(known, reported, children) for known in shown)
        more = offset + limit < len(found)
        return SessionPage(
            sessions=rows,
            total=len(found),
            unseen=unseen if self._may_see("") else 0,
            programs=tuple(sorted(programs)),
            next_offset=offset + limit if more else None,
        )

    def with_words(self, words: Sequence[str]) -> Iterator[SessionRow | None]:
        """Sessions whose glance has all these words in small letters, as lists show them, the last active first; None
        for each that has not, so that a caller can stop. A word may be in what is not shown: look at the row."""
        reported = self._neighbours.reported()
        for known in self._board.newest():
            glance = known.glance
            if glance is None or not self._is_visible(known):
                yield None
                continue
            has = (known.id, known.log.program, glance.title, glance.agent, glance.cwd, glance.branch, glance.model)
            text = "\n".join(part for part in has if part).lower()
            is_found = all(word in text for word in words)
            yield self._viewer.row(known, reported, {}, with_cost=False) if is_found else None

    def detail(self, session: str, budget_s: float = INDEX_S) -> SessionDetail:
        """One session. Raises NotFound, FileRefused, OSError."""
        known = self.known(session)
        index = self.indexes.of(known.log)
        is_indexed = index.update(budget_s) and index.add_up(budget_s)
        reported, counts = self._neighbours.reported(), self._board.child_counts()
        row = self._viewer.row(known, reported, counts)
        inner = [
            each
            for name in sorted({known.id, _name(known)})
            for each in self._board.children(name)
            if each is not known
        ]
        children = tuple(
            self._viewer.row(each, reported, counts) for each in inner[:_MOST_CHILDREN] if self._is_visible(each)
        )
        cost = row.cost
        points = [] if cost is None else self._points(known, row)
        clean, figures = self._viewer.clean, index.figures
        tools = sorted(figures.tools.items(), key=lambda item: (-item[1], item[0]))
        return SessionDetail(
            session=row,
            log=clean.line(self._viewer.folder(os.path.join(known.log.root, known.log.path)), 1_000) or "",
            lines=index.lines,
            is_indexed=is_indexed,
            prompts=figures.prompts,
            tool_calls=figures.calls,
            broken_lines=figures.errors,
            tools=tuple(ToolCount(name=clean.line(name, 200) or "", uses=uses) for name, uses in tools),
            files=tuple(self._files(known, figures)),
            todos=self._todos(figures.todos),
            children=children,
            cost_points=tuple(points),
            links=self._neighbours.related(_name(known), cost.tasks if cost else (), cost.jobs if cost else ()),
        )

    def rows(self, session: str, view: str, row: int | None, line: int | None, limit: int) -> TranscriptPage:
        """Rows from `row` on, from a few before `line` on, or the last ones. Raises NotFound, FileRefused, OSError."""
        known = self.known(session)
        index = self.indexes.of(known.log)
        is_indexed = index.update(INDEX_S)
        if line is not None:
            row = index.row_of(view, line)
        first = max(0, index.rows(view) - limit) if row is None else min(row, index.rows(view))
        data = self._rows(known, index, view, first, limit)
        return TranscriptPage(
            view=view,
            first_row=first,
            rows=index.rows(view),
            lines=index.lines,
            settled_rows=index.settled(view),
            bytes=index.size,
            generation=index.generation,
            is_indexed=is_indexed,
            data=tuple(data),
        )

    def whole(self, session: str, line: int) -> TranscriptRow:
        """One line with the whole texts, a million characters at most. Raises NotFound, FileRefused, OSError."""
        known = self.known(session)
        index = self.indexes.of(known.log)
        index.update(INDEX_S)
        lines = index.read("all", line - 1, 1) if 0 < line <= index.lines else []
        if not lines:
            raise NotFound(f"This session has no line {line:,} yet.")
        return rows_of(known.log.format, lines, self._viewer.clean, "all", WHOLE)[0]

    def search(self, session: str, pattern: Pattern, view: str, before: int | None, limit: int) -> MatchPage:
        """Rows that a pattern finds, the last first. Raises NotFound, FileRefused, OSError."""
        known = self.known(session)
        index = self.indexes.of(known.log)
        until = time.monotonic() + SEARCH_S
        index.update(SEARCH_S)
        left = max(0.05, until - time.monotonic())
        return search(index, known.log.format, self._viewer.clean, pattern, view, before, limit, left)

    def known(self, session: str) -> Known:
        """A session that the sender of the request may see. Raises NotFound."""
        known = self._board.get(session)
        if known is None or not self._is_visible(known):
            raise NotFound(f"There is no session “{session[:120]}”.")
        return known

    def _rows(self, known: Known, index: RowsIndex, view: str, first: int, limit: int) -> list[TranscriptRow]:
        lines = index.read(view, first, limit)
        return rows_of(known.log.format, lines, self._viewer.clean, view, SHORT)

    def _is_visible(self, known: Known) -> bool:
        return (
            self._board.is_shown(known)
            and known.glance is not None
            and self._may_see(self._viewer.project(known.glance.cwd))
        )

    def _passes(self, known: Known, filters: SessionFilter, reported: Mapping[str, Reported]) -> bool:
        glance = known.glance
        if glance is None or (glance.parent and not filters.children and self._has_parent(glance.parent)):
            return False
        if filters.programs and known.log.program not in filters.programs:
            return False
        if filters.project is not None and self._viewer.project(glance.cwd) != filters.project:
            return False
        if not filters.states and not filters.text:
            return True
        row = self._viewer.row(known, reported, {}, with_cost=False)
        if filters.states and row.state not in filters.states:
            return False
        wanted = filters.text.casefold()
        shown = (row.title, row.folder, row.branch, row.model, row.id, row.agent)
        return any(wanted in text.casefold() for text in shown if text)

    def _has_parent(self, parent: str) -> bool:
        return self._board.get(parent) is not None

    def _points(self, known: Known, row: SessionRow) -> list[CostPoint]:
        last = valid_time(known.glance.last_at) if known.glance else None
        return self._neighbours.points(_name(known), row.started_at, last)

    def _files(self, known: Known, figures: Figures) -> list[FileTouched]:
        cwd = (known.glance.cwd if known.glance else None) or "."
        clean, found = self._viewer.clean.line, []
        for path, (times, kind) in reversed(list(figures.files.items())):
            absolute = os.path.normpath(os.path.join(self._viewer.absolute(cwd), path))
            place = self._neighbours.place_of(absolute)
            if place is not None and clean(place[1], 1_000) != place[1]:
                place = None  # a secret in a name: no link says it
            shown = self._viewer.folder(absolute) if os.path.isabs(path) else path
            found.append(
                FileTouched(
                    path=clean(shown, 1_000) or "",
                    kind=kind,
                    times=times,
                    project=place[0] if place else None,
                    place=place[1] if place else None,
                )
            )
        return found

    def _todos(self, todos: Mapping[str, Any] | None) -> dict[str, Any] | None:
        if todos is None:
            return None
        clean = self._viewer.clean.line
        items = [{"text": clean(item["text"], 300), "status": item["status"]} for item in todos["items"]]
        return {"items": items, "done": todos["done"], "total": todos["total"], "current": clean(todos["current"], 300)}


def _name(known: Known) -> str:
    """The id that the log itself gives the session."""
    return (known.glance.session if known.glance else None) or known.id
