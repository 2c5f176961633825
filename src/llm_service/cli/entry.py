"""Entry point of the console script: `llm-service mcp` starts at once, every other command with all of its modules."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..settings.load import Settings

_OPTIONS = ("--workspace", "--config")


def stdio_options(arguments: Sequence[str]) -> dict[str, str] | None:
    """The options of `llm-service mcp` if it is called to serve; None for its subcommands, and for all else."""
    if not arguments or arguments[0] != "mcp":
        return None
    found: dict[str, str] = {}
    rest = list(arguments[1:])
    while rest:
        name, equals, value = rest.pop(0).partition("=")
        if name not in _OPTIONS or not (equals or rest):
            return None
        found[name] = value if equals else rest.pop(0)
    return found


def main() -> None:
    """Run the command."""
    options = stdio_options(sys.argv[1:])
    if options is None:
        from .main import main as run

        run()
        return
    serve_stdio(options.get("--workspace"), options.get("--config"))


def serve_stdio(workspace: str | None, config_file: str | None) -> None:
    """Serve MCP on standard input and output; ends the process with an error if that is not possible."""
    from ..errors import ServiceError
    from ..mcp.stdio import serve

    def load() -> Settings:
        from .sections import existing_workspace

        return existing_workspace(workspace, config_file)

    try:
        serve(load)
    except ServiceError as error:
        print(f"Error: {error.message}", file=sys.stderr)
        sys.exit(error.exit_code)
