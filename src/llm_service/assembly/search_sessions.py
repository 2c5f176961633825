"""What the search finds of session logs: what their list shows of them, not their transcripts."""

from __future__ import annotations

from urllib.parse import quote

from ..search.desk import Found, Limits, Source
from ..search.model import Hit, Query
from ..sessions.feature import Sessions
from ..sessions.model import SessionRow


def session_source(sessions: Sessions) -> Source:
    """Sessions that may be shown, those active last first."""

    def find(query: Query, limits: Limits) -> Found:
        if sessions.queries is None:
            return Found((), True)
        hits = list[Hit]()
        for row in sessions.queries.with_words(query.words):
            if limits.is_over:
                return Found(hits, False)
            if row is not None and _is_wanted(query, row):
                hits.append(_hit(row))
                if len(hits) > limits.count:
                    break
        return Found(hits, True)

    return find


def _is_wanted(query: Query, row: SessionRow) -> bool:
    parts = (row.title, row.agent, row.program, row.folder, row.branch, row.model, row.id)
    facts = {
        "agent": (row.agent, row.program),
        "project": (row.project,),
        "model": (row.model,),
        "status": (row.state,),
    }
    return query.is_in("\n".join(part for part in parts if part).lower()) and query.fits(facts)


def _hit(row: SessionRow) -> Hit:
    about = (row.program, row.agent, row.folder, row.branch, row.model)
    return Hit(
        kind="sessions",
        title=row.title or row.id,
        text=", ".join(part for part in about if part),
        href=f"#/sessions/{quote(row.id, safe='')}",
        project=row.project or None,
    )
