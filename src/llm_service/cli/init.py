"""`llm-service init`: `create(collaboration)` makes a place for tasks, and never overwrites anything."""

from __future__ import annotations

import os
from datetime import UTC, datetime

from ..errors import StartFailed

README = """\
# Tasks

Each task is one YAML file; the folder it lies in says how far it is.

| folder | holds |
|---|---|
| `inbox/` | tasks that nobody has taken yet |
| `assigned/<agent>/` | tasks that an agent works on |
| `done/<agent>/` | finished tasks |

An agent takes a task by moving its file from `inbox/` to `assigned/<agent>/`, and finishes it by moving it on
to `done/<agent>/`. `llm-service dashboard start` shows the board and follows every change.

A task needs an `id` (normally the name of its file); everything else is optional:

```yaml
id: 2026-02-06T1150-write-the-report
title: Write the report
agent: writer
status: new                # new, in_progress, blocked, done, error
priority: high             # critical, high, medium, normal, low
description: What is wanted, in Markdown.
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
  This card is the file `inbox/{id}.yaml`. Move it and watch the board:

      mkdir -p assigned/me && mv inbox/{id}.yaml assigned/me/
tags: [welcome]
acceptance_criteria:
  - The card has moved to **Assigned** without a reload of the page.
created_at: "{created_at}"
"""


def create(collaboration: str) -> list[str]:
    """Make the lanes, a README and one sample task; returns the paths that were made, in order.

    What exists stays as it is; the sample is left out where there is any task. Raises StartFailed.
    """
    now = datetime.now(UTC)
    name = f"{now:%Y-%m-%dT%H%M}-move-me"
    wanted = {
        "README.md": README,
        # git does not keep empty folders.
        "inbox/.gitkeep": "",
        "assigned/.gitkeep": "",
        "done/.gitkeep": "",
    }
    made = []
    try:
        if not _has_tasks(collaboration):
            wanted[f"inbox/{name}.yaml"] = SAMPLE.format(id=name, created_at=f"{now:%Y-%m-%dT%H:%M:%SZ}")
        for relative, text in wanted.items():
            path = os.path.join(collaboration, relative)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            try:
                with open(path, "x", encoding="utf-8") as file:
                    file.write(text)
            except FileExistsError:
                continue
            made.append(path)
    except OSError as problem:
        raise StartFailed(f"Cannot make {problem.filename or collaboration}: {problem.strerror}.") from problem
    return made


def _has_tasks(collaboration: str) -> bool:
    return any(name.endswith((".yaml", ".yml")) for _, _, names in os.walk(collaboration) for name in names)
