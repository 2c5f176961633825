"""What a user sees of the claims of a task: of a file in another's project not even whether it is there (pure)."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from .model import ClaimEvidence

_REASON = "It is not in one of your projects."


def visible_claims(
    claims: Iterable[ClaimEvidence], may_see: Callable[[str | None], bool], project_at: Callable[[str], str | None]
) -> list[ClaimEvidence]:
    """The claims, those that were found in a project that `may_see` refuses as texts alone. `project_at(path)`: the
    project of a path of the workspace, where a claim does not say it."""

    def is_shown(claim: ClaimEvidence) -> bool:
        project = claim.project
        if project is None and claim.found is not None:
            project = project_at(claim.found)
        return may_see(project)

    return [
        claim if is_shown(claim) else ClaimEvidence(claim.path, "unknown", claim.declared, reason=_REASON)
        for claim in claims
    ]
