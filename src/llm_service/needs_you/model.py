"""What waits for a person: `Need`, and the sentence that sums all up (`summary_of`). Values and pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256

KINDS = ("permission", "question", "failed", "stale", "broken", "budget")
"""An agent asks for a permission; somebody asks something; a turn, job or task failed; nothing happens to a task; a
file cannot be read; a budget is spent."""
CONFIRMED, DERIVED, CANNOT_TELL = "confirmed", "derived", "cannot tell"
CERTAINTIES = (CONFIRMED, DERIVED, CANNOT_TELL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """Something that waits for a person. `kind` is one of `KINDS`, `certainty` one of `CERTAINTIES`, and `rests_on`
    says what both rest on. `text` is what it says: of an agent, and so untrusted. `link` is its address in the page, as
    `#/...`, and `link_label` what is there. `project`: None if it is about none; "" is that of nobody, so that only who
    may see all sees it."""

    id: str
    kind: str
    source: str
    title: str
    text: str | None
    since: str
    certainty: str
    rests_on: str
    link: str | None
    link_label: str | None
    project: str | None
    agent: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownNeed:
    """A need as a person gets it: with what was decided about it; None: nothing was."""

    need: Need
    snoozed_until: str | None = None
    done_at: str | None = None
    done_by: str | None = None

    @property
    def is_open(self) -> bool:
        """True if it is to be shown."""
        return self.snoozed_until is None and self.done_at is None


@dataclass(frozen=True, slots=True, kw_only=True)
class AtWork:
    """Somebody at work: a session or a job, of a `project` as in `Need`. `is_certain`: False if it may be gone."""

    project: str | None
    is_certain: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceState:
    """Where needs come from. `is_on`: it can tell something now; `tells_of_agents`: who waits or works, too. `text`
    says why, or what to do."""

    name: str
    is_on: bool
    tells_of_agents: bool
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """How many `needs` are open, how many agents are `working`, of how many (`unsure`) that cannot be told, and whether
    anything tells of agents at all. `text` is the sentence."""

    needs: int
    working: int
    unsure: int
    is_known: bool
    text: str


def need_id(*parts: object) -> str:
    """The id of what these parts name: always the same, and harmless in an address."""
    return sha256("\0".join(map(str, parts)).encode("utf-8", "replace")).hexdigest()[:20]


def oldest_first(needs: Iterable[Need]) -> list[Need]:
    """In the order in which they are shown."""
    return sorted(needs, key=lambda need: (need.since, need.id))


def summary_of(needs: int, at_work: Iterable[AtWork], sources: Sequence[SourceState]) -> Summary:
    """The summary of so many open needs. That nothing needs the user is only said where no source is off."""
    certain = [one.is_certain for one in at_work]
    working, unsure = sum(certain), len(certain) - sum(certain)
    is_known = any(source.is_on and source.tells_of_agents for source in sources)
    nothing = "nothing needs you" if all(source.is_on for source in sources) else "nothing is known to need you"
    things = nothing if needs == 0 else "1 thing needs you" if needs == 1 else f"{needs:,} things need you"
    if not is_known:
        none = "no source is on"
        text = f"cannot tell: {none}" if needs == 0 else f"{things}; whether an agent waits cannot be told: {none}"
        return Summary(needs=needs, working=0, unsure=unsure, is_known=False, text=text)
    agents = "1 agent working" if working == 1 else f"{working:,} agents working"
    of_more = "" if not unsure else f"; of {unsure:,} more it cannot be told"
    return Summary(needs=needs, working=working, unsure=unsure, is_known=True, text=f"{things}, {agents}{of_more}")
