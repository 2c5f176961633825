"""The commands of `llm-service`, each imported when it is used: `MAKERS`, by name. Add a new command here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module

import click


def _named(module: str, name: str) -> Callable[[], click.Command]:
    """A command that a module of this package has under its name."""

    def make() -> click.Command:
        command: click.Command = getattr(import_module(f".{module}", __package__), name)
        return command

    return make


def _hooks() -> click.Command:
    from ..hooks.commands import hooks_commands
    from .sections import existing_workspace

    return hooks_commands(existing_workspace)


def _logs() -> click.Command:
    from ..logs.commands import logs
    from ..logs.tail_commands import tail_commands
    from .sections import existing_workspace

    for command in tail_commands(existing_workspace):
        logs.add_command(command)
    return logs


def _mcp() -> click.Command:
    from ..mcp.commands import mcp_commands
    from ..mcp.stdio import serve
    from .sections import existing_workspace

    return mcp_commands(existing_workspace, serve)


def _pipelines() -> click.Command:
    from ..pipelines.commands import pipelines_commands
    from .sections import existing_workspace

    return pipelines_commands(existing_workspace)


def _plans() -> click.Command:
    from ..orchestrators.commands import plan_commands
    from ..plans.commands import plans_commands
    from .client import Client
    from .sections import existing_workspace

    group = plans_commands(existing_workspace)
    for command in plan_commands(Client.of):
        group.add_command(command)
    return group


def _sessions() -> click.Command:
    from ..logs.feature import redact
    from ..sessions.commands import sessions_commands
    from .sections import existing_workspace

    return sessions_commands(existing_workspace, lambda block: redact(block, b""))


def _telemetry() -> click.Command:
    from ..calls.commands import telemetry
    from ..costs.commands import stats

    telemetry.add_command(stats)
    return telemetry


def _users() -> click.Command:
    from ..users.commands import users_commands
    from .sections import existing_workspace

    return users_commands(existing_workspace)


MAKERS: Mapping[str, Callable[[], click.Command]] = {
    **{name: _named(name, name) for name in ("approve", "dashboard", "demo", "doctor", "init", "jobs", "members")},
    "hooks": _hooks,
    "logs": _logs,
    "mcp": _mcp,
    "needs-you": _named("needs_you", "needs_you"),
    "pipelines": _pipelines,
    "plans": _plans,
    "sessions": _sessions,
    "telemetry": _telemetry,
    "users": _users,
}
