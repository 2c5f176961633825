"""`llm-service doctor`: `examine(settings)` checks all that a dashboard needs, and reports problems and remedies.

It changes nothing, but for a probe file of a moment's life. A running dashboard is asked for its watches and refused
lines, and for the stages in which data gets stuck (`doctor_stages.py`).
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor

import click

from .. import __version__
from ..database.checkup import SQLITE_VERSION, check
from ..errors import ServiceError
from ..feature import Finding
from ..files import printable
from ..hub.journal_segments import segments
from ..server import launcher
from ..server.instance import look
from ..server.launcher import print_line
from ..server.sighting import describe
from ..settings.load import Settings
from ..settings.options import workspace_options
from ..settings.state_folder import ELSEWHERE
from ..tasks.settings import collaboration_path
from ..watch.limits import watch_limit
from .doctor_stages import as_finding, diagnose, print_stages
from .next_commands import init_command
from .sections import existing_workspace

_FEW_WATCHES = 65_536


@click.command()
@workspace_options
@click.option("--job-id", metavar="ID", help="The job in question; without it the newest that runs, else the newest.")
@click.option("--json", "as_json", is_flag=True, help="Print a list of {level, what, text, stage?, next_step?}.")
def doctor(workspace: str | None, config_file: str | None, job_id: str | None, as_json: bool) -> None:
    """Find out where data gets stuck between a script and a page, and check everything that a dashboard needs.

    Reports problems and how to solve them. Exit code 1: problems.
    """
    settings = existing_workspace(workspace, config_file)
    problems, findings = 0, []
    with ThreadPoolExecutor(max_workers=1) as pool:  # where a dashboard hangs, both wait for it
        diagnosing = pool.submit(diagnose, settings, job_id)
        for finding in examine(settings):
            problems += finding.level == "problem"
            findings.append({"level": finding.level, "what": finding.what, "text": finding.text})
            if not as_json:
                print_line(f"{finding.level:<8} {finding.what:<10} {finding.text}")
        diagnosis = diagnosing.result()
    for remark in diagnosis.remarks:
        problems += remark.level == "problem"
        findings.append({"level": remark.level, "what": remark.what, "text": printable(remark.text)})
        if not as_json:
            print_line(f"{remark.level:<8} {remark.what:<10} {printable(remark.text)}")
    for stage in diagnosis.stages:
        problems += not stage.is_ok
        findings.append(as_finding(stage, diagnosis.job))
    if as_json:
        print_line(json.dumps(findings, indent=2))
    else:
        print_stages(diagnosis)
    if problems:
        raise click.exceptions.Exit(1)


def examine(settings: Settings) -> Iterator[Finding]:
    """The findings about a workspace, as they are made. An error in one part is a finding too."""
    from ..app import Dashboard  # here, as other commands need no web server

    python = ".".join(map(str, sys.version_info[:3]))
    yield Finding("ok", "versions", f"llm-service {__version__}, Python {python}, SQLite {SQLITE_VERSION}")
    features = [(feature.name, feature.examine) for feature in Dashboard(settings).features]
    parts: list[tuple[str, Callable[[], Iterable[Finding]]]] = [
        ("refused", lambda: _boundary(settings)),
        ("workspace", lambda: _workspace(settings)),
        ("watching", _watching),
        ("history", lambda: _history(settings)),
        ("journal", lambda: _journal(settings)),
        *features,
        ("service", lambda: _service(settings)),
    ]
    for name, examine_part in parts:
        try:
            yield from examine_part()
        except (OSError, ServiceError) as problem:
            yield Finding("problem", name, f"could not be examined: {problem}")


def _boundary(settings: Settings) -> Iterator[Finding]:
    """What the workspace asked for and does not get, and the user's own configuration."""
    for refusal in settings.refusals:
        yield Finding("problem", "refused", f"{printable(refusal.where)}: {refusal.reason}")
    for path, target in settings.linked_roots:
        yield Finding("note", "approved", f"{printable(path)} leads out of the workspace, to {printable(target)}")
    for note in settings.notes:
        yield Finding("note", "settings", note)


def _workspace(settings: Settings) -> Iterator[Finding]:
    folder = collaboration_path(settings)
    if not os.path.isdir(folder):
        yield Finding("problem", "workspace", f"there is no {folder}; `{init_command(settings.workspace)}` creates it")
        return
    yield Finding("ok", "workspace", settings.workspace)
    folder = settings.state_path
    existing = folder if os.path.isdir(folder) else os.path.dirname(folder)
    if not os.access(existing, os.W_OK):
        yield Finding("problem", "state", f"{folder} cannot be written, so no dashboard starts: {ELSEWHERE}")


def _watching() -> Iterator[Finding]:
    limit = watch_limit()
    if limit is not None:
        is_low = limit < _FEW_WATCHES
        help_text = "; to allow more: sysctl fs.inotify.max_user_watches=524288" if is_low else ""
        yield Finding(
            "note" if is_low else "ok", "watching", f"the system allows {limit:,} watches per user{help_text}"
        )


def _history(settings: Settings) -> Iterator[Finding]:
    path = os.path.join(settings.state_path, "history.db")
    if not settings.history:
        yield Finding("note", "history", "off: no costs")
    elif not os.path.exists(path):
        yield Finding("ok", "history", "none yet; the first start creates it")
    else:
        found = check(path)
        size_mb = os.path.getsize(path) / 1e6
        if found.damage:
            yield Finding("problem", "history", f"{path} is damaged ({found.damage}); the next start moves it aside")
        elif found.too_new:
            yield Finding("problem", "history", f"{path} was written by a newer llm-service (schema {found.schema})")
        else:
            yield Finding("ok", "history", f"{path}: {found.calls:,} calls, {size_mb:,.1f} MB, no damage")
    for name in sorted(os.listdir(settings.state_path)) if os.path.isdir(settings.state_path) else []:
        if ".damaged-" in name and not name.endswith(("-wal", "-shm")):
            yield Finding("note", "history", f"a damaged database was moved aside: {name}")


def _journal(settings: Settings) -> Iterator[Finding]:
    folder = os.path.join(settings.state_path, "journal")
    if not settings.journal:
        yield Finding("note", "journal", "off: no lane history, and what happened cannot be read later")
    elif not os.path.isdir(folder):
        yield Finding("ok", "journal", "none yet; the first start creates it")
    else:
        known = segments(folder)
        size_mb = sum(segment.size for segment in known) / 1e6
        since = f", since {known[0].day}" if known else ""
        yield Finding("ok", "journal", f"{folder}: {size_mb:,.1f} MB of events{since}")


def _service(settings: Settings) -> Iterator[Finding]:
    found = look(settings.state_path)
    running = found.record
    if found.state == "none":
        yield Finding("ok", "service", "no dashboard runs for this workspace")
        return
    health = None if running is None or found.state == "unclear" else launcher.health(running, settings)
    if running is None or (health is None and found.state != "running"):
        yield Finding("problem", "service", describe(found, settings.state_path))
        return
    if health is None:
        yield Finding("problem", "service", f"{running.url} (process {running.pid}) does not answer")
        return
    state = str(health.get("status", "refusing our request; LLM_SERVICE_TOKEN has to be a token of it"))
    yield Finding("ok" if state == "healthy" else "problem", "service", f"{running.url} is {state}")
    for watcher in health.get("watchers", ()):
        if watcher.get("error"):
            yield Finding("problem", "service", f"{watcher['root']} is {watcher['mode']}: {watcher['error']}")
        for folder, reason in watcher.get("unreadable", {}).items():
            yield Finding("problem", "service", f"{watcher['root']}/{printable(folder)} cannot be read: {reason}")
    for part in ("history", "journal", "state"):
        if health.get(part, {}).get("problem"):
            yield Finding("problem", "service", f"{part}: {health[part]['problem']}")
    for part in ("history", "journal"):
        if restored := health.get(part, {}).get("restored"):
            yield Finding("note", "service", f"{part}: {restored}")
