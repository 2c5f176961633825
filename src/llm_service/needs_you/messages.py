"""The messages about what waits for a person or is done (pure): `Item`, `message_of(items)`, `seconds_of_quiet`.

Titles and texts come from agents. Programs for chat give some signs a meaning (`<!channel>` of Slack, `@everyone` of
Discord, addresses that they look up), which an agent must not be able to use: they are written in another way.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from ..files import printable

MOST_LINES = 10
_MAX_TITLE, _MAX_TEXT = 200, 300
_HARMLESS = str.maketrans({"<": "‹", ">": "›", "@": "＠", "`": "’"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """Something to report: `kind` is one of `NOTIFY_KINDS`; `id` names the occasion, `href` is `#/...` of the page."""

    id: str
    kind: str
    title: str
    text: str | None
    href: str | None


def kind_of_need(kind: str) -> str | None:
    """The kind of notification for a kind of need; None for budgets, which the costs report."""
    if kind == "budget":
        return None
    return kind if kind in ("failed", "stale") else "needs"


def message_of(items: Sequence[Item], is_late: bool) -> tuple[str, dict[str, Any]]:
    """(text, fields) of one message about all of them; `is_late`: they happened in the quiet hours."""
    shown = [_harmless(item) for item in items[:MOST_LINES]]
    done = sum(item.kind == "done" for item in items)
    waiting = len(items) - done
    parts = [f"{waiting} need you" if waiting > 1 else "1 needs you"] if waiting else []
    parts += [f"{done} done"] if done else []
    head = f"{'In the quiet hours: ' if is_late else ''}{', '.join(parts)}"
    lines = [f"• {item.title}{f': {item.text}' if item.text else ''}" for item in shown]
    if len(items) > len(shown):
        lines.append(f"… and {len(items) - len(shown):,} more")
    return "\n".join([head, *lines]), {"count": len(items), "items": [asdict(item) for item in shown]}


def seconds_of_quiet(now: datetime, hours: tuple[int, int] | None) -> float:
    """How many seconds of the quiet hours (minutes of the day) are left; 0.0 outside of them."""
    if hours is None:
        return 0.0
    first, end = hours
    minute = now.hour * 60 + now.minute
    is_quiet = first <= minute < end if first < end else minute >= first or minute < end
    left = (end - minute) % (24 * 60) * 60 - now.second - now.microsecond / 1e6
    return max(0.001, left) if is_quiet else 0.0


def _harmless(item: Item) -> Item:
    return Item(
        id=item.id,
        kind=item.kind,
        title=harmless(item.title, _MAX_TITLE),
        text=harmless(item.text, _MAX_TEXT) if item.text else None,
        href=item.href,
    )


def harmless(text: str, most: int) -> str:
    """A text in one line, of at most so many characters, in which nothing has a meaning for programs for chat."""
    line = " ".join(printable(text[: 4 * most]).split()).translate(_HARMLESS).replace("://", ":⁄⁄")
    return line if len(line) <= most else f"{line[: most - 1]}…"
