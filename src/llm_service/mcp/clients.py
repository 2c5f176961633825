"""`plan_install(client, ...)`: what a client's settings are and would be with our server in them. Nothing is written.

Sources of the forms: code.claude.com/docs/en/mcp (`.mcp.json`), developers.openai.com/codex/mcp (`config.toml`),
docs.cursor.com/context/mcp (`.cursor/mcp.json`).
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from ..errors import BadSettings, FileRefused, FileVanished
from ..files import decode, printable, read_file, require_inside, write_atomic
from .doorman import NAME
from .json_edit import NotJson, parse, with_json_entry
from .toml_edit import CannotEdit, with_toml_table

CLIENTS = ("claude-code", "codex", "cursor", "generic")
Client = Literal["claude-code", "codex", "cursor", "generic"]
SHARED: tuple[Client, ...] = ("claude-code", "cursor")
"""Whose usual file lies in the workspace, and is often under version control."""
_MAX_BYTES = 8_000_000


@dataclass(frozen=True, slots=True)
class Server:
    """How a client reaches us: `url` of a running dashboard, else by starting `command`. `token_env` names the
    variable with the token, which is never written down."""

    command: tuple[str, ...] = ("llm-service", "mcp")
    url: str | None = None
    token_env: str | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """A file of a client: its content before ("" if there is none) and after."""

    path: str
    before: str
    after: str
    inside: str | None = None
    """The folder that it must not leave by a link."""

    @property
    def diff(self) -> str:
        """The change as a unified diff, "" if there is none."""
        name = printable(self.path)
        lines = difflib.unified_diff(
            self.before.splitlines(keepends=True), self.after.splitlines(keepends=True), name, name
        )
        return "".join(line if line.endswith("\n") else line + "\n\\ No newline at end of file\n" for line in lines)

    def write(self) -> None:
        """Write the file. Raises OSError."""
        target = self.path if self.inside else os.path.realpath(self.path)
        if self.inside:
            require_inside(os.path.dirname(target))
        os.makedirs(os.path.dirname(target), exist_ok=True)
        write_atomic(Path(target), self.after.encode())


def plan_install(client: Client, server: Server, workspace: str, file: str | None = None) -> Plan:
    """The plan for a client. `file` is another file than its usual one. Raises BadSettings, FileRefused."""
    path, inside = (file, None) if file else _place(client, workspace)
    before = content_of(path, inside)
    try:
        if client == "codex":
            after = with_toml_table(before, ("mcp_servers", NAME), _codex(server))
        else:
            after = with_json_entry(before, ("mcpServers", NAME), entry_of(client, server))
            _check(before, after, client, server)
    except (NotJson, CannotEdit) as problem:
        raise BadSettings(
            f"{printable(path)} is left as it is: {problem}. Add the server there yourself; "
            "`llm-service mcp install --client generic` prints it."
        ) from problem
    return Plan(path, before, after, inside)


def entry_of(client: Client, server: Server) -> dict[str, Any]:
    """Our server as an entry of `mcpServers`."""
    if server.url is None:
        entry: dict[str, Any] = {"command": server.command[0], "args": list(server.command[1:])}
        return ({} if client == "cursor" else {"type": "stdio"}) | entry
    variable = f"${{env:{server.token_env}}}" if client == "cursor" else f"${{{server.token_env}}}"
    headers = {"headers": {"Authorization": f"Bearer {variable}"}} if server.token_env else {}
    return ({} if client == "cursor" else {"type": "http"}) | {"url": server.url} | headers


def content_of(path: str, inside: str | None) -> str:
    """The text of a file, "" if there is none. Raises FileRefused; in a workspace also for a link."""
    target = path if inside else os.path.realpath(path)
    try:
        return decode(read_file(os.path.dirname(target), os.path.basename(target), _MAX_BYTES).data).text
    except FileVanished:
        return ""
    except FileRefused as problem:
        raise BadSettings(f"{printable(path)} is left as it is: {problem.message}") from problem


def _codex(server: Server) -> Mapping[str, Any]:
    if server.url is None:
        return {"command": server.command[0], "args": list(server.command[1:])}
    token = {"bearer_token_env_var": server.token_env} if server.token_env else {}
    return {"url": server.url} | token


def _place(client: Client, workspace: str) -> tuple[str, str | None]:
    if client == "codex":
        home = os.environ.get("CODEX_HOME") or os.path.join(os.path.expanduser("~"), ".codex")
        return os.path.join(home, "config.toml"), None
    parts = (".cursor", "mcp.json") if client == "cursor" else (".mcp.json",)
    return os.path.join(workspace, *parts), workspace


def _check(before: str, after: str, client: Client, server: Server) -> None:
    """Raises NotJson unless the file says the same as before but for our entry."""
    wanted = parse(before) if before.strip() else {}
    wanted.setdefault("mcpServers", {})[NAME] = entry_of(client, server)
    if parse(after) != wanted:
        raise NotJson("it is written in a form that is not changed here")
