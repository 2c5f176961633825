"""What the files of the kernel say, and what is taken where they are not there or say something else."""

from __future__ import annotations

import builtins
import io
from typing import Any

import pytest

from llm_service.watch.limits import links_are_unprotected, watch_limit


@pytest.fixture
def files(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Path -> content; there are no others."""
    found: dict[str, str] = {}

    def fake(path: str, *arguments: Any, encoding: str) -> io.StringIO:
        assert encoding == "ascii"
        if path not in found:
            raise FileNotFoundError(2, "No such file or directory")
        return io.StringIO(found[path])

    monkeypatch.setattr(builtins, "open", fake)
    return found


def test_the_number_of_watches_is_the_kernels(files: dict[str, str]) -> None:
    assert watch_limit() is None
    files["/proc/sys/fs/inotify/max_user_watches"] = "8192\n"
    assert watch_limit() == 8192
    files["/proc/sys/fs/inotify/max_user_watches"] = "many"
    assert watch_limit() is None


def test_links_are_unprotected_only_where_the_kernel_says_so(files: dict[str, str]) -> None:
    assert not links_are_unprotected()
    for content, expected in (("0\n", True), ("1\n", False), ("10\n", False)):
        files["/proc/sys/fs/protected_hardlinks"] = content
        assert links_are_unprotected() is expected
