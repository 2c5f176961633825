"""The hosts of a board as clients get them, and what is read of what they say of themselves. Values and pure rules."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from ..hub.board_settings import url_problem

MAX_CARD_BYTES = 4_096
MAX_REPORT_BYTES = 65_536
_MOST_DEGRADED = 50
Line = Annotated[str, msgspec.Meta(max_length=300)]
Words = Annotated[str, msgspec.Meta(max_length=2_000)]
MemberState = Literal["live", "as_of", "unreachable"]


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """Who an observer is, by its own account: untrusted. `url`: where people reach it, if it is an address at all."""

    host: Line = ""
    label: Line = ""
    url: Line | None = None
    version: Line = ""
    workspace: Line = ""


class Degraded(msgspec.Struct, frozen=True, kw_only=True):
    """What does not work there."""

    root: Words
    mode: Line
    reason: Words


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """How an observer is, by its own account: untrusted."""

    degraded: tuple[Degraded, ...] = ()


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """A host of the board.

    `state`: "live"; "as_of" if nothing can be heard of any host, so that what is known is as old as `as_of` says;
    "unreachable" if the others are heard and this one is not. `as_of`: until when what is shown of it is known to be
    right (None: it never was). `since`: of the state. `behind`: how many of its events are not applied here.
    `refused`: how many entries of it could not be read. Texts are untrusted.
    """

    observer: str
    host: str
    label: str
    url: str | None
    version: str
    workspace: str
    state: MemberState
    as_of: str | None
    since: str
    behind: int
    degraded: tuple[Degraded, ...]
    refused: int
    error: str | None
    is_self: bool = False


_cards = msgspec.json.Decoder(Card)
_reports = msgspec.json.Decoder(Report)


def read_card(data: bytes | None) -> Card:
    """What can be used of a card; an empty one if nothing can."""
    if data is None or len(data) > MAX_CARD_BYTES:
        return Card()
    try:
        card = _cards.decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return Card()
    if card.url is None or url_problem(card.url) is None:
        return card
    return msgspec.structs.replace(card, url=None)


def write_card(card: Card, url: str) -> bytes:
    """The card with another address, as JSON."""
    return msgspec.json.encode(msgspec.structs.replace(card, url=url))


def read_report(data: bytes | None) -> Report:
    """What can be used of a report."""
    if data is None or len(data) > MAX_REPORT_BYTES:
        return Report()
    try:
        report = _reports.decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return Report()
    return msgspec.structs.replace(report, degraded=report.degraded[:_MOST_DEGRADED])
