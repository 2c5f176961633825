"""The results of test suites: from the exit code of a command (recorded), or from a line of a runner (a pattern)."""

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
_PYTEST = re.compile(r"^=*\s*(?:\d+ [a-z]+, )*\d+ (?:passed|failed|errors?)\b.* in [\d.]+\s?s")
_COUNT = re.compile(r"(\d{1,9}) (passed|failed|errors?)\b")
_JEST = re.compile(r"^\s*Tests:?\s+.*\d+ (?:passed|failed)")
_CARGO = re.compile(r"^test result: (?:ok|FAILED)\. \d+ passed; \d+ failed")
_UNITTEST = re.compile(r"^FAILED \((?:failures=(\d+))?(?:, )?(?:errors=(\d+))?")


def result_of_command(data: dict[str, Any], number: int, now: float, is_recorded: bool) -> SuiteResult | None:
    """The result of a command that runs tests and has ended; None for any other."""
    command, code = data.get("command"), data.get("exit_code")
    if isinstance(command, list):
        command = " ".join(map(str, command))
    if not isinstance(command, str) or not isinstance(code, int) or isinstance(code, bool):
        return None
    if not any(_runs_tests(part) for part in _PARTS.split(command[:_MAX_LINE])):
        return None
    return SuiteResult(
        passed=None, failed=None, exit_code=code, command=command[:_MAX_LINE], line=number, time=now,
        is_recorded=is_recorded,
    )  # fmt: skip


def _runs_tests(command: str) -> bool:
    found = _RUNNERS.search(command)
    return found is not None and not _OTHERS.search(command[: found.start()])


def result_of_line(message: str, number: int, now: float) -> SuiteResult | None:
    """The sums that pytest, jest, vitest, cargo and unittest print at the end; None for any other line."""
    if "passed" not in message and "FAILED (" not in message and " failed" not in message:
        return None
    line = message[:_MAX_LINE]
    if _PYTEST.match(line) or _JEST.match(line) or _CARGO.match(line):
        counts = {"passed": 0, "failed": 0}
        for count, word in _COUNT.findall(line):
            counts["passed" if word == "passed" else "failed"] += int(count)
        return _counted(counts["passed"], counts["failed"], number, now)
    found = _UNITTEST.match(line)
    if found is not None and (found[1] or found[2]):
        return _counted(None, int(found[1] or 0) + int(found[2] or 0), number, now)
    return None


def _counted(passed: int | None, failed: int, number: int, now: float) -> SuiteResult:
    return SuiteResult(
        passed=passed, failed=failed, exit_code=None, command=None, line=number, time=now, is_recorded=False
    )
