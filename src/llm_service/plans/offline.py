"""`read_all(workspace, settings)`: the plans as they are on the disk now, without a dashboard."""

from __future__ import annotations

import os

from ..errors import FileRefused
from ..files import SafeRoot, printable
from ..watch.scan import walk
from .board import Changes, FindingFile, PlanBoard, View
from .current import offline_current
from .follow import OUTPUT_FILES, PLAN_FILES
from .reader import STATUS_NAME, plan_of_file, read_plan_file, read_status_file
from .settings import PlanSettings
from .sources import PlanSource, StatusSource


def read_all(workspace: str, own: PlanSettings) -> View:
    """All plans, with what their files say."""
    board = PlanBoard(lambda event: None)
    plans: dict[str, PlanSource | None] = {}
    root = os.path.join(workspace, own.plans_dir)
    with SafeRoot(root) as folder:
        for path in sorted(walk(root, PLAN_FILES).files):
            try:
                shown = printable(f"{own.plans_dir.strip('/')}/{path}")
                plans[plan_of_file(path) or ""] = read_plan_file(folder, path, shown)
            except FileRefused:
                continue
    statuses: dict[str, StatusSource | None] = {}
    findings: dict[str, dict[str, FindingFile]] = {}
    root = os.path.join(workspace, own.plan_outputs_dir)
    with SafeRoot(root) as folder:
        for path, signature in walk(root, OUTPUT_FILES).files.items():
            name, _, rest = path.partition("/")
            if rest != STATUS_NAME:
                file = FindingFile(signature.size_bytes, signature.mtime_ns / 1e9)
                findings.setdefault(name, {})[rest.rpartition("/")[2]] = file
                continue
            try:
                statuses[name] = read_status_file(folder, path)[0]
            except FileRefused as problem:
                statuses[name] = StatusSource(None, None, problem.message)
    board.apply(Changes(plans, statuses, findings), is_first=True)
    board.apply_current(offline_current(workspace, own.current_plan_file))
    return board.view
