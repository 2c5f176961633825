"""The results of test suites: how a command that runs one ended, and the sums that a runner printed."""

from __future__ import annotations

import re
from typing import Any

from .figures import SuiteResult

_MAX_LINE = 400
_RUNNERS = re.compile(
    r"(?:^|[\s/(\"'])(?:pytest|py\.test|tox|nox|unittest|jest|vitest|mocha|playwright test|ctest|phpunit|rspec|"
    r"(?:npm|pnpm|yarn|bun)(?: run)? test|go test|cargo (?:nextest|test)|dotnet test|gradlew? test|mvn test|"
    r"make (?:test|check)|deno test|node --test)(?=$|[\s:;&|)'\"])"
)
_PARTS = re.compile(r"[;&|\n]+")
_OTHERS = re.compile(r"\b(?:install|uninstall|add|remove|which|grep|rg|cat|echo|find|ls)\b")
"""What is done with a runner's name but to run it."""


def result_of_command(data: dict[str, Any], number: int, now: float, is_recorded: bool) -> SuiteResult | None:
    """The result of a command that runs tests and has ended; None for any other."""
    command, code, is_error = data.get("command"), data.get("exit_code"), data.get("is_error")
    if not isinstance(command, str):
        return None
    exit_code = code if isinstance(code, int) and not isinstance(code, bool) else None
    if exit_code is None and not isinstance(is_error, bool):
        return None  # it goes on
    if not any(_runs_tests(part) for part in _PARTS.split(command[:_MAX_LINE])):
        return None
    return SuiteResult(
        exit_code=exit_code,
        is_error=bool(exit_code) if exit_code is not None else is_error is True,
        command=command[:_MAX_LINE],
        line=number,
        time=now,
        is_recorded=is_recorded,
    )


def _runs_tests(command: str) -> bool:
    found = _RUNNERS.search(command)
    return found is not None and not _OTHERS.search(command[: found.start()])


def result_of_counts(data: dict[str, Any], number: int, now: float, is_recorded: bool) -> SuiteResult | None:
    """The result that a runner printed: `{passed, failed, errors, ...}`; None without a count."""
    passed, failed, errors = (_count(data.get(name)) for name in ("passed", "failed", "errors"))
    if passed is None and failed is None and errors is None:
        return None
    return SuiteResult(
        passed=passed, failed=(failed or 0) + (errors or 0), line=number, time=now, is_recorded=is_recorded
    )


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None
