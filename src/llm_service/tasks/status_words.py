"""Words of a task's status: `contradicts(status, lane)` says whether a status is a word of another lane;
`is_under_way`, `asks_person`, `says_failed` and `is_blocked` what it means for who has the task.

The folder decides the lane. People and agents write any word; one that is not known here, or that fits several lanes,
contradicts nothing.
"""

from __future__ import annotations

import re

_WORDS = {
    "inbox": """
        new inbox incoming created submitted reported received requested proposed suggested idea planned planning
        scheduled queued enqueued backlog icebox draft drafted triage triaged untriaged unassigned unclaimed unstarted
        todo to-do open opened reopened ready pending waiting blocked deferred postponed not-started not-yet-started
        ready-to-start ready-for-work ready-for-dev ready-for-development up-next next later someday on-hold hold held
        paused needs-triage needs-info needs-refinement refinement grooming selected selected-for-development
        approved accepted
    """,
    "assigned": """
        assigned claimed taken picked-up accepted approved acknowledged delegated
        started active doing working wip work-in-progress in-progress inprogress in-work ongoing on-going underway
        under-way running executing processing implementing in-implementation developing in-development development
        in-dev dev coding building designing in-design writing analyzing analysing analysis in-analysis researching
        investigating fixing debugging resuming resumed restarted continuing partial
        todo to-do open opened reopened ready pending waiting waiting-for-review waiting-for-input waiting-on-user
        awaiting-review awaiting-approval awaiting-feedback awaiting-input needs-review needs-work needs-fix
        needs-changes changes-requested revision rework review reviewing in-review under-review code-review
        peer-review ready-for-review pr-open test testing in-test in-testing qa in-qa verifying verification
        validating ready-for-test ready-for-qa staging staged ready-to-merge ready-for-merge handed-off handoff
        blocked stuck stalled paused suspended on-hold hold held error errored failed failing failure crashed timeout
        timed-out interrupted implemented fixed solved integrated tested verified validated partially-done
        partially-complete
    """,
    "done": """
        done completed complete closed finished resolved fixed solved implemented merged shipped released deployed
        delivered published launched integrated landed verified validated tested signed-off
        accepted approved succeeded success successful passed archived
        cancelled canceled rejected declined abandoned dropped discarded obsolete superseded duplicate wontfix
        wont-fix wont-do invalid not-needed skipped withdrawn partially-done partially-complete
        done-with-errors completed-with-errors
    """,
}
_WORDS_OF_WORK = """
    started active doing working wip work-in-progress in-progress inprogress in-work ongoing underway running executing
    processing implementing developing in-development coding building writing fixing debugging resumed continuing
"""
_UNDER_WAY = frozenset(_WORDS_OF_WORK.split())
_ASKING = frozenset(
    ("waiting-for-input", "waiting-on-user", "awaiting-input", "awaiting-approval", "awaiting-feedback")
)
_FAILED = frozenset(("error", "errored", "failed", "failing", "failure", "crashed", "timeout", "timed-out"))
_BLOCKED = frozenset(("blocked", "stuck", "stalled"))
_WORDS_OF_LANE = {lane: frozenset(text.split()) for lane, text in _WORDS.items()}
_APOSTROPHES = str.maketrans("", "", "'’`")
_SEPARATORS = re.compile(r"[\W_]+")


def contradicts(status: str, lane: str) -> bool:
    """True if a status is a word of another lane and not of this one; never for lanes other than the usual three."""
    own = _WORDS_OF_LANE.get(lane)
    if own is None or _is_in(status, own):
        return False
    return any(_is_in(status, words) for words in _WORDS_OF_LANE.values())


def is_under_way(status: str) -> bool:
    """True for `in progress`, `doing`, `WIP` and the like."""
    return _is_in(status, _UNDER_WAY)


def asks_person(status: str) -> bool:
    """True for `waiting for input` and the like: a person has to say something."""
    return _is_in(status, _ASKING)


def says_failed(status: str) -> bool:
    """True for `failed` and the like."""
    return _is_in(status, _FAILED)


def is_blocked(status: str) -> bool:
    """True for `blocked` and the like."""
    return _is_in(status, _BLOCKED)


def _is_in(status: str, words: frozenset[str]) -> bool:
    word = _SEPARATORS.sub("-", status.lower().translate(_APOSTROPHES)).strip("-")
    return word in words or word.replace("-", "") in words
