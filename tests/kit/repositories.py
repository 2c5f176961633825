"""Git repositories for tests, made by git itself: worktrees with changes, and configurations that name programs."""

from __future__ import annotations

import hashlib
import os
import subprocess
from pathlib import Path

ENVIRON = {
    "PATH": os.environ["PATH"], "HOME": "/nonexistent", "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "t", "GIT_AUTHOR_EMAIL": "t@example.org", "GIT_COMMITTER_NAME": "t",
    "GIT_COMMITTER_EMAIL": "t@example.org",
}  # fmt: skip
LINES = [f"line {number}" for number in range(1, 41)]


def git(folder: Path, *arguments: str) -> str:
    """Run git; what it prints."""
    done = subprocess.run(
        ["git", *arguments], cwd=folder, env=ENVIRON, check=True, capture_output=True, text=True, timeout=60
    )
    return done.stdout


def make_repository(folder: Path) -> Path:
    """A repository with a commit on `main`."""
    folder.mkdir(parents=True, exist_ok=True)
    git(folder, "init", "-q", "-b", "main")
    (folder / "text.txt").write_text("\n".join(LINES) + "\n")
    (folder / "other.txt").write_text("other\n")
    git(folder, "add", "text.txt", "other.txt")
    git(folder, "commit", "-q", "-m", "first")
    return folder


def add_worktree(folder: Path, name: str, branch: str | None = None) -> Path:
    """A linked worktree beside the repository."""
    path = folder.parent / f"wt-{name}"
    git(folder, "worktree", "add", "-q", "-b", branch or name, str(path))
    return path


def change_line(folder: Path, number: int, text: str, commit: bool = False) -> None:
    """Replace a line of `text.txt`."""
    path = folder / "text.txt"
    lines = path.read_text().splitlines()
    lines[number - 1] = text
    path.write_text("\n".join(lines) + "\n")
    if commit:
        git(folder, "commit", "-q", "-a", "-m", f"change {number}")


def arm(folder: Path, mark: Path) -> None:
    """Name programs wherever a repository can; each of them would leave `mark`."""
    program = folder.parent / "evil.sh"
    program.write_text(f"#!/bin/sh\ntouch {mark}\ncat\n")
    program.chmod(0o755)
    config = {
        "core.fsmonitor": str(program), "core.pager": str(program), "core.editor": str(program),
        "core.sshCommand": str(program), "core.hooksPath": str(folder / ".git/hooks"), "diff.external": str(program),
        "filter.evil.clean": str(program), "filter.evil.smudge": str(program), "filter.evil.process": str(program),
        "diff.evil.textconv": str(program), "diff.evil.command": str(program), "alias.status": f"!{program}",
        "alias.worktree": f"!{program}", "credential.helper": str(program), "core.askPass": str(program),
        "gpg.program": str(program), "uploadpack.packObjectsHook": str(program),
    }  # fmt: skip
    for name, value in config.items():
        git(folder, "config", name, value)
    for hook in ("post-index-change", "post-checkout", "reference-transaction", "pre-commit", "fsmonitor-watchman"):
        path = folder / ".git/hooks" / hook
        path.write_text(program.read_text())
        path.chmod(0o755)
    (folder / ".gitattributes").write_text("* filter=evil diff=evil\n")
    (folder / "text.txt").write_text("changed\n")
    os.utime(folder / "other.txt", (1, 1))  # so that its content has to be compared


def digest_of(folder: Path) -> dict[str, tuple[str, int, int, int]]:
    """Path -> (content, mode, inode, mtime) of all below a folder, `.git` too."""
    found = {}
    for path in sorted(folder.rglob("*")):
        status = path.lstat()
        content = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
        found[str(path.relative_to(folder))] = (content, status.st_mode, status.st_ino, status.st_mtime_ns)
    return found
