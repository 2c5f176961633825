"""How `make test` divides the tests among its processes."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture
def module() -> ModuleType:
    spec = importlib.util.spec_from_file_location("run_tests", ROOT / "scripts/run_tests.py")
    assert spec and spec.loader
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


def test_every_test_file_is_in_one_part(module: ModuleType) -> None:
    listed = [file for files in module.parts(ROOT / "tests") for file in files]
    assert sorted(listed) == sorted(file.relative_to(ROOT).as_posix() for file in (ROOT / "tests").rglob("test_*.py"))


def test_parts_are_of_one_weight_and_those_with_a_browser_first(module: ModuleType, tmp_path: Path) -> None:
    for number in range(56):
        for name, size in (("tests/browser/test_{}.py", 10), ("tests/a/test_{}.py", 10), ("tests/b/test_{}.py", 50)):
            file = tmp_path / name.format(number)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text("#" * size)
    groups = module.parts(tmp_path / "tests")
    browser, plain = groups[: module.PARTS["browser"]], groups[module.PARTS["browser"] :]
    assert [len(files) for files in browser] == [8] * 7 and all(module.has_browser(files) for files in browser)
    sizes = [sum((tmp_path / file).stat().st_size for file in files) for files in plain]
    assert len(plain) == module.PARTS["measured"] and max(sizes) - min(sizes) <= 50


def test_each_kind_is_taken_first_by_those_who_prefer_it_and_then_by_all(module: ModuleType) -> None:
    browser, plain = [["tests/browser/test_a.py"], ["tests/browser/test_b.py"]], [["tests/hub/test_a.py"]]
    queue = module.Queue([*browser, *plain])
    assert [queue.take(False), queue.take(False), queue.take(True), queue.take(True)] == [*plain, *browser, None]


def test_what_has_a_browser_or_repeats_itself_runs_without_coverage_and_alone(module: ModuleType) -> None:
    assert not module.is_measured(["tests/cli/test_main.py", "tests/cli/test_state.py"])
    for files in module.parts(ROOT / "tests"):
        assert len({module.is_measured([file]) for file in files}) == 1, files
    for place in module.REPEATING:
        assert (ROOT / place).exists(), place
    plain = module.command(["tests/browser/test_a.py"], ["--model-seed", "0"])
    covered = module.command(["tests/hub/test_a.py", "tests/hub/test_b.py"], [])
    assert plain[:3] == [sys.executable, "-m", "pytest"]
    assert plain[-3:] == ["--model-seed", "0", "tests/browser/test_a.py"]
    assert covered[:4] == [sys.executable, "-m", "coverage", "run"]
    assert covered[-2:] == ["tests/hub/test_a.py", "tests/hub/test_b.py"]


def test_a_part_that_fails_says_so(module: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COVERAGE_FILE", str(tmp_path / ".coverage"))
    test = tmp_path / "test_wrong.py"
    test.write_text("def test_wrong():\n    assert 1 == 2\n")
    code, seconds, computed_s, printed = module.run([str(test)], ["-o", "addopts="])
    assert code == 1 and seconds > 0 and computed_s > 0 and "assert 1 == 2" in printed
