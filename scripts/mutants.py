"""Lists the mutants of modules that their own tests miss: `make mutants MODULES="src/llm_service/hub ..."`.

mutmut changes one comparison, constant or operator at a time and runs the tests of that folder, in a copy of the tree,
.mutants, so that the work tree is not changed. `TESTS="tests/..."` names other tests, `SAMPLE=100` takes so many
mutants at random (always the same ones). Prints the diffs of surviving mutants, and how many were killed.
"""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[1]
COPY = ROOT / ".mutants"
MUTMUT = Path(sys.executable).with_name("mutmut")
COPIED = ("src", "tests", "static", "scripts", "examples", "docs", "pyproject.toml", "README.md")
LOG = COPY / "run.log"
LEFT_OUT = (
    # They start Python in another folder, or as another user, where mutmut does not find its configuration.
    "tests/files/test_reading.py::test_a_process_survives_reading_all_hostile_files",
    "tests/files/test_reading.py::test_a_file_without_permission_is_reported_as_unreadable",
    # Races of many seconds, in which nothing is noticed that the others do not notice.
    "tests/files/test_safe_open.py::test_a_link_that_is_swapped_in_is_never_followed",
    "tests/files/test_safe_open.py::test_a_folder_swapped_for_a_link_is_never_listed",
    "tests/files/test_safe_open.py::test_without_the_guard_the_race_is_lost",
)
SECTION = """
[tool.mutmut]
source_paths = ["src"]
only_mutate = {modules}
pytest_add_cli_args_test_selection = {tests}
pytest_add_cli_args = {options}
also_copy = ["static", "scripts", "examples", "docs", "README.md"]
"""


def tests_of(module: str) -> str:
    """The tests of a module or folder: those of the same name, else those of its folder."""
    inner = Path(module).relative_to("src/llm_service")
    if inner.suffix != ".py":
        return f"tests/{inner.as_posix()}"
    own = Path("tests", inner.parent, f"test_{inner.name}")
    return (own if (ROOT / own).exists() else own.parent).as_posix()


def run_mutmut(*mutants: str) -> int:
    """Its exit code; what it prints is in LOG. Without names it runs all mutants."""
    with LOG.open("w", encoding="utf-8") as file:
        return subprocess.run([MUTMUT, "run", *mutants], cwd=COPY, check=False, stdout=file, stderr=file).returncode


def sample(size: int) -> list[str]:
    """The names of `size` mutants, none if all are to be run."""
    if not size:
        return []
    # mutmut lists its mutants after it has made them; a name that fits none of them makes it end there.
    run_mutmut("none")
    names: list[str] = []
    for meta in sorted(COPY.glob("mutants/src/**/*.meta")):
        names += json.loads(meta.read_text(encoding="utf-8"))["exit_code_by_key"]
    return sorted(random.Random(1).sample(names, min(size, len(names))))


def main() -> None:
    """Copy the tree, run mutmut, print the survivors; exits 1 if there are any."""
    modules = [name.rstrip("/") for name in os.environ.get("MODULES", "").split()]
    if not modules:
        sys.exit('Which modules? make mutants MODULES="src/llm_service/hub src/llm_service/web/guard.py"')
    tests = os.environ.get("TESTS", "").split() or sorted({tests_of(name) for name in modules})
    shutil.rmtree(COPY, ignore_errors=True)
    COPY.mkdir()
    for name in COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, COPY / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(ROOT / name, COPY / name)
    patterns = [name if name.endswith(".py") else f"{name}/*" for name in modules]
    with (COPY / "pyproject.toml").open("a", encoding="utf-8") as file:
        options = ["-x", "-p", "no:cacheprovider", *(f"--deselect={test}" for test in LEFT_OUT)]
        file.write(SECTION.format(modules=json.dumps(patterns), tests=json.dumps(tests), options=json.dumps(options)))
    chosen = sample(int(os.environ.get("SAMPLE") or 0))
    if run_mutmut(*chosen):
        sys.exit(LOG.read_text(encoding="utf-8")[-5_000:])
    done = subprocess.run([MUTMUT, "results", "--all", "true"], cwd=COPY, check=True, capture_output=True, text=True)
    outcomes = dict(re.findall(r"^\s*(\S+): (.+)$", done.stdout, re.MULTILINE))
    if chosen:
        outcomes = {name: outcomes[name] for name in chosen}
    survivors = [name for name, outcome in outcomes.items() if outcome not in ("killed", "timeout")]
    for name in survivors:
        diff = subprocess.run([MUTMUT, "show", name], cwd=COPY, check=True, capture_output=True, text=True).stdout
        changed = [line for line in diff.splitlines() if re.match(r"[-+](?![-+])", line)]
        print(f"{name}: {outcomes[name]}", *changed, sep="\n", flush=True)
    print(f"{len(outcomes) - len(survivors)} of {len(outcomes)} killed: {dict(Counter(outcomes.values()))}")
    sys.exit(bool(survivors) or not outcomes)


if __name__ == "__main__":
    main()
