"""Lists the mutants of modules that their own tests miss: `make mutants MODULES="src/llm_service/hub ..."`.

mutmut changes one comparison, constant or operator at a time and runs the tests of that folder, in a copy of the tree,
.mutants, so that the work tree is not changed. `TESTS="tests/..."` names other tests. Prints the diffs
of surviving mutants, and how many were killed.
"""

from __future__ import annotations

import json
import os
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
SECTION = """
[tool.mutmut]
source_paths = ["src"]
only_mutate = {modules}
pytest_add_cli_args_test_selection = {tests}
pytest_add_cli_args = ["-x", "-p", "no:cacheprovider"]
also_copy = ["static", "scripts", "examples", "docs", "README.md"]
"""


def tests_of(module: str) -> str:
    """The tests of a module or folder: those of the same name, else those of its folder."""
    inner = Path(module).relative_to("src/llm_service")
    if inner.suffix != ".py":
        return f"tests/{inner.as_posix()}"
    own = Path("tests", inner.parent, f"test_{inner.name}")
    return (own if (ROOT / own).exists() else own.parent).as_posix()


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
        file.write(SECTION.format(modules=json.dumps(patterns), tests=json.dumps(tests)))
    log = COPY / "run.log"
    with log.open("w", encoding="utf-8") as file:
        code = subprocess.run([MUTMUT, "run"], cwd=COPY, check=False, stdout=file, stderr=file).returncode
    if code:
        sys.exit(log.read_text(encoding="utf-8")[-5_000:])
    done = subprocess.run([MUTMUT, "results", "--all", "true"], cwd=COPY, check=True, capture_output=True, text=True)
    outcomes = dict(re.findall(r"^\s*(\S+): (.+)$", done.stdout, re.MULTILINE))
    survivors = [name for name, outcome in outcomes.items() if outcome not in ("killed", "timeout")]
    for name in survivors:
        diff = subprocess.run([MUTMUT, "show", name], cwd=COPY, check=True, capture_output=True, text=True).stdout
        changed = [line for line in diff.splitlines() if re.match(r"[-+](?![-+])", line)]
        print(f"{name}: {outcomes[name]}", *changed, sep="\n", flush=True)
    print(f"{len(outcomes) - len(survivors)} of {len(outcomes)} killed: {dict(Counter(outcomes.values()))}")
    sys.exit(bool(survivors) or not outcomes)


if __name__ == "__main__":
    main()
