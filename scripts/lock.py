"""Writes requirements.lock and requirements-dev.lock: `make lock`.

Exact versions with hashes, one set for all supported Pythons and systems. Without arguments a version stays while the
bounds allow it; `make lock ARGS=--upgrade` takes the newest within the bounds.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import tomllib
import venv
from pathlib import Path

ROOT = Path(__file__).parents[1]
TOOL = "uv>=0.13,<1"
OLDEST_PYTHON = "3.11"
RUNTIME = ["requirements.txt", "requirements-mcp.txt", "requirements-git.txt", "requirements-redis.txt"]
HEAD = "# Made by `make lock` from {sources}: do not edit.\n"


def uv() -> str:
    """The path of uv, installed into .venv-lock when it is missing."""
    folder = ROOT / ".venv-lock"
    scripts = folder / ("Scripts" if os.name == "nt" else "bin")
    if not any(scripts.glob("uv*")):
        venv.create(folder, with_pip=True, clear=True)
        python = next(path for path in scripts.glob("python*") if path.stem == "python")
        subprocess.run([python, "-m", "pip", "install", "--quiet", TOOL], check=True)
    return str(next(path for path in scripts.glob("uv*") if path.stem == "uv"))


def compile_lock(target: str, sources: list[str], texts: list[str], arguments: list[str]) -> None:
    """Write one lock file. `texts` are requirements that are in no requirements file."""
    with tempfile.TemporaryDirectory() as folder:
        more = Path(folder, "more.txt")
        more.write_text("\n".join(texts), encoding="utf-8")
        command = [uv(), "pip", "compile", *sources, str(more), "--output-file", target, "--quiet", "--universal"]
        command += ["--python-version", OLDEST_PYTHON, "--generate-hashes", "--no-config"]
        command += ["--no-header", "--no-annotate", "--no-emit-index-url", "--no-emit-find-links"]
        subprocess.run([*command, *arguments], cwd=ROOT, check=True)
    path = ROOT / target
    text = path.read_text(encoding="utf-8")
    path.write_text(HEAD.format(sources=", ".join([*sources, "pyproject.toml"])) + text, encoding="utf-8")


def main() -> None:
    """Lock everything, then the part that the service needs at run time."""
    build = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["build-system"]["requires"]
    everything, runtime = "requirements-dev.lock", "requirements.lock"
    compile_lock(everything, [*RUNTIME, "requirements-dev.txt"], build, sys.argv[1:])
    (ROOT / runtime).unlink(missing_ok=True)
    compile_lock(runtime, RUNTIME, build, ["--constraint", everything])


if __name__ == "__main__":
    main()
