"""The settings of notifications by the service: what is sent to `webhook`, and when not."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ..settings.fields import setting
from ..settings.section import Section

NOTIFY_KINDS = ("needs", "failed", "stale", "done")
_HOURS = re.compile(r"([01]\d|2[0-3]):([0-5]\d)\s*-\s*([01]\d|2[0-3]):([0-5]\d)")
_HOURS_EXPECTED = "two times of day such as 22:00-07:00"


def quiet_minutes(text: str) -> tuple[int, int] | None:
    """(first, end) in minutes of the day of quiet hours, which may go over midnight; None if the text names none."""
    match = _HOURS.fullmatch(text.strip())
    if match is None:
        return None
    first, end = int(match[1]) * 60 + int(match[2]), int(match[3]) * 60 + int(match[4])
    return None if first == end else (first, end)


def _kinds_problem(value: Sequence[str]) -> str | None:
    return None if set(value) <= set(NOTIFY_KINDS) else f"some of {', '.join(NOTIFY_KINDS)}"


def _hours_problem(value: str) -> str | None:
    return None if quiet_minutes(value) is not None else _HOURS_EXPECTED


@dataclass(frozen=True)
class NotifySettings(Section):
    """What is sent to the setting `webhook` besides budgets; nothing by default."""

    notify: list[str] = setting(
        [],
        f"What is sent to `webhook` besides budgets: some of {', '.join(f'`{kind}`' for kind in NOTIFY_KINDS)}.",
        check=_kinds_problem,
        workspace="never",
        harm="would send what happens here to your address, as often as this file likes",
    )
    quiet_hours: str | None = setting(
        None,
        "Times of day between which nothing but budgets is sent, such as `22:00-07:00`; one message at their end.",
        check=_hours_problem,
        workspace="never",
        harm="would keep messages from you",
    )
