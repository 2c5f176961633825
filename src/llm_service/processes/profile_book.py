"""All profiles and which of them are approved: `ProfileBook`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..errors import BadRequest, NotApproved, NotFound
from ..files import printable
from .model import Profile
from .profile_approvals import ProfileApprovals
from .proposals import Proposals


@dataclass(frozen=True, slots=True)
class ProfileProblem:
    """A file that proposes a profile that cannot be used, and why."""

    where: str
    reason: str


class ProfileBook:
    """Built-in profiles and those of the user may be started; those that a workspace proposes, once approved."""

    def __init__(self, own: Sequence[Profile], proposals: Proposals, approvals: ProfileApprovals) -> None:
        self.set_own(own)
        self._built_in: dict[str, Profile] = {}
        self._proposals = proposals
        self._approvals = approvals

    def set_own(self, profiles: Sequence[Profile]) -> None:
        """These are the user's from now on. What runs was started with what was shown then, and stays."""
        self._own = {profile.name: profile for profile in profiles}

    def add_built_in(self, profile: Profile) -> None:
        """Add a profile of ours; one of the user with the same name takes its place."""
        if profile.origin != "built-in":
            raise ValueError(f"{profile.name} is not built-in")
        self._built_in[profile.name] = profile

    def read(self) -> tuple[list[Profile], list[ProfileProblem]]:
        """All profiles, those of the user first, and what cannot be used."""
        found = dict(self._own)
        problems = []
        for name, profile in self._built_in.items():
            found.setdefault(name, profile)
        for proposal in self._proposals.read():
            if proposal.profile is None:
                problems.append(ProfileProblem(proposal.path, proposal.problem or "It cannot be read."))
            elif proposal.profile.name in found and proposal.is_implied:
                continue
            elif proposal.profile.name in found:
                problems.append(ProfileProblem(proposal.path, f"There is already a profile {proposal.profile.name}."))
            else:
                found[proposal.profile.name] = proposal.profile
        return list(found.values()), problems

    def get(self, name: str) -> Profile:
        """The profile of that name. Raises NotFound."""
        for profile in self.read()[0]:
            if profile.name == name:
                return profile
        raise NotFound(f"There is no profile “{printable(name)[:100]}”.")

    def is_approved(self, profile: Profile) -> bool:
        """True if exactly this profile may be started."""
        known = self._own.get(profile.name) or self._built_in.get(profile.name)
        if known is not None:
            return known == profile
        return profile.origin == "workspace" and self._approvals.digests().get(profile.name) == profile.digest()

    def approve(self, name: str, digest: str) -> Profile:
        """Approve what has this digest. Raises NotFound, NotApproved if the profile is another one by now."""
        profile = self.get(name)
        if profile.digest() != digest:
            raise NotApproved(
                f"The profile {name} is not the one that was shown: it was changed.", digest=profile.digest()
            )
        if profile.origin == "workspace":
            self._approvals.approve({name: digest})
        return profile

    def revoke(self, name: str) -> Profile:
        """Approve it no longer. Raises NotFound, BadRequest for one that needs no approval."""
        profile = self.get(name)
        if profile.origin != "workspace":
            where = "your own configuration" if profile.origin == "user" else "llm-service itself"
            raise BadRequest(f"The profile {name} is one of {where}, and needs no approval.")
        self._approvals.revoke(name)
        return profile
