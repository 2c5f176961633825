"""The built-in profile `demo`: which command line starts the demo program."""

from __future__ import annotations

import sys
from pathlib import Path

from ...processes.model import Profile

SECONDS = "DEMO_SECONDS"
"""The variable of the environment that says how long a run takes."""


def demo_profile() -> Profile:
    """`-P` keeps Python from importing what an agent has put into the folder in which it is started."""
    package = Path(__file__).parents[2]
    return Profile(
        name="demo",
        argv=(
            sys.executable, "-P", "-m", f"{package.name}.jobs.demo", "--job", "{job}",
            "--project-dir", "{project_dir}", "--specification", "{specification}",
        ),
        origin="built-in",
        env={"PYTHONPATH": str(package.parent)},
        env_allow=(SECONDS,),
        timeout_s=3_600,
        max_log_bytes=64 << 20,
    )  # fmt: skip
