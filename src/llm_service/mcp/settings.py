"""The settings of MCP: whether agents may report at `/mcp`, and servers to show besides those of `.mcp.json`."""

from __future__ import annotations

from dataclasses import MISSING, dataclass
from typing import Annotated, Any

import msgspec

from ..settings.entries import Text, read_entries
from ..settings.fields import BadValue, between, display, setting
from ..settings.section import Section
from ..settings.table import MORE_WORK
from .model import DeclaredServer, url_problem

_TEXTS = "a list of texts"


@dataclass(frozen=True, slots=True, kw_only=True)
class _ServerEntry:
    """A server as the configuration has it."""

    name: Annotated[str, msgspec.Meta(pattern=r"\A[\w.-]{1,64}\Z")] = setting(
        MISSING, expected="a name of letters, digits, `_`, `.` and `-`, at most 64"
    )
    command: Text | None = setting(None, expected="a program")
    args: list[Text] | None = setting(None, expected=_TEXTS)
    env: dict[str, str] | None = setting(None, expected="a mapping of names to texts")
    url: Text | None = setting(None, expected="an http:// or https:// address")

    def server(self) -> DeclaredServer:
        """The value. Raises BadValue."""
        if (self.command is None) == (self.url is None):
            raise BadValue("has to have either `command` or `url`")
        if self.url is not None and (problem := url_problem(self.url)) is not None:
            raise BadValue(f"has to be {problem}", ("url",))
        argv = () if self.command is None else (self.command, *(self.args or ()))
        return DeclaredServer(name=self.name, origin="user", argv=argv, env=dict(self.env or {}), url=self.url)


def _read(value: Any) -> list[DeclaredServer]:
    """The servers. Raises BadValue."""
    found: list[DeclaredServer] = []
    for number, entry in enumerate(read_entries(value, _ServerEntry)):
        try:
            server = entry.server()
        except BadValue as problem:
            raise BadValue(str(problem), (number, *problem.path)) from problem
        if server.name in {other.name for other in found}:
            raise BadValue(f"has the name of another server, {display(server.name)}", (number,))
        found.append(server)
    return found


@dataclass(frozen=True)
class McpSettings(Section):
    """MCP both ways."""

    mcp: bool = setting(True, "Let agents report over MCP at `/mcp`.")
    mcp_servers: list[DeclaredServer] = setting(
        [],
        "MCP servers in the panel besides those of `.mcp.json`, each `{name, command, args?, env?}` or `{name, url}`.",
        reader=_read,
        workspace="never",
        harm="would name programs that can be started",
    )
    mcp_check_s: Annotated[float, between(0.1, 3_600)] = setting(
        10.0, "A running MCP server is asked this often whether it answers. (s)", workspace="higher", harm=MORE_WORK
    )
