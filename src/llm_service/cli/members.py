"""`llm-service members`: the hosts of the board, from the running dashboard; `--forget` one, `--acl` for Redis."""

from __future__ import annotations

import json
from typing import Any

import click

from ..errors import BadSettings, NotFound, ServiceError
from ..files import printable
from ..hub.board_link import board_rules, open_board
from ..hub.board_settings import BoardSettings
from ..hub.outbox import is_observer
from ..server.launcher import print_line
from ..settings.options import workspace_options
from .client import Client
from .sections import existing_workspace

_PATH = "/api/members"
_MAX_TEXT = 160


@click.command(name="members")
@workspace_options
@click.option("--json", "as_json", is_flag=True, help="Print the same as `GET /api/members`.")
@click.option("--forget", metavar="OBSERVER", help="Remove a host that will not come back, with all that it shared.")
@click.option("--acl", "wants_acl", is_flag=True, help="Print the rights that this board's hosts need in Redis.")
def members(workspace: str | None, config_file: str | None, as_json: bool, forget: str | None, wants_acl: bool) -> None:
    """Print the hosts of the board: their state, how old what is known of them is, and what does not work there."""
    own = existing_workspace(workspace, config_file).of(BoardSettings)
    if wants_acl:
        click.echo(board_rules(own.board or "team"), nl=False)
        return
    if forget is not None:
        _forget(own, forget)
        return
    found = Client.of(workspace, config_file).get(_PATH)
    if as_json:
        print_line(json.dumps(found, indent=2))
        return
    if found["self"] is None:
        reason = found["journal"]["reason"]
        raise ServiceError(
            reason or "This dashboard is on no board; the settings board and redis_url, or follow, name one."
        )
    if not found["journal"]["ok"]:
        journal = found["journal"]
        waiting = f"{journal['waiting']:,} events wait"
        print_line(printable(f"! nothing is written since {journal['since']} ({waiting}): {journal['reason']}"))
    for member in found["members"]:
        print_line(printable(_row(member)))
    for address in found["follow"]:
        if address["reason"] is not None:
            print_line(printable(f"! {address['url']} is not heard since {address['since']}: {address['reason']}"))


def _row(member: dict[str, Any]) -> str:
    state = {"as_of": f"as of {member['as_of'] or '?'}", "unreachable": f"unreachable since {member['since']}"}
    parts = [
        f"{member['observer']}  {member['label']:<20} {state.get(member['state'], member['state']):<12}",
        "(this host)" if member["is_self"] else f"{member['behind']:,} behind",
        member["version"],
        member["url"] or "no address",
        *(f"{one['mode']}: {one['root']}: {one['reason']}" for one in member["degraded"][:3]),
        *([f"{member['refused']:,} unreadable: {member['error']}"] if member["refused"] else []),
    ]
    return "  ".join(part[:_MAX_TEXT] for part in parts if part)


def _forget(own: BoardSettings, observer: str) -> None:
    """Remove a host's keys. Raises BadSettings, NotFound, ServiceError."""
    board = open_board(own)
    if board is None:
        raise BadSettings("The settings name no board: board and redis_url.")
    if not is_observer(observer):
        raise NotFound(
            f"“{observer[:50]}” is no observer: 16 hexadecimal digits, as `llm-service members` prints them."
        )
    board.forget(observer)
    print_line(f"{observer} is forgotten. If its dashboard starts again, it is there again.")
