"""`llm-service users add | list | remove`: who may use the dashboard, in the user's own configuration."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence

import click

from ..errors import BadSettings, NotFound
from ..files import printable, yaml_value
from ..settings.fields import BadValue
from ..settings.load import Settings
from ..settings.user_folder import user_folder
from ..settings.user_settings import add_settings
from .model import User, hash_of
from .settings import UserSettings

_AT_ONCE = "A dashboard that runs takes that over within a second, unless its users are set elsewhere too."
_WORKSPACE = click.option("--workspace", metavar="PATH", help="Folder whose work is watched. Default: the current one.")
Load = Callable[[str | None], Settings]


def users_commands(load: Load) -> click.Group:
    """The commands. `load(workspace)` loads the settings."""

    @click.group()
    def users() -> None:
        """Say who may use the dashboard of a workspace. Without users, whoever reaches it may."""

    @users.command()
    @click.argument("name")
    @click.option("--role", type=click.Choice(("admin", "user")), default="user", help="An admin sees and may do all.")
    @click.option("--project", "projects", multiple=True, metavar="NAME", help="A project to see; may be repeated.")
    @click.option("--credits", "lines", type=click.IntRange(min=0), metavar="N", help="Lines that jobs may write.")
    @_WORKSPACE
    def add(name: str, role: str, projects: tuple[str, ...], lines: int | None, workspace: str | None) -> None:
        """Add a user, or change one, and print a new token: once, as only its hash is stored."""
        settings = load(workspace)
        token = secrets.token_urlsafe(32)
        user = User(name, hash_of(token), "admin" if role == "admin" else "user", projects, lines)
        others = [other for other in settings.of(UserSettings).users if other.name != name]
        path = _write(settings, [*others, user])
        click.echo(
            f"{printable(name)} is in {printable(path)}. {_AT_ONCE} The token, which is shown only now:", err=True
        )
        click.echo(token)

    @users.command(name="list")
    @_WORKSPACE
    def list_users(workspace: str | None) -> None:
        """Print the users with role, projects and credits."""
        found = load(workspace).of(UserSettings).users
        for user in found:
            shown = "all projects" if user.is_admin else ", ".join(map(printable, user.projects)) or "no projects"
            limit = "" if user.credits is None else f"  {user.credits:,} lines"
            click.echo(f"{printable(user.name):<20} {user.role:<6} {shown}{limit}")
        if not found:
            click.echo(
                "There are no users: whoever reaches the dashboard, or has its one token, is its admin.", err=True
            )

    @users.command()
    @click.argument("name")
    @_WORKSPACE
    def remove(name: str, workspace: str | None) -> None:
        """Remove a user; the token opens nothing any more."""
        settings = load(workspace)
        known = settings.of(UserSettings).users
        others = [other for other in known if other.name != name]
        if len(others) == len(known):
            raise NotFound(f"There is no user “{name}”.")
        path = _write(settings, others)
        click.echo(f"{printable(name)} was removed from {printable(path)}. {_AT_ONCE}", err=True)

    return users


def _write(settings: Settings, users: Sequence[User]) -> str:
    """Write the users into the user's own configuration; its path. Raises BadSettings, StartFailed."""
    value = f"[{', '.join(map(_entry, users))}]"
    try:
        UserSettings.__dataclass_fields__["users"].metadata["reader"]([_plain(user) for user in users])
    except BadValue as problem:
        raise BadSettings(problem.sentence("users")) from problem
    return add_settings(user_folder(), settings.workspace, {"users": value}, replace=True)


def _plain(user: User) -> dict[str, object]:
    plain: dict[str, object] = {"name": user.name, "token_sha256": user.token_sha256, "role": user.role}
    if user.projects:
        plain["projects"] = list(user.projects)
    if user.credits is not None:
        plain["credits"] = user.credits
    return plain


def _entry(user: User) -> str:
    """The user as YAML in one line; texts are quoted, as a hash could be read as a number."""
    pairs = (f"{key}: {yaml_value(value)}" for key, value in _plain(user).items())
    return f"{{{', '.join(pairs)}}}"
