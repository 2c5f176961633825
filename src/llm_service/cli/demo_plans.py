"""The plans of `llm-service demo`, and the example that works through one of them."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any

PLAN = "storm-warnings"
"""The plan that is worked through."""
_TASKS = 14
_PROGRAM = "plan_orchestrator.py"
_PLANS = {
    PLAN: """# Storm warnings for moored boats

Who has a boat in the harbour hears of a storm six hours before it comes, and nobody hears of it twice.

## Phase 1: Forecast
**Execution Note:** Tasks 1.1-1.3 are [SEQUENTIAL] - each reads what the one before it wrote
- [ ] 1.1 Read the forecast of the weather service
- [ ] 1.2 Keep the last forecast when there is none (depends: 1.1)
- [ ] 1.3 Find the hours with more than eight on the Beaufort scale (depends: 1.2)

## Phase 2: Boats
- [ ] 2.1 List the boats by berth
- [ ] 2.2 Find who is at which number (depends: 2.1)
- [ ] 2.3 Leave out boats that have been lifted out (depends: 2.1)
- [ ] 2.4 Say which berths are open to the west (depends: 2.1)

## Phase 3: Messages
- [ ] 3.1 Write the message in four languages
- [ ] 3.2 Send it once to each owner (depends: 1.3, 2.2, 2.3, 3.1)
- [ ] 3.3 Try again where nobody answered (depends: 3.2)
- [ ] 3.4 Ring the office when nobody can be reached (depends: 3.3)

## Phase 4: Check
- [ ] 4.1 Play the storm of last January (depends: 3.2, 2.4)
- [ ] 4.2 Count who heard of it, and when (depends: 4.1)
- [ ] 4.3 Write it down for the harbour master (depends: 4.2, 3.4)
""",
    "lantern-posts": """# Lanterns on the east pier

## Phase 1: Count
- [ ] 1.1 Count the posts
- [ ] 1.2 Note which are dark (depends: 1.1)

## Phase 2: Repair
- [ ] 2.1 Order the glass (depends: 1.2)
- [ ] 2.2 Repair the posts from the land outwards (depends: 2.1)
""",
}


def make_plans(workspace: Path, config: Path, seconds: float) -> None:
    """Write the plans, the example, and into `config`, the folder of the user, the profile that starts it. It works for
    about so many seconds."""
    (workspace / "docs/plans").mkdir(parents=True)
    for name, text in _PLANS.items():
        (workspace / f"docs/plans/{name}.md").write_text(text, encoding="utf-8")
    (workspace / "scripts").mkdir()
    shutil.copyfile(_example(), workspace / "scripts" / _PROGRAM)
    config.mkdir(parents=True)
    text = json.dumps({"profiles": [_profile(seconds / _TASKS)]})  # JSON is YAML too
    (config / "config.yaml").write_text(text, encoding="utf-8")


def _profile(step_seconds: float) -> dict[str, Any]:
    switches = ["--daemon", "{continuous}", "{autonomous}", "{tasks}", "--step-seconds", f"{step_seconds:g}"]
    argv = [sys.executable, f"scripts/{_PROGRAM}", "--plan", "{plan}", *switches]
    return {"name": "orchestrator", "argv": argv, "grace_s": 5}


def _example() -> Path:
    """The example: in the installed package, or beside `src/` in a checkout."""
    package = Path(__file__).parents[1]
    packaged = package / "examples" / _PROGRAM
    return packaged if packaged.is_file() else package.parents[1] / "examples" / _PROGRAM
