"""The programs of agents whose hooks can report: which events each has, and where its settings are."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

TIMEOUT_S = 5
"""The program waits so long for a hook, at most; ours takes some 30 ms."""


@dataclass(frozen=True, slots=True)
class HookClient:
    """`events` are asked for; `workspace_file` is its settings file below a workspace, `user_file` below the folder
    that `home_variable` names, by default `home` in that of the user. `afterwards`: what a person has to do then."""

    name: str
    label: str
    events: tuple[str, ...]
    workspace_file: str
    user_file: str
    home_variable: str
    home: str
    afterwards: str

    def file(self, workspace: str, for_user: bool, environ: Mapping[str, str] = os.environ) -> str:
        """The settings file, absolute."""
        if not for_user:
            return os.path.join(workspace, self.workspace_file)
        own = environ.get(self.home_variable)
        return os.path.join(own or os.path.join(os.path.expanduser("~"), self.home), self.user_file)


_COMMON = (
    "SessionStart", "UserPromptSubmit", "PreToolUse", "PermissionRequest", "PostToolUse", "SubagentStop", "Stop",
    "SessionEnd",
)  # fmt: skip

CLIENTS: dict[str, HookClient] = {
    client.name: client
    for client in (
        HookClient(
            "claude-code",
            "Claude Code",
            (*_COMMON, "PostToolUseFailure", "PermissionDenied", "Notification", "StopFailure", "Elicitation",
             "ElicitationResult"),
            # Not settings.json, which is committed: the command names folders of this machine.
            ".claude/settings.local.json",
            "settings.json",
            "CLAUDE_CONFIG_DIR",
            ".claude",
            "Sessions that run already take it over when they are started again.",
        ),
        HookClient(
            "codex",
            "Codex",
            (*_COMMON, "Interrupt"),
            ".codex/hooks.json",
            "hooks.json",
            "CODEX_HOME",
            ".codex",
            "Codex runs new hooks only after you trusted them: open /hooks in Codex.",
        ),
    )
}  # fmt: skip
"""By the name that the command line takes."""
