"""The REST routes about profiles and runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import request

from ..errors import BadRequest, ControlOff, Forbidden, NotFound
from ..json_values import schema_of
from ..web.api import Api, json_body
from ..web.params import InPath, OptionalText
from ..web.people import person_of, require_admin
from .board import RunBoard
from .model import Profile, Run
from .profile_book import ProfileBook, ProfileProblem
from .profile_entries import placeholders_of

_NAME = InPath("name", "name of the profile")
_RUN = InPath("run_id", "id of the run")
_OWNER = OptionalText("owner", "only the runs of this owner, such as `job:<id>`")
_DIGEST_BODY = {
    "type": "object",
    "required": ["digest"],
    "properties": {"digest": {"type": "string", "description": "the digest of the profile as it was shown"}},
}


@dataclass(frozen=True, slots=True)
class ShownProfile:
    """A profile, whole but for the values of `env`: an admin sees those of a profile that the workspace proposes, which
    has to be approved; all others are null, as they may be secrets. `placeholders` are the parameters that it needs."""

    name: str
    origin: str
    approved: bool
    digest: str
    argv: tuple[str, ...]
    cwd: str | None
    env: dict[str, str | None]
    env_allow: tuple[str, ...]
    pty: bool
    timeout_s: float | None
    max_log_bytes: int
    retry_times: int
    retry_delay_s: float
    grace_s: float
    phases: dict[str, tuple[str, ...]]
    placeholders: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ProfileList:
    """All profiles, and the files of the workspace that propose what cannot be used. `control`: may anything be
    started? `can_approve`: may this be done here, or only by `llm-service approve`?"""

    profiles: list[ShownProfile]
    problems: list[ProfileProblem]
    control: bool
    can_approve: bool


@dataclass(frozen=True, slots=True)
class RunList:
    """Runs, the oldest first."""

    runs: list[Run]


def process_routes(
    api: Api,
    book: ProfileBook,
    board: RunBoard,
    control: bool,
    may_approve: Callable[[], bool],
    project_of: Callable[[str], str | None] = lambda owner: None,
) -> None:
    """Declare the routes. `may_approve()`: is the request surely one of the user, and not of an agent?
    `project_of(owner)`: the project whose people may see its runs."""

    def may_see(run: Run) -> bool:
        return person_of(request.environ).may_see(project_of(run.owner))

    def shown_here(profile: Profile) -> ShownProfile:
        is_whole = profile.origin == "workspace" and person_of(request.environ).is_admin
        return show(profile, book.is_approved(profile), is_whole)

    def require_user() -> None:
        if not control:
            raise ControlOff("Programs cannot be started here: the setting `control` is off.")
        if not may_approve():
            raise Forbidden(
                "Run `llm-service approve`: without a token, this dashboard cannot tell you from an agent that asks."
            )

    @api.get("/api/profiles", answer=schema_of(ProfileList))
    def list_profiles() -> ProfileList:
        """Profiles: what may be started, whole, with the digest that is approved."""
        profiles, problems = book.read()
        shown = [shown_here(profile) for profile in profiles]
        return ProfileList(shown, problems, control, control and may_approve())

    @api.post("/api/profiles/<name>/approve", _NAME, answer=schema_of(ShownProfile), body=_DIGEST_BODY)
    def approve_profile(name: str) -> ShownProfile:
        """Approve the profile that has this digest. Needs a token."""
        require_user()
        body = json_body()
        digest = body.get("digest") if isinstance(body, dict) else None
        if not isinstance(digest, str):
            raise BadRequest("The body has to be `{digest}`, that of the profile as it was shown.")
        return shown_here(book.approve(name, digest))

    @api.post("/api/profiles/<name>/revoke", _NAME, answer=schema_of(ShownProfile))
    def revoke_profile(name: str) -> ShownProfile:
        """Approve a profile no longer."""
        if not control:
            raise ControlOff("Programs cannot be started here: the setting `control` is off.")
        require_admin(request.environ)
        return shown_here(book.revoke(name))

    @api.get("/api/runs", _OWNER, answer=schema_of(RunList))
    def list_runs() -> RunList:
        """Runs of programs, the oldest first."""
        return RunList([run for run in board.runs(_OWNER.value()) if may_see(run)])

    @api.get("/api/runs/<run_id>", _RUN, answer=schema_of(Run))
    def get_run(run_id: str) -> Run:
        """A run: what was started, whether it goes on, how it ended."""
        run = board.run(run_id)
        if not may_see(run):
            raise NotFound(f"There is no run “{run_id[:100]}”.")
        return run


def show(profile: Profile, approved: bool, is_whole: bool) -> ShownProfile:
    """A profile as clients see it; `is_whole`: with the values of its environment."""
    facts: dict[str, Any] = {
        name: getattr(profile, name) for name in ShownProfile.__dataclass_fields__ if hasattr(Profile, name)
    }
    env = {name: value if is_whole else None for name, value in profile.env.items()}
    facts |= {"env": env, "phases": dict(profile.phases)}
    return ShownProfile(
        **facts | {"approved": approved, "digest": profile.digest(), "placeholders": placeholders_of(profile)}
    )
