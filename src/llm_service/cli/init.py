"""`llm-service init`: `create_task_folder(path)` creates the folders for tasks and overwrites nothing."""

from __future__ import annotations

import os
from datetime import UTC, datetime

import click

from ..calls.sessions.folders import discover_session_folders, session_settings, usual_session_folders
from ..calls.settings import CallSettings
from ..errors import StartFailed
from ..files import printable, way_out
from ..server.launcher import print_line
from ..settings.load import Settings
from ..settings.user_folder import CONFIG_NAME, user_folder
from ..settings.user_settings import add_settings
from ..tasks.settings import collaboration_path
from .next_commands import start_command
from .sections import load_settings
from .terminal import is_terminal

README = """\
# Tasks

Each task is one YAML file; its folder is its state.

| folder | contains |
|---|---|
| `inbox/` | tasks that no agent has taken yet |
| `assigned/<agent>/` | tasks that an agent works on |
| `done/<agent>/` | finished tasks |

An agent takes a task by moving its file from `inbox/` to `assigned/<agent>/`, and finishes it by moving it
to `done/<agent>/`. `llm-service dashboard start` shows the board and every change live.

A task needs an `id` (normally the name of its file); everything else is optional:

```yaml
id: 2026-02-06T1150-write-the-report
title: Write the report
agent: writer
status: new                # new, in_progress, blocked, done, error
priority: high             # critical, high, medium, normal, low
description: What to do, in Markdown.
dependencies: [2026-02-05T0900-gather-figures]
acceptance_criteria:
  - The figures are checked.
tags: [report]
created_at: "2026-02-06T11:50:00Z"
```
"""

SAMPLE = """\
id: {id}
title: Move me
status: new
priority: normal
description: |
  This card is the file `inbox/{id}.yaml`. Move it, from the folder that has `inbox/`,
  and watch the board:

      mkdir -p assigned/me && mv inbox/{id}.yaml assigned/me/
tags: [welcome]
acceptance_criteria:
  - The card has moved to **Assigned** without reloading the page.
created_at: "{created_at}"
"""


@click.command()
@click.argument("path", default=".")
@click.option(
    "--sessions/--no-sessions",
    default=None,
    help="Count the calls in the session logs on this machine. Default: ask, or only list them.",
)
def init(path: str, sessions: bool | None) -> None:
    """Create the folders for tasks in PATH: work/collaboration with its lanes, a README and a sample task.

    Offers to count the calls in the session logs of agents on this machine: their folders and the time zone are added
    to your own configuration, for this workspace only.
    """
    settings = load_settings(path)
    folder = collaboration_path(settings)
    created = create_task_folder(folder)
    for one in created:
        print_line(f"created {os.path.relpath(one, settings.workspace)}")
    if not created:
        print_line(f"Everything already exists in {folder}.")
    found = discover_session_folders(settings) if settings.of(CallSettings).telemetry else []
    if found and sessions is not False:
        _offer_session_logs(settings, found, sessions)
    elif sessions:
        print_line(f"There are no session logs that are not counted yet, in {', '.join(usual_session_folders())}.")
    print_line(f"Next: {start_command(path)}")


def create_task_folder(collaboration: str) -> list[str]:
    """Create the lanes, a README and, if there is no task yet, a sample; the paths that were created, in order.

    Existing files are not changed. Raises StartFailed.
    """
    now = datetime.now(UTC)
    name = f"{now:%Y-%m-%dT%H%M}-move-me"
    contents = {
        "README.md": README,
        # git does not keep empty folders.
        "inbox/.gitkeep": "",
        "assigned/.gitkeep": "",
        "done/.gitkeep": "",
    }
    created = []
    _require_inside(collaboration)
    try:
        if not _has_tasks(collaboration):
            contents[f"inbox/{name}.yaml"] = SAMPLE.format(id=name, created_at=f"{now:%Y-%m-%dT%H:%M:%SZ}")
        for relative, text in contents.items():
            path = os.path.join(collaboration, relative)
            _require_inside(os.path.dirname(path))
            os.makedirs(os.path.dirname(path), exist_ok=True)
            try:
                with open(path, "x", encoding="utf-8") as file:
                    file.write(text)
            except FileExistsError:
                continue
            created.append(path)
    except OSError as problem:
        raise StartFailed(f"Cannot create {problem.filename or collaboration}: {problem.strerror}.") from problem
    return created


def _require_inside(folder: str) -> None:
    """Raises StartFailed if a link leads out of the workspace: what is there is not ours to write to."""
    outside = way_out(folder)
    if outside is not None:
        raise StartFailed(f"{printable(folder)} leads out of the workspace by a link, to {printable(outside)}.")


def _has_tasks(collaboration: str) -> bool:
    return any(name.endswith((".yaml", ".yml")) for _, _, names in os.walk(collaboration) for name in names)


def _offer_session_logs(settings: Settings, found: list[tuple[str, str]], sessions: bool | None) -> None:
    """Add these folders to the user's configuration if the user agrees, else print how to. `found`: (setting, folder).

    Not to the file of the workspace: folders outside the workspace count only from the user.
    """
    for _, folder in found:
        print_line(f"found the session logs in {folder}")
    if sessions is None and is_terminal():
        sessions = click.confirm("Count their calls, tokens and costs? They are only read.", default=True)
    lines = session_settings(settings, found)
    if sessions and lines:
        if settings.timezone is None:
            # Days and months must not move when the machine does.
            lines["timezone"] = str(settings.zone())
        path = add_settings(user_folder(), settings.workspace, lines)
        for name, value in lines.items():
            print_line(f"added to {path}, for this workspace: {name}: {value}")
    elif sessions is None and lines:
        print_line(f"To count their calls, tokens and costs: llm-service init --sessions, or add to {CONFIG_NAME} in")
        print_line(f"{user_folder()}:")
        for name, value in lines.items():
            print_line(f"  {name}: {value}")
