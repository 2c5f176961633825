"""`report(workspace, payload, ...)`: adds the lines of payloads to the files of their sessions, as the hook does."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from kit.hook_payloads import CWD

from llm_service.hooks.append_line import append, line_of, name_of


def report(workspace: Path, *payloads: dict[str, Any], client: str = "claude-code", ago_s: float = 0.0) -> None:
    """Add a line for each; those that work in `CWD` work in the workspace."""
    for payload in payloads:
        cwd = str(workspace) if payload.get("cwd", CWD) == CWD else payload["cwd"]
        now = datetime.now(UTC) - timedelta(seconds=ago_s)
        line = line_of(client, payload | {"cwd": cwd}, now.timestamp())
        assert line is not None
        append(str(workspace / "work/hooks"), name_of(line["session"]), json.dumps(line).encode() + b"\n")
